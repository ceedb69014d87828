/** COUNT(*) and COUNT(x): events, or those whose argument is not null. Counts are exact to 2^53. */
import { grownFloats } from '../sketch/typed-column.ts';
import type { Value } from '../model/value.ts';
import type { AggregatePartial, GroupedAggregate } from './contract.ts';
import { partialOf } from './partial.ts';

const KIND = 'count';

interface CountPartial extends AggregatePartial {
  readonly counts: Float64Array;
}

export class CountAggregate implements GroupedAggregate {
  readonly skipped = 0;
  /** Of each group. Another array when groups come; whoever adds to it reads it anew then. */
  counts: Float64Array = new Float64Array(0);

  grow(count: number): void {
    this.counts = grownFloats(this.counts, count);
  }

  add(group: number, value: Value): void {
    if (value !== null) this.counts[group]! += 1;
  }

  addNumbers(groups: Uint32Array, values: Float64Array, n: number): void {
    countNumbers(this.counts, groups, values, n);
  }

  addCounts(groups: Uint32Array, n: number): void {
    countRows(this.counts, groups, n);
  }

  encode(count: number): CountPartial {
    return { kind: KIND, counts: this.counts.slice(0, count) };
  }

  encodeOne(group: number): CountPartial {
    return { kind: KIND, counts: this.counts.slice(group, group + 1) };
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    const { counts } = partialOf<CountPartial>(partial, KIND);
    for (let g = 0; g < counts.length; g++) this.counts[remap[g]!]! += counts[g]!;
  }

  result(group: number): Value {
    return this.counts[group]!;
  }

  reset(): void {
    this.counts.fill(0);
  }
}

/** Adds one to `counts[groups[i]]` for each i < n. */
export function countRows(counts: Float64Array, groups: Uint32Array, n: number): void {
  for (let i = 0; i < n; i++) counts[groups[i]!]! += 1;
}

function countNumbers(
  counts: Float64Array,
  groups: Uint32Array,
  values: Float64Array,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    if (!Number.isNaN(values[i]!)) counts[groups[i]!]! += 1;
  }
}
