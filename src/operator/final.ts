/**
 * The last stage, over the slot rows of one window or emission: HAVING, arrangement by group, ORDER
 * BY, LIMIT, output columns. Rows are few here, so it runs closures row by row.
 */
import { createEvalCounters, createRowContext } from '../expr/context.ts';
import type { EvalCounters, RowContext, RowFunction } from '../expr/context.ts';
import { compileExpression, compilePredicate } from '../expr/row.ts';
import type { FinalStage, OrderKey, OutputColumn } from '../ir/plan.ts';
import { groupKey } from '../model/group-key.ts';
import { compareTotal } from '../model/value-order.ts';
import { isObject } from '../model/value.ts';
import type { Value, ValueObject } from '../model/value.ts';

type Slots = readonly Value[];
export type SlotRows = readonly Slots[];
type RowsStep = (rows: SlotRows) => SlotRows;

/** Slot rows in, finished rows out. The result is the caller's; the input is left as it was. */
export type Finish = (rows: SlotRows) => ValueObject[];

/** Problems that evaluation meets are counted in `counters`. */
export function compileFinal(
  stage: FinalStage,
  counters: EvalCounters = createEvalCounters(),
): Finish {
  const row = createRowContext();
  const having = havingStep(stage, row, counters);
  const order = orderStep(stage.orderBy, row, counters);
  const arrange = arrangeStep(stage, row, counters, order);
  const columns = stage.columns.map((column) => columnWriter(column, counters));
  return (rows) => {
    const arranged = arrange(having(rows));
    const kept = stage.rowsMax === null ? arranged : arranged.slice(0, stage.rowsMax);
    return kept.map((slots) => {
      row.slots = slots;
      const output: [string, Value][] = [];
      for (const write of columns) write(row, output);
      // Later entries win, and Object.fromEntries defines own properties: `__proto__` stays a key.
      return Object.fromEntries(output);
    });
  };
}

function havingStep(stage: FinalStage, row: RowContext, counters: EvalCounters): RowsStep {
  if (stage.having === null) return (rows) => rows;
  const holds = compilePredicate(stage.having, counters);
  return (rows) =>
    rows.filter((slots) => {
      row.slots = slots;
      return holds(row);
    });
}

/** Groups in order of their first row; each ordered inside. */
function arrangeStep(
  stage: FinalStage,
  row: RowContext,
  counters: EvalCounters,
  order: RowsStep,
): RowsStep {
  if (stage.arrangeBy.length === 0) return order;
  const keys = stage.arrangeBy.map((key) => compileExpression(key, counters));
  return (rows) => {
    const groups = new Map<string, Slots[]>();
    for (const slots of rows) {
      row.slots = slots;
      const name = groupKey(keys.map((key) => key(row)));
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [slots]);
      else group.push(slots);
    }
    return [...groups.values()].flatMap(order);
  };
}

interface Sortable {
  readonly slots: Slots;
  readonly keys: readonly Value[];
}

/** Keys are evaluated once a row and not once a comparison. */
function orderStep(
  orderBy: readonly OrderKey[],
  row: RowContext,
  counters: EvalCounters,
): RowsStep {
  if (orderBy.length === 0) return (rows) => rows;
  const read: RowFunction[] = orderBy.map((key) => compileExpression(key.expression, counters));
  return (rows) => {
    const sortable = rows.map((slots): Sortable => {
      row.slots = slots;
      return { slots, keys: read.map((key) => key(row)) };
    });
    return sortable.sort((a, b) => compareKeys(orderBy, a, b)).map(({ slots }) => slots);
  };
}

function compareKeys(orderBy: readonly OrderKey[], a: Sortable, b: Sortable): number {
  for (let i = 0; i < orderBy.length; i++) {
    const order = compareKey(orderBy[i]!, a.keys[i] ?? null, b.keys[i] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

function compareKey(key: OrderKey, a: Value, b: Value): number {
  if (a === null || b === null) {
    if (a === b) return 0;
    return (a === null) === (key.nulls === 'first') ? -1 : 1;
  }
  return key.descending ? compareTotal(b, a) : compareTotal(a, b);
}

type ColumnWriter = (row: RowContext, output: [string, Value][]) => void;

function columnWriter(column: OutputColumn, counters: EvalCounters): ColumnWriter {
  const read = compileExpression(column.expression, counters);
  if (!column.spread) return (row, output) => void output.push([column.name, read(row)]);
  return (row, output) => {
    const value = read(row);
    if (isObject(value)) output.push(...Object.entries(value));
  };
}
