/**
 * Comparisons, the most frequent calls, compiled to predicates. Comparing with a constant number or
 * string gets a closure of its own, so that the common filter is a read, a type test and a compare.
 */
import type { CallExpression, Expression } from '../ir/expression.ts';
import { valuesEqual } from '../model/value-equality.ts';
import type { EvalCounters, RowFunction, RowPredicate } from './context.ts';
import { orderOf } from './functions/compare.ts';

export type CompileExpression = (expression: Expression, counters: EvalCounters) => RowFunction;

/** Null if the call is no comparison. */
export function compileComparison(
  call: CallExpression,
  counters: EvalCounters,
  compile: CompileExpression,
): RowPredicate | null {
  const [left, right] = call.args;
  if (left === undefined || right === undefined || !COMPARISONS.has(call.name)) return null;
  const a = compile(left, counters);
  const b = compile(right, counters);
  if (call.name === 'eq') return equality(a, b, right);
  if (call.name === 'ne') {
    const equal = equality(a, b, right);
    return (row) => !equal(row);
  }
  if (right.op === 'literal' && typeof right.value === 'number') {
    return orderToNumber(call.name, a, right.value, counters);
  }
  return order(call.name, a, b, counters);
}

const COMPARISONS: ReadonlySet<string> = new Set(['eq', 'ne', 'lt', 'le', 'gt', 'ge']);

function equality(a: RowFunction, b: RowFunction, right: Expression): RowPredicate {
  if (right.op === 'literal' && (typeof right.value !== 'object' || right.value === null)) {
    // A scalar equals what `===` says: numbers as numbers, null with null.
    const { value } = right;
    return (row) => a(row) === value;
  }
  return (row) => valuesEqual(a(row), b(row));
}

function orderToNumber(
  name: string,
  a: RowFunction,
  bound: number,
  counters: EvalCounters,
): RowPredicate {
  const numberOf = (value: unknown): number => {
    if (typeof value === 'number') return value;
    counters.typeMismatches += 1;
    return Number.NaN;
  };
  switch (name) {
    case 'lt':
      return (row) => numberOf(a(row)) < bound;
    case 'le':
      return (row) => numberOf(a(row)) <= bound;
    case 'gt':
      return (row) => numberOf(a(row)) > bound;
    default:
      return (row) => numberOf(a(row)) >= bound;
  }
}

function order(name: string, a: RowFunction, b: RowFunction, counters: EvalCounters): RowPredicate {
  switch (name) {
    case 'lt':
      return (row) => orderOf(counters, a(row), b(row)) < 0;
    case 'le':
      return (row) => orderOf(counters, a(row), b(row)) <= 0;
    case 'gt':
      return (row) => orderOf(counters, a(row), b(row)) > 0;
    default:
      return (row) => orderOf(counters, a(row), b(row)) >= 0;
  }
}
