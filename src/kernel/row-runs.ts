/**
 * Comparisons of one field with many constants, for takers whose states lie side by side in one
 * store. In order of the constants, those that a row satisfies are one run: it is found by
 * bisection and handed over whole, so that a batch costs its rows and matches, and no taker is
 * touched.
 *
 *     ms > c   constants 10  20  30  40      a row of 25 ms: places 7 and 2
 *              places     7   2   9   4
 *
 * Bench: bench/many-queries.ts.
 */
import { grownUints } from '../sketch/typed-column.ts';
import type { NumberColumnValues } from './compare-loops.ts';
import type { RangeComparison } from './range-rows.ts';

/** Row rows[i], i < n, is for the takers at places[from[i]] … places[to[i] − 1]: one or more. */
export class RowRuns {
  places: Uint32Array = new Uint32Array(0);
  rows: Uint32Array = new Uint32Array(0);
  from: Uint32Array = new Uint32Array(0);
  to: Uint32Array = new Uint32Array(0);
  n = 0;

  grow(n: number): void {
    this.rows = grownUints(this.rows, n);
    this.from = grownUints(this.from, n);
    this.to = grownUints(this.to, n);
  }
}

/** States of many takers. */
export interface RunStore {
  /** False: its takers are to be given their rows of this batch one taker at a time. */
  readonly takesRuns: boolean;
  /** Runs are borrowed. */
  takeRuns(runs: RowRuns): void;
}

/** Where a taker's states are. */
export interface SharedPlace {
  readonly store: RunStore;
  readonly place: number;
}

export class RunFinder {
  readonly #constants: Float64Array;
  readonly #places: Uint32Array;
  readonly #find: FindLoop;

  /** `constants` ascend; equal ones may stand beside each other. Each has a place. */
  constructor(
    comparison: RangeComparison,
    constants: readonly number[],
    places: readonly number[],
  ) {
    this.#find = FIND_LOOPS[comparison];
    this.#constants = Float64Array.from(constants);
    this.#places = Uint32Array.from(places);
  }

  /** Writes the runs of the n selected rows to `out`; null values satisfy nothing. */
  find(values: NumberColumnValues, rows: Uint32Array, n: number, out: RowRuns): void {
    out.grow(n);
    out.places = this.#places;
    out.n = this.#find(this.#constants, values, rows, n, out);
  }
}

type FindLoop = (
  constants: Float64Array,
  values: NumberColumnValues,
  rows: Uint32Array,
  n: number,
  out: RowRuns,
) => number;

const FIND_LOOPS: Readonly<Record<RangeComparison, FindLoop>> = {
  gt: findBelow,
  ge: findUpTo,
  lt: findBeyond,
  le: findFrom,
};

/** Constants below the value. */
function findBelow(
  constants: Float64Array,
  values: NumberColumnValues,
  rows: Uint32Array,
  n: number,
  out: RowRuns,
): number {
  let found = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    const end = firstFrom(constants, values[row]!);
    out.rows[found] = row;
    out.from[found] = 0;
    out.to[found] = end;
    found += end > 0 ? 1 : 0;
  }
  return found;
}

/** Constants at most the value. */
function findUpTo(
  constants: Float64Array,
  values: NumberColumnValues,
  rows: Uint32Array,
  n: number,
  out: RowRuns,
): number {
  let found = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    const value = values[row]!;
    const end = Number.isNaN(value) ? 0 : firstBeyond(constants, value);
    out.rows[found] = row;
    out.from[found] = 0;
    out.to[found] = end;
    found += end > 0 ? 1 : 0;
  }
  return found;
}

/** Constants beyond the value. */
function findBeyond(
  constants: Float64Array,
  values: NumberColumnValues,
  rows: Uint32Array,
  n: number,
  out: RowRuns,
): number {
  const count = constants.length;
  let found = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    const value = values[row]!;
    const begin = Number.isNaN(value) ? count : firstBeyond(constants, value);
    out.rows[found] = row;
    out.from[found] = begin;
    out.to[found] = count;
    found += begin < count ? 1 : 0;
  }
  return found;
}

/** Constants at least the value. */
function findFrom(
  constants: Float64Array,
  values: NumberColumnValues,
  rows: Uint32Array,
  n: number,
  out: RowRuns,
): number {
  const count = constants.length;
  let found = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    const value = values[row]!;
    const begin = Number.isNaN(value) ? count : firstFrom(constants, value);
    out.rows[found] = row;
    out.from[found] = begin;
    out.to[found] = count;
    found += begin < count ? 1 : 0;
  }
  return found;
}

/** The first that is at least `value`; 0 for NaN. */
function firstFrom(constants: Float64Array, value: number): number {
  let low = 0;
  let high = constants.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (constants[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first that is greater than `value`; 0 for NaN. */
function firstBeyond(constants: Float64Array, value: number): number {
  let low = 0;
  let high = constants.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (constants[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Writes the row once for each of the places at `from` … `to` − 1, behind what is there. */
export function layRun(
  places: Uint32Array,
  from: number,
  to: number,
  row: number,
  outRows: Uint32Array,
  outPlaces: Uint32Array,
  start: number,
): void {
  const offset = start - from;
  for (let at = from; at < to; at++) {
    outRows[offset + at] = row;
    outPlaces[offset + at] = places[at]!;
  }
}
