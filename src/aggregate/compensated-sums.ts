/**
 * Sums of many groups with the rounding error of every addition kept aside (Knuth's two-sum), so a
 * sum hardly depends on the order of events or on how they were spread over shards. Sums of whole
 * numbers are exact to 2^53.
 * @see Knuth, The Art of Computer Programming 2, 4.2.2, theorem B
 */
import { grownFloats } from '../sketch/typed-column.ts';

export interface SumsPartial {
  readonly sums: Float64Array;
  readonly errors: Float64Array;
}

export class CompensatedSums {
  /** Of each group. Others when groups come; whoever adds to them reads them anew then. */
  sums: Float64Array = new Float64Array(0);
  errors: Float64Array = new Float64Array(0);

  grow(count: number): void {
    this.sums = grownFloats(this.sums, count);
    this.errors = grownFloats(this.errors, count);
  }

  add(group: number, value: number): void {
    const sum = this.sums[group]!;
    const total = sum + value;
    const rounded = total - sum;
    this.errors[group]! += sum - (total - rounded) + (value - rounded);
    this.sums[group] = total;
  }

  /** Adds `values[i]` to group `groups[i]` for each i < n; NaN is skipped. */
  addNumbers(groups: Uint32Array, values: Float64Array, n: number): void {
    addCompensated(this.sums, this.errors, groups, values, n);
  }

  encode(count: number): SumsPartial {
    return { sums: this.sums.slice(0, count), errors: this.errors.slice(0, count) };
  }

  encodeOne(group: number): SumsPartial {
    return {
      sums: this.sums.slice(group, group + 1),
      errors: this.errors.slice(group, group + 1),
    };
  }

  merge(partial: SumsPartial, remap: Uint32Array): void {
    const { sums, errors } = partial;
    for (let g = 0; g < sums.length; g++) {
      this.add(remap[g]!, sums[g]!);
      this.errors[remap[g]!]! += errors[g]!;
    }
  }

  /** Null if the sum is beyond the doubles. */
  sum(group: number): number | null {
    const sum = this.sums[group]! + this.errors[group]!;
    return Number.isFinite(sum) ? sum : null;
  }

  reset(): void {
    this.sums.fill(0);
    this.errors.fill(0);
  }
}

function addCompensated(
  sums: Float64Array,
  errors: Float64Array,
  groups: Uint32Array,
  values: Float64Array,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    const group = groups[i]!;
    const sum = sums[group]!;
    const total = sum + value;
    const rounded = total - sum;
    errors[group]! += sum - (total - rounded) + (value - rounded);
    sums[group] = total;
  }
}
