/**
 * Comparisons of one field with many constants (`ms > 10`, `ms > 20`, …), sorted by constant: a
 * batch looks only at those that its greatest or least value can satisfy.
 * Bench: bench/many-queries.ts.
 */
import { COMPARE_LOOPS } from './compare-loops.ts';
import type { CompareLoop, NumberColumnValues } from './compare-loops.ts';

export type RangeComparison = 'lt' | 'le' | 'gt' | 'ge';

export class RangeRows<T> {
  /** Number of the field in its set. */
  readonly field: number;
  readonly comparison: RangeComparison;
  readonly select: CompareLoop;
  /** Ascending; each has a target. */
  readonly #constants: number[] = [];
  readonly #targets: T[] = [];

  constructor(field: number, comparison: RangeComparison) {
    this.field = field;
    this.comparison = comparison;
    this.select = COMPARE_LOOPS[comparison];
  }

  get size(): number {
    return this.#constants.length;
  }

  constant(at: number): number {
    return this.#constants[at]!;
  }

  target(at: number): T {
    return this.#targets[at]!;
  }

  get(constant: number): T | null {
    const at = this.#firstFrom(constant);
    return this.#constants[at] === constant ? this.#targets[at]! : null;
  }

  /** The constant must be new. */
  set(constant: number, target: T): void {
    const at = this.#firstFrom(constant);
    this.#constants.splice(at, 0, constant);
    this.#targets.splice(at, 0, target);
  }

  delete(constant: number): void {
    const at = this.#firstFrom(constant);
    if (this.#constants[at] !== constant) return;
    this.#constants.splice(at, 1);
    this.#targets.splice(at, 1);
  }

  /**
   * The comparisons that some of the rows may satisfy are those at `from` … `to` − 1. Null is NaN
   * and satisfies none.
   */
  candidates(
    values: NumberColumnValues,
    rows: Uint32Array,
    n: number,
  ): { readonly from: number; readonly to: number } {
    const found = this.#found;
    if (this.comparison === 'gt' || this.comparison === 'ge') {
      // Whatever is at most the greatest value, equal or not: `select` decides.
      found.from = 0;
      found.to = this.#firstBeyond(greatest(values, rows, n));
    } else {
      found.from = this.#firstFrom(least(values, rows, n));
      found.to = this.#constants.length;
    }
    return found;
  }

  readonly #found = { from: 0, to: 0 };

  /** The first that is at least `value`. */
  #firstFrom(value: number): number {
    let low = 0;
    let high = this.#constants.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#constants[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first that is greater than `value`. */
  #firstBeyond(value: number): number {
    let low = 0;
    let high = this.#constants.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#constants[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function greatest(values: NumberColumnValues, rows: Uint32Array, n: number): number {
  let found = -Infinity;
  for (let i = 0; i < n; i++) {
    const value = values[rows[i]!]!;
    if (value > found) found = value;
  }
  return found;
}

function least(values: NumberColumnValues, rows: Uint32Array, n: number): number {
  let found = Infinity;
  for (let i = 0; i < n; i++) {
    const value = values[rows[i]!]!;
    if (value < found) found = value;
  }
  return found;
}
