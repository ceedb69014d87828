/**
 * LIKE: `%` is any text, `_` one character (code point), a backslash takes the next character as it
 * is (PostgreSQL's default escape). Patterns with `%` only at their ends are text search; the rest
 * runs the greedy two-pointer match, which needs at most |text| · |pattern| steps and no stack.
 */
import { DEFAULTS } from '../config.ts';

export type LikeTest = (text: string) => boolean;

/** Null if the pattern is too long. ILIKE compares lower-case forms. */
export function compileLike(pattern: string, ignoreCase: boolean): LikeTest | null {
  if (pattern.length > DEFAULTS.patternLengthMax) return null;
  const test = compileTokens(tokensOf(ignoreCase ? pattern.toLowerCase() : pattern));
  return ignoreCase ? (text) => test(text.toLowerCase()) : test;
}

const ANY_TEXT = 0;
const ONE_CHARACTER = 1;

/** A character (one code point), or one of the two wildcards. */
type Token = string | typeof ANY_TEXT | typeof ONE_CHARACTER;

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  let escaped = false;
  for (const character of pattern) {
    if (escaped || !'\\%_'.includes(character)) {
      tokens.push(character);
      escaped = false;
    } else if (character === '\\') {
      escaped = true;
    } else if (character === '_') {
      tokens.push(ONE_CHARACTER);
    } else if (tokens.at(-1) !== ANY_TEXT) {
      tokens.push(ANY_TEXT);
    }
  }
  if (escaped) tokens.push('\\');
  return tokens;
}

function compileTokens(tokens: readonly Token[]): LikeTest {
  const open = tokens[0] === ANY_TEXT;
  const close = tokens.length > 1 && tokens.at(-1) === ANY_TEXT;
  const middle = tokens.slice(open ? 1 : 0, close ? -1 : tokens.length);
  if (middle.some((token) => typeof token !== 'string')) return (text) => matches(tokens, text);
  const literal = middle.join('');
  if (open && (close || literal === '')) return (text) => text.includes(literal);
  if (open) return (text) => text.endsWith(literal);
  if (close) return (text) => text.startsWith(literal);
  return (text) => text === literal;
}

function matches(tokens: readonly Token[], text: string): boolean {
  let at = 0;
  let token = 0;
  let retryToken = -1;
  let retryAt = 0;
  while (at < text.length) {
    const expected = tokens[token];
    const width = widthAt(text, at);
    if (expected === ANY_TEXT) {
      token += 1;
      retryToken = token;
      retryAt = at;
    } else if (expected === ONE_CHARACTER || (expected !== undefined && isAt(text, at, expected))) {
      token += 1;
      at += width;
    } else if (retryToken >= 0) {
      // The last `%` takes one more character. Earlier ones never need to.
      retryAt += widthAt(text, retryAt);
      at = retryAt;
      token = retryToken;
    } else {
      return false;
    }
  }
  return token === tokens.length || (token === tokens.length - 1 && tokens[token] === ANY_TEXT);
}

function isAt(text: string, at: number, token: string | number): boolean {
  return typeof token === 'string' && text.startsWith(token, at);
}

function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
