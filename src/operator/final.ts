/**
 * The final stage: HAVING, arrangement, ORDER BY, LIMIT and the output columns, over the slot rows
 * of one window or running emission. Compiled once a query, run once a window; never per event.
 */
import { createEvalCounters, createRowContext } from '../expr/context.ts';
import type { EvalCounters, RowContext, RowFunction } from '../expr/context.ts';
import { compileExpression, compilePredicate } from '../expr/row.ts';
import type { FinalStage, OrderKey, OutputColumn } from '../ir/plan.ts';
import { groupKey } from '../model/group-key.ts';
import { compareTotal } from '../model/value-order.ts';
import { isObject } from '../model/value.ts';
import type { Value, ValueObject } from '../model/value.ts';

export type SlotRows = readonly (readonly Value[])[];

/** Slot rows in, finished rows out. The result is the caller's; the input is left as it was. */
export type Finish = (rows: SlotRows) => ValueObject[];

export function compileFinal(
  stage: FinalStage,
  counters: EvalCounters = createEvalCounters(),
): Finish {
  const context = createRowContext();
  const having = stage.having === null ? null : compilePredicate(stage.having, counters);
  const arrange = stage.arrangeBy.map((key) => compileExpression(key, counters));
  const order = stage.orderBy.map((key) => compileOrder(key, counters));
  const columns = stage.columns.map((column) => compileColumn(column, counters));
  const at = (slots: readonly Value[]): RowContext => {
    context.slots = slots;
    return context;
  };
  return (rows) => {
    let kept: SlotRows = having === null ? rows : rows.filter((slots) => having(at(slots)));
    if (order.length > 0) kept = ordered(kept, order, at);
    if (arrange.length > 0) kept = arranged(kept, arrange, at);
    if (stage.rowsMax !== null) kept = kept.slice(0, stage.rowsMax);
    return kept.map((slots) => output(columns, at(slots)));
  };
}

interface CompiledOrder {
  readonly read: RowFunction;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

function compileOrder(key: OrderKey, counters: EvalCounters): CompiledOrder {
  return {
    read: compileExpression(key.expression, counters),
    descending: key.descending,
    nullsFirst: key.nulls === 'first',
  };
}

/** Stable, and total over all values. */
function ordered(
  rows: SlotRows,
  order: readonly CompiledOrder[],
  at: (slots: readonly Value[]) => RowContext,
): SlotRows {
  const keyed = rows.map((slots) => ({
    slots,
    keys: order.map((key) => key.read(at(slots))),
  }));
  keyed.sort((a, b) => {
    for (let i = 0; i < order.length; i++) {
      const by = compareKeys(order[i]!, a.keys[i] ?? null, b.keys[i] ?? null);
      if (by !== 0) return by;
    }
    return 0;
  });
  return keyed.map((row) => row.slots);
}

function compareKeys(order: CompiledOrder, a: Value, b: Value): number {
  if (a === null || b === null) {
    if (a === b) return 0;
    return (a === null) === order.nullsFirst ? -1 : 1;
  }
  return order.descending ? compareTotal(b, a) : compareTotal(a, b);
}

/** Rows of one group side by side, groups in the order in which they were first seen. */
function arranged(
  rows: SlotRows,
  keys: readonly RowFunction[],
  at: (slots: readonly Value[]) => RowContext,
): SlotRows {
  const groups = new Map<string, (readonly Value[])[]>();
  for (const slots of rows) {
    const key = groupKey(keys.map((read) => read(at(slots))));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [slots]);
    else group.push(slots);
  }
  return [...groups.values()].flat();
}

interface CompiledColumn {
  readonly name: string;
  readonly spread: boolean;
  readonly role: OutputColumn['role'];
  readonly read: RowFunction;
}

function compileColumn(column: OutputColumn, counters: EvalCounters): CompiledColumn {
  const { name, spread, role, expression } = column;
  return { name, spread, role, read: compileExpression(expression, counters) };
}

/** Of two columns with one name the later wins. */
function output(columns: readonly CompiledColumn[], row: RowContext): ValueObject {
  const result: Record<string, Value> = {};
  for (const column of columns) {
    const value = column.read(row);
    if (!column.spread) setOwn(result, column.name, value);
    else if (isObject(value)) {
      for (const [key, member] of Object.entries(value)) setOwn(result, key, member);
    }
  }
  return result;
}

/** Field names come from events: `__proto__` is a name like any other. */
function setOwn(object: Record<string, Value>, key: string, value: Value): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true });
  } else object[key] = value;
}
