/**
 * Compares rows as users would: missing columns are null, numbers may differ by rounding, lists of
 * `list…` columns have no order. Says what differs, in words.
 */
import { canonicalText } from '../../src/model/value-text.ts';
import { isObject } from '../../src/model/value.ts';
import type { Value, ValueObject } from '../../src/model/value.ts';

const RELATIVE_ERROR = 1e-9;
/** What may be left where numbers cancel out. */
const ABSOLUTE_ERROR = 1e-12;

export interface RowComparison {
  readonly ordered: boolean;
}

/** Null: no difference. */
export function rowsDiffer(
  actual: readonly ValueObject[],
  wanted: readonly ValueObject[],
  { ordered }: RowComparison,
): string | null {
  const [a, b] = ordered ? [actual, wanted] : [sorted(actual), sorted(wanted)];
  const show = (rows: readonly ValueObject[]): string => rows.map(canonicalText).join('\n    ');
  const both = `\n  engine:\n    ${show(a)}\n  oracle:\n    ${show(b)}`;
  if (a.length !== b.length) return `${a.length} rows, wanted ${b.length}${both}`;
  for (const [i, row] of a.entries()) {
    const column = differingColumn(row, b[i]!);
    if (column !== null) return `row ${i}, column ${column}${both}`;
  }
  return null;
}

function differingColumn(actual: ValueObject, wanted: ValueObject): string | null {
  const names = new Set([...Object.keys(actual), ...Object.keys(wanted)]);
  for (const name of names) {
    const [a, b] = [memberOf(actual, name), memberOf(wanted, name)];
    const unordered = name.startsWith('list') && Array.isArray(a) && Array.isArray(b);
    const same = unordered ? isSame(inOrder(a), inOrder(b)) : isSame(a, b);
    if (!same) return name;
  }
  return null;
}

function memberOf(row: ValueObject, name: string): Value {
  return Object.hasOwn(row, name) ? (row[name] ?? null) : null;
}

function isSame(a: Value, b: Value): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    const relative = RELATIVE_ERROR * Math.max(Math.abs(a), Math.abs(b));
    return a === b || Math.abs(a - b) <= Math.max(relative, ABSOLUTE_ERROR);
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    const other = b as readonly Value[];
    return a.length === b.length && a.every((member: Value, i) => isSame(member, other[i] ?? null));
  }
  if (isObject(a) && isObject(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].every((name) => isSame(memberOf(a, name), memberOf(b, name)));
  }
  return a === b;
}

function inOrder(list: Value): Value {
  return (list as readonly Value[]).toSorted((a, b) => byText(canonicalText(a), canonicalText(b)));
}

function sorted(rows: readonly ValueObject[]): readonly ValueObject[] {
  return rows.toSorted((a, b) => byText(canonicalText(a), canonicalText(b)));
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
