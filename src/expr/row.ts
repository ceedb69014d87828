/**
 * Expressions ⇒ closures over one event, compiled once a query and run per event at agents, per
 * row at the final stage. Closures allocate nothing on the common paths, never throw, and count
 * problems in the {@link EvalCounters} given at compile time.
 * Bench: bench/micro/predicate.bench.ts.
 */
import { assert, unreachable } from '../core/assert.ts';
import type { Expression, SomeExpression } from '../ir/expression.ts';
import { compilePath, elementsOf } from '../ir/path.ts';
import { isTruthy, valuesEqual } from '../model/value-equality.ts';
import { textOf } from '../model/value-text.ts';
import type { Value } from '../model/value.ts';
import { compileCall } from './call.ts';
import { compileComparison } from './comparison.ts';
import type { EvalCounters, RowFunction, RowPredicate } from './context.ts';
import { compileRegex } from './regex.ts';

/** @throws Defect for what `ir/validate.ts` and `checkPatterns` refuse. */
export function compileExpression(expression: Expression, counters: EvalCounters): RowFunction {
  switch (expression.op) {
    case 'literal':
      return constant(expression.value);
    case 'field': {
      if (counters.readField !== undefined) return counters.readField(expression.path);
      const read = compilePath(expression.path);
      return (row) => read(row.event);
    }
    case 'element': {
      const { id } = expression;
      const read = compilePath(expression.path);
      return (row) => read(row.elements[id] ?? null);
    }
    case 'slot': {
      const { index } = expression;
      return (row) => row.slots[index] ?? null;
    }
    case 'call':
      return (
        compileComparison(expression, counters, compileExpression) ??
        compileCall(expression, counters, compileExpression)
      );
    case 'case':
      return compileCase(expression, counters);
    case 'and':
    case 'or':
    case 'not':
    case 'match':
    case 'in':
    case 'some':
      return compilePredicate(expression, counters);
    default:
      return unreachable(expression);
  }
}

/** Truth of an expression: null and false are false, everything else is true. */
export function compilePredicate(expression: Expression, counters: EvalCounters): RowPredicate {
  switch (expression.op) {
    case 'and':
      return conjunction(expression.args.map((arg) => compilePredicate(arg, counters)));
    case 'or':
      return disjunction(expression.args.map((arg) => compilePredicate(arg, counters)));
    case 'not': {
      const arg = compilePredicate(expression.arg, counters);
      return (row) => !arg(row);
    }
    case 'match':
      return compileMatch(expression, counters);
    case 'in':
      return compileIn(expression, counters);
    case 'some':
      return compileSome(expression, counters);
    case 'call': {
      const comparison = compileComparison(expression, counters, compileExpression);
      return comparison ?? truthOf(compileExpression(expression, counters));
    }
    default:
      return truthOf(compileExpression(expression, counters));
  }
}

function constant(value: Value): RowFunction {
  return () => value;
}

function truthOf(read: RowFunction): RowPredicate {
  return (row) => isTruthy(read(row));
}

function conjunction(args: readonly RowPredicate[]): RowPredicate {
  const [first, second] = args;
  if (args.length === 2 && first !== undefined && second !== undefined) {
    return (row) => first(row) && second(row);
  }
  return (row) => {
    for (let i = 0; i < args.length; i += 1) if (!args[i]!(row)) return false;
    return true;
  };
}

function disjunction(args: readonly RowPredicate[]): RowPredicate {
  const [first, second] = args;
  if (args.length === 2 && first !== undefined && second !== undefined) {
    return (row) => first(row) || second(row);
  }
  return (row) => {
    for (let i = 0; i < args.length; i += 1) if (args[i]!(row)) return true;
    return false;
  };
}

function compileMatch(
  expression: Expression & { readonly op: 'match' },
  counters: EvalCounters,
): RowPredicate {
  const regex = compileRegex(expression.pattern);
  assert(regex.ok, () => `unchecked regular expression ${expression.pattern}`);
  const test = expression.mode === 'full' ? regex.value.full : regex.value.find;
  const read = compileExpression(expression.arg, counters);
  return (row) => {
    const text = textOf(read(row));
    return text !== null && test(text);
  };
}

/** Lists of scalar literals are a set; numbers and strings never meet in one. */
function compileIn(
  expression: Expression & { readonly op: 'in' },
  counters: EvalCounters,
): RowPredicate {
  const read = compileExpression(expression.arg, counters);
  const scalars = scalarLiterals(expression.list);
  if (scalars !== null) return (row) => scalars.has(read(row));
  const list = expression.list.map((member) => compileExpression(member, counters));
  return (row) => {
    const value = read(row);
    for (let i = 0; i < list.length; i += 1) if (valuesEqual(value, list[i]!(row))) return true;
    return false;
  };
}

/** A Set compares as `=` does on scalars: 0 and −0 are one member, types never mix. */
export function scalarLiterals(list: readonly Expression[]): ReadonlySet<Value> | null {
  const members = new Set<Value>();
  for (const member of list) {
    if (member.op !== 'literal') return null;
    if (typeof member.value === 'object' && member.value !== null) return null;
    members.add(member.value);
  }
  return members;
}

function compileCase(
  expression: Expression & { readonly op: 'case' },
  counters: EvalCounters,
): RowFunction {
  const whens = expression.branches.map((branch) => compilePredicate(branch.when, counters));
  const thens = expression.branches.map((branch) => compileExpression(branch.then, counters));
  const otherwise = compileExpression(expression.otherwise, counters);
  return (row) => {
    for (let i = 0; i < whens.length; i += 1) if (whens[i]!(row)) return thens[i]!(row);
    return otherwise(row);
  };
}

function compileSome(expression: SomeExpression, counters: EvalCounters): RowPredicate {
  const { id } = expression;
  const over = compileExpression(expression.over, counters);
  const condition = compilePredicate(expression.condition, counters);
  return (row) => {
    const elements = elementsOf(over(row));
    for (let i = 0; i < elements.length; i += 1) {
      row.elements[id] = elements[i] ?? null;
      if (condition(row)) return true;
    }
    return false;
  };
}
