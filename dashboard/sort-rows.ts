/**
 * Rows in the order of one column, as the language orders values: null, booleans, numbers, texts,
 * lists and objects.
 */
import type { Value, ValueObject } from '../src/model/value.ts';

export interface SortOrder {
  readonly column: string;
  readonly descending: boolean;
}

/** A new array; rows that compare equal keep their order. */
export function sortRows(rows: readonly ValueObject[], order: SortOrder): readonly ValueObject[] {
  const sign = order.descending ? -1 : 1;
  return rows.toSorted((a, b) => sign * compare(a[order.column] ?? null, b[order.column] ?? null));
}

function compare(a: Value, b: Value): number {
  const byKind = rankOf(a) - rankOf(b);
  if (byKind !== 0) return byKind;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const left = textOf(a);
  const right = textOf(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function rankOf(value: Value): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 2 : 1;
  if (typeof value === 'number') return 3;
  return typeof value === 'string' ? 4 : 5;
}

function textOf(value: Value): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
