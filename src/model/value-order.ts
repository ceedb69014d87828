/**
 * Order of values. Two orders, one algorithm: {@link compareTotal} is total over all values (ORDER
 * BY, deterministic row order), {@link compareSameType} is partial (`<` and its kin). Strings go by
 * code points, which UTF-16 comparison gets wrong above U+FFFF. `compareTotal(a, b) === 0` holds
 * exactly when `valuesEqual(a, b)` does.
 */
import { canonicalText } from './value-text.ts';
import type { Value } from './value.ts';

export type TypeName = 'null' | 'boolean' | 'number' | 'string' | 'list' | 'object';

export function typeOf(value: Value): TypeName {
  if (value === null) return 'null';
  const type = typeof value;
  if (type === 'number' || type === 'string' || type === 'boolean') return type;
  return Array.isArray(value) ? 'list' : 'object';
}

/** ORDER BY, ascending: null < false < true < numbers < strings < lists and objects (by text). */
export function compareTotal(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  const rankA = rankOf(a);
  const rankB = rankOf(b);
  if (rankA !== rankB) return rankA - rankB;
  return rankA < RANK_STRUCTURE ? 0 : compareCodePoints(canonicalText(a), canonicalText(b));
}

/**
 * For `<`, `<=`, `>`, `>=`: negative, 0 or positive, and NaN when the two cannot be ordered
 * (different types, or a null), so that every comparison of the outcome with 0 is false.
 */
export function compareSameType(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  if (a === null || typeOf(a) !== typeOf(b)) return Number.NaN;
  return compareTotal(a, b);
}

/** Lexicographic by Unicode code points; a lone surrogate counts as its own code point. */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    return isSurrogate(x) || isSurrogate(y) ? compareAt(a, b, i) : x - y;
  }
  return a.length - b.length;
}

const RANK_STRUCTURE = 5;

function rankOf(value: Value): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 2 : 1;
  if (typeof value === 'number') return 3;
  return typeof value === 'string' ? 4 : RANK_STRUCTURE;
}

function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

/** Compares the code points that the first differing units (at `index`) belong to. */
function compareAt(a: string, b: string, index: number): number {
  const insidePair = index > 0 && isHighSurrogate(a.charCodeAt(index - 1));
  // Only a low surrogate completes the pair; backing up is harmless otherwise.
  const start = insidePair ? index - 1 : index;
  const x = a.codePointAt(start) ?? 0;
  const y = b.codePointAt(start) ?? 0;
  return x === y ? (a.codePointAt(index) ?? 0) - (b.codePointAt(index) ?? 0) : x - y;
}

function isSurrogate(unit: number): boolean {
  return (unit & 0xf800) === 0xd800;
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}
