/**
 * Predicates over one field that have a loop of their own where the field is a column of numbers:
 * comparison with a number, IN over numbers, IS NULL, and the bare field.
 */
import type { EvalCounters } from '../expr/context.ts';
import type { CallExpression, Expression } from '../ir/expression.ts';
import { COMPARE_LOOPS, countNulls, MIRRORED, selectAmong } from './compare-loops.ts';
import type { Comparison, NumberColumnValues } from './compare-loops.ts';

export type NumberSelect = (
  values: NumberColumnValues,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
) => number;

/** Null: no such shape. The expression reads a single field. */
export function numberSelect(expression: Expression, counters: EvalCounters): NumberSelect | null {
  if (expression.op === 'field') return selectPresent;
  if (expression.op === 'in') return amongSelect(expression.arg, expression.list);
  if (expression.op !== 'call') return null;
  return nullSelect(expression) ?? comparisonSelect(expression, counters);
}

function nullSelect({ name, args }: CallExpression): NumberSelect | null {
  if (args[0]?.op !== 'field') return null;
  if (name === 'exists') return selectPresent;
  return name === 'is_null' ? selectNull : null;
}

function comparisonSelect(
  { name, args }: CallExpression,
  counters: EvalCounters,
): NumberSelect | null {
  const [a, b] = args;
  if (!isComparison(name)) return null;
  if (a?.op === 'field' && b?.op === 'literal') return compareSelect(name, b.value, counters);
  if (b?.op === 'field' && a?.op === 'literal') {
    return compareSelect(MIRRORED[name], a.value, counters);
  }
  return null;
}

export function isComparison(name: string): name is Comparison {
  return Object.hasOwn(COMPARE_LOOPS, name);
}

function compareSelect(
  comparison: Comparison,
  constant: unknown,
  counters: EvalCounters,
): NumberSelect | null {
  if (typeof constant !== 'number') return null;
  const loop = COMPARE_LOOPS[comparison];
  if (comparison === 'eq' || comparison === 'ne') {
    return (values, rows, n, out) => loop(values, constant, rows, n, out);
  }
  return (values, rows, n, out) => {
    if (values instanceof Float64Array) counters.typeMismatches += countNulls(values, rows, n);
    return loop(values, constant, rows, n, out);
  };
}

function amongSelect(arg: Expression, list: readonly Expression[]): NumberSelect | null {
  if (arg.op !== 'field') return null;
  const constants: number[] = [];
  for (const item of list) {
    if (item.op !== 'literal' || typeof item.value !== 'number') return null;
    constants.push(item.value);
  }
  const among = Float64Array.from(constants);
  return (values, rows, n, out) => selectAmong(values, among, rows, n, out);
}

function selectPresent(
  values: NumberColumnValues,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    out[kept] = row;
    kept += Number.isNaN(values[row]!) ? 0 : 1;
  }
  return kept;
}

function selectNull(
  values: NumberColumnValues,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    out[kept] = row;
    kept += Number.isNaN(values[row]!) ? 1 : 0;
  }
  return kept;
}
