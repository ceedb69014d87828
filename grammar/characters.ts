/**
 * Character classes of the lexer: letters and digits are Unicode's (L1), so offsets advance by
 * whole code points. ASCII is answered from comparisons; only the rest pays for a regular
 * expression.
 */

const LETTER = /^\p{L}$/u;
const DIGIT = /^\p{Nd}$/u;
const SPACE = /^\s$/u;

/** The code point at `offset`, or -1 at the end. */
export function codeAt(text: string, offset: number): number {
  return text.codePointAt(offset) ?? -1;
}

/** UTF-16 code units of a code point. */
export function widthOf(code: number): number {
  return code > 0xffff ? 2 : 1;
}

export function isLetter(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
  return LETTER.test(String.fromCodePoint(code));
}

/** ASCII digits only: what a number is written in. */
export function isAsciiDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** A letter, any Unicode decimal digit, or `_`: what a name goes on with. */
export function isWordPart(code: number): boolean {
  if (code < 128) return isLetter(code) || isAsciiDigit(code) || code === 95;
  const character = String.fromCodePoint(code);
  return LETTER.test(character) || DIGIT.test(character);
}

/** A letter, `_` or `@`: what a name starts with. */
export function isNameStart(code: number): boolean {
  return code === 95 || code === 64 || isLetter(code);
}

export function isSpace(code: number): boolean {
  if (code < 128) return code === 32 || (code >= 9 && code <= 13);
  return SPACE.test(String.fromCodePoint(code));
}

/** The end of the run of word characters at `offset`. */
export function wordEnd(text: string, offset: number): number {
  let end = offset;
  for (;;) {
    const code = codeAt(text, end);
    if (code < 0 || !isWordPart(code)) return end;
    end += widthOf(code);
  }
}

/**
 * The end of the name (L1) that starts at `offset`; the caller has checked {@link isNameStart}. A
 * part is one of `- : . @` in front of a word character, or `/` in front of a letter or `_`.
 */
export function nameEnd(text: string, offset: number): number {
  let end = wordEnd(text, offset + widthOf(codeAt(text, offset)));
  for (;;) {
    const joint = text.charCodeAt(end);
    const next = codeAt(text, end + 1);
    if (next < 0) return end;
    if (joint === 45 || joint === 58 || joint === 46 || joint === 64) {
      if (!isWordPart(next)) return end;
    } else if (joint === 47) {
      if (next !== 95 && !isLetter(next)) return end;
    } else {
      return end;
    }
    end = wordEnd(text, end + 1);
  }
}

/** Whether the whole of `text` is one name by L1. */
export function isPlainName(text: string): boolean {
  return isNameStart(codeAt(text, 0)) && nameEnd(text, 0) === text.length;
}
