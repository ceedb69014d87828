/**
 * Equality, order and text in their plainest form: the oracle's own reading of section "Values and
 * comparison" of docs/language.md. Shares no code with `model/value-*.ts`.
 */
import type { Value, ValueObject } from '../model/value.ts';

export function isTrue(value: Value): boolean {
  return !(value === null || value === false);
}

export function kindOf(value: Value): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

export function equal(a: Value, b: Value): boolean {
  if (kindOf(a) !== kindOf(b)) return false;
  if (kindOf(a) === 'list') {
    const [x, y] = [a as readonly Value[], b as readonly Value[]];
    return x.length === y.length && x.every((member, i) => equal(member, y[i] ?? null));
  }
  if (kindOf(a) !== 'object') return a === b;
  const [x, y] = [withoutNulls(a as ValueObject), withoutNulls(b as ValueObject)];
  return x.size === y.size && [...x].every(([key, value]) => equal(value, y.get(key) ?? null));
}

/** ORDER BY, ascending. */
export function compare(a: Value, b: Value): number {
  const [x, y] = [rank(a), rank(b)];
  if (x !== y) return x - y;
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return typeof a === 'object' && a !== null ? compareText(sortedText(a), sortedText(b)) : 0;
}

export function compareText(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i += 1) {
    const by = (x[i]?.codePointAt(0) ?? 0) - (y[i]?.codePointAt(0) ?? 0);
    if (by !== 0) return by;
  }
  return x.length - y.length;
}

export function text(value: Value): string | null {
  if (value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Equal for equal values only; objects' keys sorted, null members left out. */
export function sortedText(value: Value): string {
  if (Array.isArray(value)) return `[${value.map((member) => sortedText(member)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = [...withoutNulls(value as ValueObject)].sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = members.map(([key, member]) => `${JSON.stringify(key)}:${sortedText(member)}`);
  return `{${texts.join(',')}}`;
}

function withoutNulls(object: ValueObject): Map<string, Value> {
  return new Map(Object.entries(object).filter(([, member]) => member !== null));
}

function rank(value: Value): number {
  if (typeof value === 'boolean') return value ? 2 : 1;
  return { null: 0, number: 3, string: 4 }[kindOf(value)] ?? 5;
}
