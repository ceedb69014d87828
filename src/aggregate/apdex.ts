/**
 * APDEX(x, t): the share of satisfied users, 0 to 1: numbers up to t count whole, up to 4·t half.
 * Null without any number.
 * @see Apdex Technical Specification 1.1 (2007)
 */
import { grownFloats } from '../sketch/typed-column.ts';
import type { Value } from '../model/value.ts';
import type { AggregatePartial, GroupedAggregate } from './contract.ts';
import { partialOf } from './partial.ts';

const KIND = 'apdex';
const TOLERATING_FACTOR = 4;

interface ApdexPartial extends AggregatePartial {
  readonly counts: Float64Array;
  /** Twice the number of the satisfied and once that of the tolerating: whole, hence exact. */
  readonly halves: Float64Array;
}

export class ApdexAggregate implements GroupedAggregate {
  skipped = 0;
  readonly #threshold: number;
  #counts: Float64Array = new Float64Array(0);
  #halves: Float64Array = new Float64Array(0);

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  grow(count: number): void {
    this.#counts = grownFloats(this.#counts, count);
    this.#halves = grownFloats(this.#halves, count);
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

  encode(count: number): ApdexPartial {
    return {
      kind: KIND,
      counts: this.#counts.slice(0, count),
      halves: this.#halves.slice(0, count),
    };
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    const { counts, halves } = partialOf<ApdexPartial>(partial, KIND);
    for (let g = 0; g < counts.length; g++) {
      this.#counts[remap[g]!]! += counts[g]!;
      this.#halves[remap[g]!]! += halves[g]!;
    }
  }

  result(group: number): Value {
    const count = this.#counts[group]!;
    return count === 0 ? null : this.#halves[group]! / (2 * count);
  }

  reset(): void {
    this.skipped = 0;
    this.#counts.fill(0);
    this.#halves.fill(0);
  }

  #addNumber(group: number, value: number): void {
    this.#counts[group]!++;
    if (value <= this.#threshold) this.#halves[group]! += 2;
    else if (value <= TOLERATING_FACTOR * this.#threshold) this.#halves[group]!++;
  }
}
