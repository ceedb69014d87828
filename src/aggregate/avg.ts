/** AVG(x): the compensated sum over the count of numbers; null if there is none. */
import type { Value } from '../model/value.ts';
import { CompensatedSums } from './compensated-sums.ts';
import type { SumsPartial } from './compensated-sums.ts';
import type { AggregatePartial, GroupedAggregate } from './contract.ts';
import { CountAggregate } from './count.ts';
import { partialOf } from './partial.ts';

const KIND = 'avg';

interface AvgPartial extends AggregatePartial, SumsPartial {
  readonly counts: AggregatePartial;
}

export class AvgAggregate implements GroupedAggregate {
  skipped = 0;
  readonly sums: CompensatedSums = new CompensatedSums();
  readonly counts: CountAggregate = new CountAggregate();

  grow(count: number): void {
    this.sums.grow(count);
    this.counts.grow(count);
  }

  add(group: number, value: Value): void {
    if (typeof value === 'number') {
      this.sums.add(group, value);
      this.counts.add(group, value);
    } else if (value !== null) {
      this.skipped++;
    }
  }

  addNumbers(groups: Uint32Array, values: Float64Array, n: number): void {
    this.sums.addNumbers(groups, values, n);
    this.counts.addNumbers(groups, values, n);
  }

  encode(count: number): AvgPartial {
    return { kind: KIND, ...this.sums.encode(count), counts: this.counts.encode(count) };
  }

  encodeOne(group: number): AvgPartial {
    return { kind: KIND, ...this.sums.encodeOne(group), counts: this.counts.encodeOne(group) };
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    const own = partialOf<AvgPartial>(partial, KIND);
    this.sums.merge(own, remap);
    this.counts.merge(own.counts, remap);
  }

  result(group: number): Value {
    const count = this.counts.result(group) as number;
    const sum = this.sums.sum(group);
    return count === 0 || sum === null ? null : sum / count;
  }

  reset(): void {
    this.skipped = 0;
    this.sums.reset();
    this.counts.reset();
  }
}
