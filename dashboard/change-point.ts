/**
 * Since when a line is not what it was: the moment that best splits a series into two levels, if
 * the step is far beyond its own noise, of some size, and sudden (a slow tide is no step). Linear
 * in the number of windows. Pure.
 */

export interface Step {
  /** Index of the first value of the new level. */
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/** Values that each side needs. */
const BEFORE_MIN = 6;
const AFTER_MIN = 4;
/** Steps below are noise, however many values there are; few values must show more. */
const SCORE_MIN = 6;
const FEW_VALUES = 4;
/** And smaller ones are not worth a sentence: a fifth of the larger level. */
const SIZE_MIN = 0.2;
/** Of the step, what the values right around it must show. */
const SUDDEN_MIN = 0.6;
const AROUND = 4;

/** NaN where nothing is known; null: the series has no step. */
export function findStep(values: readonly number[]): Step | null {
  const known: number[] = [];
  const places: number[] = [];
  values.forEach((value, index) => {
    if (Number.isNaN(value)) return;
    known.push(value);
    places.push(index);
  });
  const sums = runningSums(known);
  let best: { at: number; score: number } | null = null;
  for (let at = BEFORE_MIN; at <= known.length - AFTER_MIN; at++) {
    const score = scoreAt(sums, at);
    if (best === null || score > best.score) best = { at, score };
  }
  if (best === null) return null;
  if (best.score < SCORE_MIN * (1 + FEW_VALUES / Math.max(1, known.length - 2))) return null;
  const { at } = best;
  const before = meanOf(sums.plain, 0, at);
  const after = meanOf(sums.plain, at, known.length);
  const size = Math.abs(after - before);
  if (size < SIZE_MIN * Math.max(Math.abs(before), Math.abs(after))) return null;
  const around =
    meanOf(sums.plain, at, Math.min(known.length, at + AROUND)) -
    meanOf(sums.plain, Math.max(0, at - AROUND), at);
  if (Math.abs(around) < SUDDEN_MIN * size || around * (after - before) < 0) return null;
  return { at: places[at] ?? 0, before, after };
}

interface Sums {
  readonly plain: readonly number[];
  readonly squares: readonly number[];
}

/** Element i: the sum of the first i values. */
function runningSums(values: readonly number[]): Sums {
  const [plain, squares] = [[0], [0]];
  let [sum, square] = [0, 0];
  for (const value of values) {
    sum += value;
    square += value * value;
    plain.push(sum);
    squares.push(square);
  }
  return { plain, squares };
}

/** How many of its own standard errors the step at `at` is high. */
function scoreAt({ plain, squares }: Sums, at: number): number {
  const total = plain.length - 1;
  const [left, right] = [at, total - at];
  const [a, b] = [meanOf(plain, 0, at), meanOf(plain, at, total)];
  const spread = sumOf(squares, 0, at) - left * a * a + sumOf(squares, at, total) - right * b * b;
  const variance = Math.max(spread, 0) / Math.max(1, total - 2);
  // A line without any noise steps, too; a thousandth of its level keeps the score finite.
  const floor = (Math.max(Math.abs(a), Math.abs(b)) * 1e-3) ** 2 + 1e-12;
  return Math.abs(a - b) / Math.sqrt((variance + floor) * (1 / left + 1 / right));
}

function sumOf(sums: readonly number[], from: number, to: number): number {
  return (sums[to] ?? 0) - (sums[from] ?? 0);
}

function meanOf(sums: readonly number[], from: number, to: number): number {
  return sumOf(sums, from, to) / Math.max(1, to - from);
}
