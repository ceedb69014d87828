/**
 * The part of RE2's syntax that ECMAScript's RegExp understands the same way, rewritten so that it
 * does. Everything outside is left to re2js. Both must agree on texts without surrogates (the
 * rewritten pattern counts UTF-16 units), which the caller sees to; a law fuzzes them against
 * each other.
 *
 * Rewritten: `.` is any unit, `\s` is RE2's (no vertical tab, no Unicode spaces). Refused: flags,
 * named groups, Unicode and POSIX classes, look-around, octal and hexadecimal escapes, `{` as a
 * character, characters above U+FFFF.
 */

/** The ECMAScript source (without flags), or null if the pattern is outside the common part. */
export function nativeSource(pattern: string): string | null {
  let source = '';
  let at = 0;
  while (at < pattern.length) {
    const piece = nextPiece(pattern, at);
    if (piece === null) return null;
    source += piece.source;
    at = piece.end;
  }
  return source;
}

/** The text that a pattern without any operator stands for, else null. */
export function literalText(pattern: string): string | null {
  let text = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    if (character === '\\') {
      at += 1;
      if (!PUNCTUATION.test(pattern.charAt(at))) return null;
      text += pattern.charAt(at);
    } else if (OPERATORS.includes(character)) {
      return null;
    } else {
      text += character;
    }
  }
  return text;
}

interface Piece {
  readonly source: string;
  /** Offset in the pattern after the piece. */
  readonly end: number;
}

const OPERATORS = '\\.^$|?*+()[]{}';
const PUNCTUATION = /^[!-/:-@[-`{-~]$/;
const COUNT = /\{[0-9]{1,4}(?:,(?:[0-9]{1,4})?)?\}/y;
const SPACES = '\\t\\n\\f\\r ';

const ESCAPES: Readonly<Record<string, string>> = {
  d: '\\d',
  D: '\\D',
  w: '\\w',
  W: '\\W',
  b: '\\b',
  B: '\\B',
  s: `[${SPACES}]`,
  S: `[^${SPACES}]`,
  n: '\\n',
  t: '\\t',
  r: '\\r',
  f: '\\f',
  v: '\\v',
};

const CLASS_ESCAPES: Readonly<Record<string, string>> = {
  d: '\\d',
  w: '\\w',
  s: SPACES,
  n: '\\n',
  t: '\\t',
  r: '\\r',
  f: '\\f',
  v: '\\v',
};

function nextPiece(pattern: string, at: number): Piece | null {
  const character = pattern.charAt(at);
  switch (character) {
    case '\\':
      return escapePiece(pattern, at);
    case '[':
      return classPiece(pattern, at);
    case '.':
      return { source: '[^]', end: at + 1 };
    case '(':
      return groupPiece(pattern, at);
    case '{':
      return countPiece(pattern, at);
    case '}':
    case ']':
      return null;
    default:
      return isSurrogate(character) ? null : { source: character, end: at + 1 };
  }
}

function escapePiece(pattern: string, at: number): Piece | null {
  const next = pattern.charAt(at + 1);
  const known = Object.hasOwn(ESCAPES, next) ? ESCAPES[next] : undefined;
  if (known !== undefined) return { source: known, end: at + 2 };
  return PUNCTUATION.test(next) ? { source: `\\${next}`, end: at + 2 } : null;
}

function groupPiece(pattern: string, at: number): Piece | null {
  if (pattern.charAt(at + 1) !== '?') return { source: '(?:', end: at + 1 };
  return pattern.charAt(at + 2) === ':' ? { source: '(?:', end: at + 3 } : null;
}

function countPiece(pattern: string, at: number): Piece | null {
  COUNT.lastIndex = at;
  const found = COUNT.exec(pattern);
  return found === null ? null : { source: found[0], end: at + found[0].length };
}

function classPiece(pattern: string, at: number): Piece | null {
  let source = '[';
  let i = at + 1;
  if (pattern.charAt(i) === '^') {
    source += '^';
    i += 1;
  }
  // RE2 takes a leading `]` for a member, ECMAScript for the end.
  if (pattern.charAt(i) === ']') return null;
  for (; i < pattern.length; i += 1) {
    const character = pattern.charAt(i);
    if (character === ']') return { source: `${source}]`, end: i + 1 };
    if (character === '[' || isSurrogate(character)) return null;
    if (character !== '\\') {
      source += character;
      continue;
    }
    i += 1;
    const member = classEscape(pattern, i);
    if (member === null) return null;
    source += member;
  }
  return null;
}

/** A class such as `\d` beside a `-` would mean different things, so that is refused. */
function classEscape(pattern: string, at: number): string | null {
  const next = pattern.charAt(at);
  if (PUNCTUATION.test(next)) return `\\${next}`;
  const known = Object.hasOwn(CLASS_ESCAPES, next) ? CLASS_ESCAPES[next] : undefined;
  if (known === undefined) return null;
  const isClass = next === 'd' || next === 'w' || next === 's';
  const besideDash = pattern.charAt(at + 1) === '-' || pattern.charAt(at - 2) === '-';
  return isClass && besideDash ? null : known;
}

function isSurrogate(character: string): boolean {
  return (character.charCodeAt(0) & 0xf800) === 0xd800;
}
