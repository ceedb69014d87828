/**
 * VARIANCE(x) and STDDEV(x) of the sample (divisor n − 1, as in PostgreSQL; null below two
 * numbers): Welford's running mean and squared deviations, which stay accurate where the textbook
 * sum of squares cancels, and merge by the formula of Chan, Golub and LeVeque. Means are kept
 * relative to a group's first number, so that timestamps lose no digits to their common part.
 * @see Welford, Technometrics 4 (1962) · Chan et al., COMPSTAT 1982
 */
import { grownFloats } from '../sketch/typed-column.ts';
import type { Value } from '../model/value.ts';
import type { AggregatePartial, GroupedAggregate } from './contract.ts';
import { partialOf } from './partial.ts';

const KIND = 'variance';

interface VariancePartial extends AggregatePartial {
  readonly counts: Float64Array;
  /** First numbers, which means are relative to. */
  readonly origins: Float64Array;
  readonly means: Float64Array;
  /** Sums of squared deviations from the mean. */
  readonly squares: Float64Array;
}

export class VarianceAggregate implements GroupedAggregate {
  skipped = 0;
  readonly #root: boolean;
  #counts: Float64Array = new Float64Array(0);
  #origins: Float64Array = new Float64Array(0);
  #means: Float64Array = new Float64Array(0);
  #squares: Float64Array = new Float64Array(0);

  /** `root`: the result is the standard deviation and not the variance. */
  constructor(root: boolean) {
    this.#root = root;
  }

  grow(count: number): void {
    this.#counts = grownFloats(this.#counts, count);
    this.#origins = grownFloats(this.#origins, count);
    this.#means = grownFloats(this.#means, count);
    this.#squares = grownFloats(this.#squares, count);
  }

  add(group: number, value: Value): void {
    if (typeof value === 'number') this.#addNumber(group, value);
    else if (value !== null) this.skipped++;
  }

  addNumbers(groups: Uint32Array, values: Float64Array, n: number): void {
    for (let i = 0; i < n; i++) {
      if (!Number.isNaN(values[i]!)) this.#addNumber(groups[i]!, values[i]!);
    }
  }

  encode(count: number): VariancePartial {
    return {
      kind: KIND,
      counts: this.#counts.slice(0, count),
      origins: this.#origins.slice(0, count),
      means: this.#means.slice(0, count),
      squares: this.#squares.slice(0, count),
    };
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    const { counts, origins, means, squares } = partialOf<VariancePartial>(partial, KIND);
    for (let g = 0; g < counts.length; g++) {
      const added = counts[g]!;
      if (added === 0) continue;
      const group = remap[g]!;
      const before = this.#counts[group]!;
      if (before === 0) this.#origins[group] = origins[g]!;
      const total = before + added;
      const delta = origins[g]! - this.#origins[group]! + (means[g]! - this.#means[group]!);
      this.#squares[group]! += squares[g]! + delta * delta * ((before * added) / total);
      this.#means[group]! += (delta * added) / total;
      this.#counts[group] = total;
    }
  }

  result(group: number): Value {
    const count = this.#counts[group]!;
    if (count < 2) return null;
    const variance = Math.max(0, this.#squares[group]!) / (count - 1);
    const result = this.#root ? Math.sqrt(variance) : variance;
    return Number.isFinite(result) ? result : null;
  }

  reset(): void {
    this.skipped = 0;
    this.#counts.fill(0);
    this.#origins.fill(0);
    this.#means.fill(0);
    this.#squares.fill(0);
  }

  #addNumber(group: number, value: number): void {
    const count = this.#counts[group]! + 1;
    if (count === 1) this.#origins[group] = value;
    const relative = value - this.#origins[group]!;
    const delta = relative - this.#means[group]!;
    const mean = this.#means[group]! + delta / count;
    this.#counts[group] = count;
    this.#means[group] = mean;
    this.#squares[group]! += delta * (relative - mean);
  }
}
