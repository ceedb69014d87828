/**
 * The final stage in its plainest form: HAVING, ORDER BY, arrangement, LIMIT and the output columns
 * over the slot rows of one window.
 */
import type { FinalStage, OrderKey, OutputColumn } from '../ir/plan.ts';
import type { Expression } from '../ir/expression.ts';
import type { Value, ValueObject } from '../model/value.ts';
import { compare, isTrue, sortedText } from './reference-values.ts';

export type Slots = readonly Value[];

/** Evaluates an expression over slots. */
export type ReadSlots = (expression: Expression, slots: Slots) => Value;

export function finishRows(
  stage: FinalStage,
  rows: readonly Slots[],
  read: ReadSlots,
): ValueObject[] {
  const { having, orderBy, arrangeBy, rowsMax } = stage;
  let kept = rows.filter((slots) => having === null || isTrue(read(having, slots)));
  const names = kept.map((slots) => sortedText(arrangeBy.map((key) => read(key, slots))));
  const groups = [...new Set(names)].map((name) => kept.filter((_, row) => names[row] === name));
  kept = groups.flatMap((group) => group.toSorted((a, b) => compareRows(orderBy, a, b, read)));
  if (rowsMax !== null) kept = kept.slice(0, rowsMax);
  return kept.map((slots) =>
    Object.fromEntries(stage.columns.flatMap((c) => cells(c, slots, read))),
  );
}

function compareRows(keys: readonly OrderKey[], a: Slots, b: Slots, read: ReadSlots): number {
  for (const { expression, descending, nulls } of keys) {
    const [x, y] = [read(expression, a), read(expression, b)];
    if (x === null && y === null) continue;
    if (x === null) return nulls === 'first' ? -1 : 1;
    if (y === null) return nulls === 'first' ? 1 : -1;
    const by = compare(x, y);
    if (by !== 0) return descending ? -by : by;
  }
  return 0;
}

function cells(column: OutputColumn, slots: Slots, read: ReadSlots): [string, Value][] {
  const value = read(column.expression, slots);
  if (!column.spread) return [[column.name, value]];
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
  return Object.entries(value);
}
