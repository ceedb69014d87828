/**
 * HISTOGRAM(x[, width]): how many numbers lie in each bucket, ascending, those without any left
 * out; null without numbers. Buckets are `width` wide or, without it, a quarter of a power of two
 * (1 to 1.25, … 1.75 to 2, 2 to 2.5, …), so they are the same in every group, window and shard, and
 * all counts are exact.
 *
 * A group that needs more than `bucketsMax` buckets joins each two neighbours, again and again
 * until they are few enough. How often depends only on which numbers there are, hence merging is
 * associative and commutative.
 */
import type { Value } from '../model/value.ts';
import type { AggregatePartial, GroupedAggregate } from './contract.ts';
import { partialOf } from './partial.ts';
import { VALUE_BYTES } from './state-bytes.ts';

const KIND = 'histogram';

/** Buckets of all groups one after the other. */
interface HistogramPartial extends AggregatePartial {
  /** How often the buckets of each group were joined. */
  readonly levels: Uint16Array;
  /** Group g's buckets are [ends[g − 1], ends[g]). */
  readonly ends: Uint32Array;
  readonly indexes: Float64Array;
  readonly counts: Float64Array;
}

interface Buckets {
  level: number;
  /** Number of a bucket at that level → numbers in it. */
  counts: Map<number, number>;
}

export interface HistogramOptions {
  /** Null: buckets of a quarter of a power of two. */
  readonly width: number | null;
  readonly bucketsMax: number;
}

export class HistogramAggregate implements GroupedAggregate {
  skipped = 0;
  readonly #bucketsMax: number;
  readonly #scale: Scale;
  #groups: (Buckets | null)[] = [];

  constructor({ width, bucketsMax }: HistogramOptions) {
    this.#bucketsMax = bucketsMax;
    this.#scale = width === null ? QUARTERS : linearScale(width);
  }

  get bytes(): number {
    let buckets = 0;
    for (const own of this.#groups) buckets += own?.counts.size ?? 0;
    return buckets * 2 * VALUE_BYTES;
  }

  grow(count: number): void {
    while (this.#groups.length < count) this.#groups.push(null);
  }

  add(group: number, value: Value): void {
    if (typeof value === 'number') this.#addNumber(group, value);
    else if (value !== null) this.skipped++;
  }

  addNumbers(groups: Uint32Array, values: Float64Array, n: number): void {
    for (let i = 0; i < n; i++) {
      const value = values[i]!;
      if (!Number.isNaN(value)) this.#addNumber(groups[i]!, value);
    }
  }

  encode(count: number): HistogramPartial {
    const groups = this.#groups.slice(0, count);
    const size = groups.reduce((sum, own) => sum + (own?.counts.size ?? 0), 0);
    const partial: HistogramPartial = {
      kind: KIND,
      levels: Uint16Array.from(groups, (own) => own?.level ?? 0),
      ends: new Uint32Array(groups.length),
      indexes: new Float64Array(size),
      counts: new Float64Array(size),
    };
    let end = 0;
    groups.forEach((own, g) => {
      for (const [index, amount] of own?.counts ?? []) {
        partial.indexes[end] = index;
        partial.counts[end] = amount;
        end++;
      }
      partial.ends[g] = end;
    });
    return partial;
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    const { levels, ends, indexes, counts } = partialOf<HistogramPartial>(partial, KIND);
    let at = 0;
    for (let g = 0; g < ends.length; g++) {
      const end = ends[g]!;
      if (at === end) continue;
      const own = this.#buckets(remap[g]!);
      while (own.level < levels[g]!) join(own);
      for (; at < end; at++) {
        // The other's level may be below ours, also where ours has grown in this very loop.
        const index = Math.floor(indexes[at]! / 2 ** (own.level - levels[g]!));
        this.#count(own, index, counts[at]!);
      }
    }
  }

  result(group: number): Value {
    const own = this.#groups[group];
    if (own === null || own === undefined) return null;
    const size = 2 ** own.level;
    return [...own.counts]
      .sort(([a], [b]) => a - b)
      .map(([index, count]) => ({
        from: this.#scale.lower(index * size),
        to: this.#scale.lower((index + 1) * size),
        count,
      }));
  }

  reset(): void {
    this.skipped = 0;
    this.#groups.fill(null);
  }

  #addNumber(group: number, value: number): void {
    const own = this.#buckets(group);
    this.#count(own, Math.floor(this.#scale.index(value) / 2 ** own.level), 1);
  }

  #count(own: Buckets, index: number, amount: number): void {
    own.counts.set(index, (own.counts.get(index) ?? 0) + amount);
    while (own.counts.size > this.#bucketsMax) join(own);
  }

  #buckets(group: number): Buckets {
    let own = this.#groups[group];
    if (own === null || own === undefined) {
      own = { level: 0, counts: new Map() };
      this.#groups[group] = own;
    }
    return own;
  }
}

/** Each two neighbours become one. */
function join(own: Buckets): void {
  const joined = new Map<number, number>();
  for (const [index, count] of own.counts) {
    const half = Math.floor(index / 2);
    joined.set(half, (joined.get(half) ?? 0) + count);
  }
  own.counts = joined;
  own.level++;
}

/** Buckets numbered in the order of numbers: bucket i is [lower(i), lower(i + 1)). */
interface Scale {
  /** A whole number. */
  index(value: number): number;
  lower(index: number): number;
}

function linearScale(width: number): Scale {
  return {
    // Beyond 2^53 widths from zero doubles no longer tell neighbouring buckets apart.
    index: (value) => finite(Math.floor(value / width)),
    lower: (index) => finite(index * width),
  };
}

const floats = new Float64Array(1);
const words = new Uint32Array(floats.buffer);
/** Sign, exponent and two bits of the mantissa are what is above this of a double's upper half. */
const QUARTER_SHIFT = 18;
/** What is smaller than 2^-30, a billionth, lies in the buckets beside zero. */
const SMALLEST = 2 ** -30;
const SMALLEST_BITS = quarterBits(SMALLEST);

const QUARTERS: Scale = {
  index(value) {
    const bits = quarterBits(Math.abs(value));
    const index = Math.max(0, bits - SMALLEST_BITS + 1);
    // Bucket −1 − i mirrors bucket i; zero belongs to what is positive.
    return value < 0 ? -1 - index : index;
  },
  lower(index) {
    if (index === 0) return 0;
    return index > 0 ? quarterLower(index) : -quarterLower(-index);
  },
};

function quarterBits(magnitude: number): number {
  floats[0] = magnitude;
  return words[1]! >>> QUARTER_SHIFT;
}

function quarterLower(index: number): number {
  words[0] = 0;
  words[1] = Math.min(index - 1 + SMALLEST_BITS, LARGEST_BITS) << QUARTER_SHIFT;
  return finite(floats[0]!);
}

const LARGEST_BITS = quarterBits(Infinity);

function finite(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}
