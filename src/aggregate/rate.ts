/**
 * RATE() and RATE(x): events, or the sum of x, a second. Counts or sums until the result is asked
 * for, so it merges like them. Divides by the covered part of the window; null when less than a
 * tenth of it is covered, for then the quotient would be noise.
 */
import type { Value } from '../model/value.ts';
import type { AggregatePartial, GroupedAggregate, ResultContext } from './contract.ts';
import { CountAggregate } from './count.ts';
import { partialOf } from './partial.ts';
import { SumAggregate } from './sum.ts';

const KIND = 'rate';
const MS_PER_SECOND = 1_000;
/** Share of the window that must be covered. */
const COVERED_MIN = 0.1;

interface RatePartial extends AggregatePartial {
  readonly totals: AggregatePartial;
}

export class RateAggregate implements GroupedAggregate {
  readonly totals: SumAggregate | CountAggregate;
  readonly addNumbers?: (groups: Uint32Array, values: Float64Array, n: number) => void;
  readonly addCounts?: (groups: Uint32Array, n: number) => void;

  /** `counts`: of events and not of a sum. */
  constructor(counts: boolean) {
    if (counts) {
      const totals = new CountAggregate();
      this.totals = totals;
      this.addCounts = (groups, n) => totals.addCounts(groups, n);
    } else {
      const totals = new SumAggregate();
      this.totals = totals;
      this.addNumbers = (groups, values, n) => totals.addNumbers(groups, values, n);
    }
  }

  get skipped(): number {
    return this.totals.skipped;
  }

  grow(count: number): void {
    this.totals.grow(count);
  }

  add(group: number, value: Value): void {
    this.totals.add(group, value);
  }

  encode(count: number): RatePartial {
    return { kind: KIND, totals: this.totals.encode(count) };
  }

  encodeOne(group: number): RatePartial {
    return { kind: KIND, totals: this.totals.encodeOne(group) };
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    this.totals.merge(partialOf<RatePartial>(partial, KIND).totals, remap);
  }

  result(group: number, { windowMs, coveredMs }: ResultContext): Value {
    if (coveredMs <= 0 || coveredMs < windowMs * COVERED_MIN) return null;
    const total = this.totals.result(group);
    return typeof total === 'number' ? (total * MS_PER_SECOND) / coveredMs : null;
  }

  reset(): void {
    this.totals.reset();
  }
}
