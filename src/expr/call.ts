/**
 * Calls ⇒ closures. Functions that need the row (`now`), a constant compiled beforehand
 * (`regexp_extract`, LIKE) or laziness (`coalesce`, `if`, `nullif`) are made here; all others are
 * looked up by name and wrapped by their number of arguments.
 */
import { assert } from '../core/assert.ts';
import type { CallExpression, Expression } from '../ir/expression.ts';
import { isTruthy, valuesEqual } from '../model/value-equality.ts';
import { textOf } from '../model/value-text.ts';
import type { Value } from '../model/value.ts';
import type { CompileExpression } from './comparison.ts';
import type { EvalCounters, RowFunction } from './context.ts';
import type { FixedFunction, VariadicFunction } from './functions/contract.ts';
import { FIXED_FUNCTIONS, VARIADIC_FUNCTIONS } from './functions/table.ts';
import { compileLike } from './like.ts';
import type { LikeTest } from './like.ts';
import { compileRegex } from './regex.ts';

export function compileCall(
  call: CallExpression,
  counters: EvalCounters,
  compile: CompileExpression,
): RowFunction {
  const args = call.args.map((arg) => compile(arg, counters));
  const special = SPECIAL_CALLS.get(call.name);
  if (special !== undefined) return special(args, call.args, counters);
  const variadic = VARIADIC_FUNCTIONS.get(call.name);
  if (variadic !== undefined) return applyVariadic(variadic, args, counters);
  const fixed = FIXED_FUNCTIONS.get(call.name);
  assert(fixed !== undefined, () => `unvalidated function ${call.name}`);
  return applyFixed(fixed, args, counters);
}

type SpecialCall = (
  args: readonly RowFunction[],
  written: readonly Expression[],
  counters: EvalCounters,
) => RowFunction;

/** With {@link FIXED_FUNCTIONS} and {@link VARIADIC_FUNCTIONS}: every name of `ir/functions.ts`. */
export const SPECIAL_CALLS: ReadonlyMap<string, SpecialCall> = new Map<string, SpecialCall>([
  ['now', () => (row) => row.nowMs],
  ['tick', () => (row) => row.nowMs],
  ['event_time', () => (row) => row.timeMs],
  ['ingest_time', () => (row) => row.ingestMs],
  ['coalesce', coalesce],
  ['nullif', nullIf],
  ['if', conditional],
  ['like', (args, written, counters) => like(args, written[1], { counters, ignoreCase: false })],
  ['ilike', (args, written, counters) => like(args, written[1], { counters, ignoreCase: true })],
  ['regexp_extract', regexpExtract],
]);

function applyFixed(
  apply: FixedFunction,
  args: readonly RowFunction[],
  counters: EvalCounters,
): RowFunction {
  const [a, b, c] = args;
  if (a === undefined) return () => apply(counters, null, undefined, undefined);
  if (b === undefined) return (row) => apply(counters, a(row), undefined, undefined);
  if (c === undefined) return (row) => apply(counters, a(row), b(row), undefined);
  return (row) => apply(counters, a(row), b(row), c(row));
}

function applyVariadic(
  apply: VariadicFunction,
  args: readonly RowFunction[],
  counters: EvalCounters,
): RowFunction {
  // Filled anew for every row; no variadic function keeps or returns its argument list.
  const values: Value[] = args.map(() => null);
  return (row) => {
    for (let i = 0; i < args.length; i += 1) values[i] = args[i]!(row);
    return apply(counters, values);
  };
}

function coalesce(args: readonly RowFunction[]): RowFunction {
  return (row) => {
    for (let i = 0; i < args.length; i += 1) {
      const value = args[i]!(row);
      if (value !== null) return value;
    }
    return null;
  };
}

function nullIf(args: readonly RowFunction[]): RowFunction {
  const a = argument(args, 0);
  const b = argument(args, 1);
  return (row) => {
    const value = a(row);
    return valuesEqual(value, b(row)) ? null : value;
  };
}

function conditional(args: readonly RowFunction[]): RowFunction {
  const condition = argument(args, 0);
  const then = argument(args, 1);
  const otherwise = argument(args, 2);
  return (row) => (isTruthy(condition(row)) ? then(row) : otherwise(row));
}

/** A constant pattern is compiled once; one read from events is compiled when it changes. */
function like(
  args: readonly RowFunction[],
  written: Expression | undefined,
  options: { readonly counters: EvalCounters; readonly ignoreCase: boolean },
): RowFunction {
  const { counters, ignoreCase } = options;
  const x = argument(args, 0);
  const fixed = written?.op === 'literal' ? textOf(written.value) : null;
  const test = fixed === null ? null : compileLike(fixed, ignoreCase);
  if (test !== null) {
    return (row) => {
      const text = textOf(x(row));
      return text !== null && test(text);
    };
  }
  const pattern = argument(args, 1);
  let known: string | null = null;
  let knownTest: LikeTest | null = null;
  return (row) => {
    const text = textOf(x(row));
    const wanted = textOf(pattern(row));
    if (text === null || wanted === null) return false;
    if (wanted !== known) {
      known = wanted;
      knownTest = compileLike(wanted, ignoreCase);
    }
    if (knownTest !== null) return knownTest(text);
    counters.typeMismatches += 1;
    return false;
  };
}

function regexpExtract(
  args: readonly RowFunction[],
  written: readonly Expression[],
  counters: EvalCounters,
): RowFunction {
  const pattern = written[1]?.op === 'literal' ? written[1].value : null;
  assert(typeof pattern === 'string', () => 'regexp_extract needs a constant pattern');
  const regex = compileRegex(pattern);
  assert(regex.ok, () => `unchecked regular expression ${pattern}`);
  const { extract } = regex.value;
  const x = argument(args, 0);
  const group = args[2];
  return (row) => {
    const text = textOf(x(row));
    const wanted = group === undefined ? 0 : group(row);
    if (typeof wanted === 'number') return text === null ? null : extract(text, wanted);
    counters.typeMismatches += 1;
    return null;
  };
}

function argument(args: readonly RowFunction[], index: number): RowFunction {
  return args[index] ?? (() => null);
}
