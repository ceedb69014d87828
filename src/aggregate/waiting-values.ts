/**
 * Numbers that come one by one and wait to be added, and are then dealt group by group. States of
 * many groups do not fit a processor's cache, so adding each number as it comes costs several
 * misses; written one behind the other and sorted first, the misses are shared by all numbers of a
 * group that have come meanwhile. Bench: bench/agent.ts.
 */
import { grownUints } from '../sketch/typed-column.ts';

export class WaitingValues {
  readonly groups: Uint32Array;
  readonly values: Float64Array;
  /** The same doubles as words, low half first. */
  readonly words: Uint32Array;
  /** The values by group, and in order of arrival within each, after `deal`. */
  readonly sorted: Float64Array;
  readonly sortedWords: Uint32Array;
  /** Of group g are sorted[ends[g − 1] … ends[g]), after `deal`. */
  ends: Uint32Array = new Uint32Array(0);
  /**
   * How many wait. Who counts up has written `groups` and `values` before, and settles at the end.
   */
  count = 0;

  constructor(capacity: number) {
    this.groups = new Uint32Array(capacity);
    this.values = new Float64Array(capacity);
    this.words = new Uint32Array(this.values.buffer);
    this.sorted = new Float64Array(capacity);
    this.sortedWords = new Uint32Array(this.sorted.buffer);
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  get bytes(): number {
    return this.groups.byteLength + this.values.byteLength + this.sorted.byteLength;
  }

  /** How many more may come before they must be dealt. */
  get room(): number {
    return this.values.length - this.count;
  }

  /** Sorts what waits by group, of which there are `groupCount`; nothing waits any more. */
  deal(groupCount: number): void {
    const n = this.count;
    this.count = 0;
    this.ends = grownUints(this.ends, groupCount + 1);
    dealByGroup(this.groups, this.values, n, { ends: this.ends, groupCount, out: this.sorted });
  }

  clear(): void {
    this.count = 0;
  }
}

/** A counting sort; afterwards `ends[g]` is where group g ends. */
function dealByGroup(
  groups: Uint32Array,
  values: Float64Array,
  n: number,
  into: {
    readonly ends: Uint32Array;
    readonly groupCount: number;
    readonly out: Float64Array;
  },
): void {
  const { ends, groupCount, out } = into;
  ends.fill(0, 0, groupCount + 1);
  for (let i = 0; i < n; i++) ends[groups[i]! + 1]!++;
  for (let g = 0; g < groupCount; g++) ends[g + 1]! += ends[g]!;
  for (let i = 0; i < n; i++) out[ends[groups[i]!]!++] = values[i]!;
}
