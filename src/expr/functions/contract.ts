/**
 * The shape of scalar functions: pure over values, never throwing. Absent optional arguments are
 * `undefined`, which is not the same as a null argument. Problems are counted in the first
 * argument.
 */
import type { Value } from '../../model/value.ts';
import type { EvalCounters } from '../context.ts';

export type FixedFunction = (
  counters: EvalCounters,
  a: Value,
  b: Value | undefined,
  c: Value | undefined,
) => Value;
export type VariadicFunction = (counters: EvalCounters, args: readonly Value[]) => Value;

/** Null because an argument has the wrong type. */
export function mismatch(counters: EvalCounters): null {
  counters.typeMismatches += 1;
  return null;
}

/** The number itself, or null, counted, if it is not finite. */
export function finite(counters: EvalCounters, x: number): number | null {
  if (x - x === 0) return x;
  counters.nonFinite += 1;
  return null;
}
