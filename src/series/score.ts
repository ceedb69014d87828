/**
 * How many spreads a value lies from a centre. Where there is no spread at all, any difference is
 * infinitely many; scores are kept within ±{@link SCORE_MAX}, so that they stay numbers, can be
 * compared with a threshold, and do not depend on the unit of x.
 */
import { numberOrNull } from './contract.ts';
import type { Value } from '../model/value.ts';

export const SCORE_MAX = 1_000;
/** The median absolute deviation of a normal distribution times this is its standard deviation. */
export const MAD_TO_DEVIATION = 1.4826;
/** The mean absolute deviation of a normal distribution times this is its standard deviation. */
export const MEAN_TO_DEVIATION = 1.2533;

/** NaN if anything is. */
export function scoreOf(x: number, centre: number, spread: number): number {
  const distance = x - centre;
  if (distance === 0 && !Number.isNaN(spread)) return 0;
  return Math.max(-SCORE_MAX, Math.min(SCORE_MAX, distance / spread));
}

/** For results of models whose expectation is [centre, spread]. */
export function scoreResult(x: number, expectation: Float64Array): Value {
  return numberOrNull(scoreOf(x, expectation[0]!, expectation[1]!));
}

/** The middle of `sorted[0 … count)`, the mean of two if there are two; NaN of none. */
export function medianOfSorted(sorted: Float64Array, count: number): number {
  const middle = count >> 1;
  if (count === 0) return NaN;
  return count % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
