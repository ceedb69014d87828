/** SUM(x): compensated; 0 on nothing; what is not a number is skipped and counted. */
import type { Value } from '../model/value.ts';
import { CompensatedSums } from './compensated-sums.ts';
import type { SumsPartial } from './compensated-sums.ts';
import type { AggregatePartial, GroupedAggregate } from './contract.ts';
import { partialOf } from './partial.ts';

const KIND = 'sum';

interface SumPartial extends AggregatePartial, SumsPartial {}

export class SumAggregate implements GroupedAggregate {
  skipped = 0;
  readonly sums: CompensatedSums = new CompensatedSums();

  grow(count: number): void {
    this.sums.grow(count);
  }

  add(group: number, value: Value): void {
    if (typeof value === 'number') this.sums.add(group, value);
    else if (value !== null) this.skipped++;
  }

  addNumbers(groups: Uint32Array, values: Float64Array, n: number): void {
    this.sums.addNumbers(groups, values, n);
  }

  encode(count: number): SumPartial {
    return { kind: KIND, ...this.sums.encode(count) };
  }

  encodeOne(group: number): SumPartial {
    return { kind: KIND, ...this.sums.encodeOne(group) };
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    this.sums.merge(partialOf<SumPartial>(partial, KIND), remap);
  }

  result(group: number): Value {
    return this.sums.sum(group);
  }

  reset(): void {
    this.skipped = 0;
    this.sums.reset();
  }
}
