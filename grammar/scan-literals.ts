/**
 * Scanners of literals: each takes the text and the offset at which its literal starts and gives
 * its value, its end, and at most one mistake. A broken literal still has an end and a value, so
 * that the parser sees a sensible token and one mistake is reported once.
 */
import type { DurationUnit } from './ast.ts';
import { codeAt, isAsciiDigit, isWordPart, widthOf, wordEnd } from './characters.ts';
import type { Span } from './span.ts';
import type { DurationValue } from './tokens.ts';

/** A lexical mistake; `diagnose.ts` has no part in these, the lexer words them itself. */
export interface LexicalMistake {
  readonly code: string;
  readonly message: string;
  readonly span: Span;
  readonly hint?: string;
  /** Text that could stand in place of the span. */
  readonly replacement?: string;
}

export interface Scan<Value> {
  readonly end: number;
  readonly value: Value;
  readonly mistake: LexicalMistake | null;
}

export const UNIT_MS: Readonly<Record<DurationUnit, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Text between two equal quotes, the doubled quote standing for itself (L4). */
export function scanQuoted(text: string, start: number): Scan<string> {
  const quote = text.charAt(start);
  let value = '';
  let from = start + 1;
  for (;;) {
    const close = text.indexOf(quote, from);
    if (close < 0) return unterminated(text, start, value + text.slice(from));
    value += text.slice(from, close);
    if (text.charAt(close + 1) !== quote) return { end: close + 1, value, mistake: null };
    value += quote;
    from = close + 2;
  }
}

function unterminated(text: string, start: number, value: string): Scan<string> {
  const quote = text.charAt(start);
  return {
    end: text.length,
    value,
    mistake: {
      code: 'MQL_UNTERMINATED',
      message: quote === '`' ? 'This back-quoted name has no end' : 'This string has no end',
      span: { start, end: text.length },
      hint: `Close it with ${quote}; inside, ${quote}${quote} stands for the quote itself`,
    },
  };
}

const NUMBER = /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const UNIT = /ms|[smhdw]/y;

/** A number, or a duration if a unit is glued to it (L5). */
export function scanNumber(text: string, start: number): Scan<number | DurationValue> {
  NUMBER.lastIndex = start;
  const digits = NUMBER.exec(text)?.[0] ?? '';
  const numberEnd = start + digits.length;
  UNIT.lastIndex = numberEnd;
  const unit = UNIT.exec(text)?.[0] ?? '';
  const unitEnd = numberEnd + unit.length;
  const amount = Number(digits);
  const value = unit === '' ? amount : durationOf(amount, unit as DurationUnit);
  if (isGlued(text, unitEnd)) return gluedNumber(text, start, amount);
  const finite = typeof value === 'number' ? value : value.valueMs;
  if (Number.isFinite(finite)) return { end: unitEnd, value, mistake: null };
  const mistake: LexicalMistake = {
    code: 'MQL_NUMBER',
    message: 'This number is too large',
    span: { start, end: unitEnd },
    hint: 'Numbers are IEEE doubles, up to about 1.8e308',
  };
  return { end: unitEnd, value: 0, mistake };
}

export function durationOf(amount: number, unit: DurationUnit): DurationValue {
  return { amount, unit, valueMs: amount * UNIT_MS[unit] };
}

/** Whether something follows that cannot follow a number: a letter, a digit, `_`, `@`, `.`. */
function isGlued(text: string, end: number): boolean {
  const code = codeAt(text, end);
  return code >= 0 && (code === 46 || code === 64 || isWordPart(code));
}

function gluedNumber(text: string, start: number, amount: number): Scan<number> {
  let end = start;
  while (isGlued(text, end)) end += widthOf(codeAt(text, end));
  const image = text.slice(start, end);
  const mistake: LexicalMistake = {
    code: 'MQL_NUMBER',
    message: `\`${clip(image)}\` is neither a number nor a name`,
    span: { start, end },
    hint: 'A name that starts with a digit needs back-quotes; units are ms, s, m, h, d, w',
    replacement: quoteName(image),
  };
  return { end, value: Number.isFinite(amount) ? amount : 0, mistake };
}

/** A pattern between slashes on one line; `\/` is a slash (L7). */
export function scanRegex(text: string, start: number): Scan<string> {
  let value = '';
  let offset = start + 1;
  for (;;) {
    const character = text.charAt(offset);
    if (character === '' || character === '\n' || character === '\r') {
      return unterminatedRegex(start, offset, value);
    }
    if (character === '/') return gluedRegex(text, offset + 1, value);
    const next = text.charAt(offset + 1);
    if (character === '\\' && next !== '' && next !== '\n' && next !== '\r') {
      value += next === '/' ? '/' : character + next;
      offset += 2;
    } else {
      value += character;
      offset++;
    }
  }
}

function unterminatedRegex(start: number, end: number, value: string): Scan<string> {
  const mistake: LexicalMistake = {
    code: 'MQL_UNTERMINATED',
    message: 'This regular expression has no end on its line',
    span: { start, end },
    hint: 'Close it with /; a slash inside is written \\/',
  };
  return { end, value, mistake };
}

function gluedRegex(text: string, close: number, value: string): Scan<string> {
  let end = close;
  for (;;) {
    const code = codeAt(text, end);
    if (code < 0 || (code !== 47 && !isWordPart(code))) break;
    end += widthOf(code);
  }
  if (end === close) return { end, value, mistake: null };
  const mistake: LexicalMistake = {
    code: 'MQL_REGEX',
    message: `\`${clip(text.slice(close, end))}\` cannot follow a regular expression`,
    span: { start: close, end },
    hint: 'A slash inside is written \\/, and flags go inside: /(?i)…/',
  };
  return { end, value, mistake };
}

/** `$name` (L9). */
export function scanParameter(text: string, start: number): Scan<string> {
  const first = codeAt(text, start + 1);
  const valid = first >= 0 && isWordPart(first) && !isDigitCode(first);
  const end = wordEnd(text, start + 1);
  const value = text.slice(start + 1, end);
  if (valid) return { end, value, mistake: null };
  const mistake: LexicalMistake = {
    code: 'MQL_PARAMETER',
    message: 'A parameter is `$` and a name',
    span: { start, end },
    hint: 'Write it like $threshold: a letter or _ first, then letters, digits and _',
  };
  return { end, value: value === '' ? '_' : value, mistake };
}

function isDigitCode(code: number): boolean {
  return isAsciiDigit(code) || /^\p{Nd}$/u.test(String.fromCodePoint(code));
}

/** The text in back-quotes. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A text short enough to quote in a message. */
export function clip(text: string, max = 40): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
