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

/**
 * Slot rows in, finished rows out, each behind the members of `head`. The result is the caller's;
 * the input is left as it was.
 */
export type Finish = (rows: SlotRows, head?: ValueObject) => ValueObject[];

/** Problems that evaluation meets are counted in `counters`. */
export function compileFinal(
  stage: FinalStage,
  counters: EvalCounters = createEvalCounters(),
): Finish {
  const row = createRowContext();
  const having = havingStep(stage, row, counters);
  const order = orderStep(stage.orderBy, row, counters);
  const arrange = arrangeStep(stage, row, counters, order);
  const write = rowWriter(stage.columns, counters);
  return (rows, head = NO_HEAD) => {
    const arranged = arrange(having(rows));
    const kept = stage.rowsMax === null ? arranged : arranged.slice(0, stage.rowsMax);
    return kept.map((slots) => {
      row.slots = slots;
      return write(row, head);
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

const NO_HEAD: ValueObject = {};

type RowWriter = (row: RowContext, head: ValueObject) => ValueObject;

/** Of columns with the same name the later wins, and each wins over the head. */
function rowWriter(columns: readonly OutputColumn[], counters: EvalCounters): RowWriter {
  if (columns.some(({ name, spread }) => spread || name === '__proto__')) {
    const writers = columns.map((column) => columnWriter(column, counters));
    return (row, head) => {
      const output = Object.entries(head);
      for (const write of writers) write(row, output);
      // Object.fromEntries defines own properties: `__proto__` stays a key.
      return Object.fromEntries(output);
    };
  }
  const names = columns.map(({ name }) => name);
  const reads = columns.map(({ expression }) => compileExpression(expression, counters));
  return (row, head) => {
    // A spread that is added to afterwards has a shape of its own each time.
    const output: Record<string, Value> = Object.assign({}, head);
    for (let i = 0; i < names.length; i++) output[names[i]!] = reads[i]!(row);
    return output;
  };
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
