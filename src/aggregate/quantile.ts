/**
 * Percentiles: one {@link QuantileSketch} a group that has numbers. Exact for small groups,
 * relative error at most 0.4 % beyond. Where there are many groups, the values of small ones lie in
 * {@link ExactChunks} instead; a group's values are those of both.
 * Bench: bench/micro/kernels.bench.ts (p99).
 */
import { ExactChunks } from '../sketch/exact-chunks.ts';
import { EXACT_VALUES_MAX, QuantileSketch } from '../sketch/quantile.ts';
import type { Value } from '../model/value.ts';
import type { AggregatePartial, GroupedAggregate, ValueNote } from './contract.ts';
import { partialOf } from './partial.ts';
import { WaitingValues } from './waiting-values.ts';

const KIND = 'quantile';
/** From so many groups on their sketches no longer fit a cache. */
const MANY_GROUPS = 1_024;
/** So many values wait where events come one by one. */
const WAITING_OF_ONE_BY_ONE = 512;

/** Exact values of all groups one after the other, then buckets likewise. */
interface QuantilePartial extends AggregatePartial {
  /** Values held by each group, exact or not. */
  readonly counts: Float64Array;
  readonly minima: Float64Array;
  readonly maxima: Float64Array;
  /** Group g's exact values are exactValues[exactEnds[g − 1], exactEnds[g]). */
  readonly exactEnds: Uint32Array;
  readonly exactValues: Float64Array;
  readonly bucketEnds: Uint32Array;
  readonly bucketKeys: Uint32Array;
  readonly bucketCounts: Float64Array;
}

export class QuantileAggregate implements GroupedAggregate {
  skipped = 0;
  readonly #q: number;
  #sketches: (QuantileSketch | null)[] = [];
  /** Made when somebody puts values there. */
  #waiting: WaitingValues | null = null;
  /** Made when there are many groups. */
  #chunks: ExactChunks | null = null;

  /** `q` in (0, 1). */
  constructor(q: number) {
    this.#q = q;
  }

  get bytes(): number {
    let bytes = (this.#waiting?.bytes ?? 0) + (this.#chunks?.bytes ?? 0);
    for (const sketch of this.#sketches) bytes += sketch?.bytes ?? 0;
    return bytes;
  }

  /**
   * For whoever adds many values one by one: what is put there is added together, which costs a
   * third of it. Values are numbers; `settle` is called when there is no more room.
   */
  get waiting(): WaitingValues {
    this.#waiting ??= new WaitingValues(WAITING_OF_ONE_BY_ONE);
    return this.#waiting;
  }

  grow(count: number): void {
    while (this.#sketches.length < count) this.#sketches.push(null);
  }

  add(group: number, value: Value): void {
    if (typeof value === 'number') this.#sketch(group).add(value);
    else if (value !== null) this.skipped++;
  }

  addNumbers(groups: Uint32Array, values: Float64Array, n: number): void {
    const words = new Uint32Array(values.buffer, values.byteOffset, n * 2);
    if (this.#sketches.length === 1) {
      this.#sketch(0).addVector(values, words, 0, n);
      return;
    }
    if (this.#sketches.length >= MANY_GROUPS) {
      this.#addToMany(groups, values, n);
      return;
    }
    for (let i = 0; i < n; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      const sketch = this.#sketches[groups[i]!] ?? this.#sketch(groups[i]!);
      sketch.addWithHighWord(value, words[2 * i + 1]!);
    }
  }

  encode(count: number): QuantilePartial {
    this.settle();
    this.#joinHalves(count);
    const sizes = this.#sizes(count);
    const partial: QuantilePartial = {
      kind: KIND,
      counts: new Float64Array(count),
      minima: new Float64Array(count),
      maxima: new Float64Array(count),
      exactEnds: new Uint32Array(count),
      exactValues: new Float64Array(sizes.exact),
      bucketEnds: new Uint32Array(count),
      bucketKeys: new Uint32Array(sizes.buckets),
      bucketCounts: new Float64Array(sizes.buckets),
    };
    let exactEnd = 0;
    let bucketEnd = 0;
    for (let g = 0; g < count; g++) {
      const sketch = this.#sketches[g];
      const held = this.#chunks?.count(g) ?? 0;
      if (held > 0) {
        this.#encodeHeld(g, held, partial, exactEnd);
        exactEnd += held;
      } else if (sketch !== null && sketch !== undefined) {
        partial.counts[g] = sketch.count;
        partial.minima[g] = sketch.min;
        partial.maxima[g] = sketch.max;
        sketch.copyExact(partial.exactValues, exactEnd);
        sketch.copyBuckets(partial.bucketKeys, partial.bucketCounts, bucketEnd);
        if (sketch.exact) exactEnd += sketch.count;
        bucketEnd += sketch.bucketCount;
      }
      partial.exactEnds[g] = exactEnd;
      partial.bucketEnds[g] = bucketEnd;
    }
    return partial;
  }

  merge(partial: AggregatePartial, remap: Uint32Array): void {
    const from = partialOf<QuantilePartial>(partial, KIND);
    let exact = 0;
    let bucket = 0;
    for (let g = 0; g < from.counts.length; g++) {
      if (from.counts[g] === 0) continue;
      const sketch = this.#sketch(remap[g]!);
      const exactEnd = from.exactEnds[g]!;
      const bucketEnd = from.bucketEnds[g]!;
      for (; exact < exactEnd; exact++) sketch.add(from.exactValues[exact]!);
      if (bucket === bucketEnd) continue;
      sketch.mergeBuckets(from.minima[g]!, from.maxima[g]!, from.counts[g]!);
      for (; bucket < bucketEnd; bucket++) {
        sketch.mergeBucket(from.bucketKeys[bucket]!, from.bucketCounts[bucket]!);
      }
    }
  }

  result(group: number): Value {
    this.settle();
    this.#handOver(group);
    return this.#sketches[group]?.quantile(this.#q) ?? null;
  }

  noteOf(group: number): ValueNote | null {
    this.settle();
    this.#handOver(group);
    const sketch = this.#sketches[group] ?? null;
    return sketch === null || sketch.count === 0 || sketch.exact ? null : 'estimated';
  }

  reset(): void {
    this.skipped = 0;
    // The next pane has about as many groups as this one.
    for (const sketch of this.#sketches) sketch?.reset();
    this.#waiting?.clear();
    this.#chunks?.clear();
  }

  #addToMany(groups: Uint32Array, values: Float64Array, n: number): void {
    this.#chunks ??= new ExactChunks(EXACT_VALUES_MAX, (group, held, words, from, to) =>
      this.#sketch(group).addVector(held, words, from, to),
    );
    this.#chunks.add(groups, values, n, this.#sketches.length);
  }

  /** All of the group's values are in its sketch afterwards. */
  #handOver(group: number): void {
    if ((this.#chunks?.count(group) ?? 0) > 0) this.#chunks!.handOver(group);
  }

  /** The values of each group are in its sketch or in chunks afterwards, and not in both. */
  #joinHalves(count: number): void {
    if (this.#chunks === null) return;
    for (let g = 0; g < count; g++) if ((this.#sketches[g]?.count ?? 0) > 0) this.#handOver(g);
  }

  #encodeHeld(group: number, held: number, partial: QuantilePartial, offset: number): void {
    const { counts, exactValues, maxima, minima } = partial;
    this.#chunks!.copy(group, exactValues, offset);
    let min = Infinity;
    let max = -Infinity;
    for (let i = offset; i < offset + held; i++) {
      const value = exactValues[i]!;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    counts[group] = held;
    minima[group] = min;
    maxima[group] = max;
  }

  /** Adds what waits to the sketches. */
  settle(): void {
    const waiting = this.#waiting;
    if (waiting === null || waiting.isEmpty) return;
    const groupCount = this.#sketches.length;
    if (groupCount === 1) {
      this.#sketch(0).addVector(waiting.values, waiting.words, 0, waiting.count);
      waiting.clear();
    } else if (groupCount > waiting.count) this.#settleFew(waiting);
    else this.#deal(waiting, groupCount);
  }

  /** Fewer than there are groups: walking through all of these would not pay. */
  #settleFew({ count, groups, values, words }: WaitingValues): void {
    for (let i = 0; i < count; i++) {
      this.#sketch(groups[i]!).addWithHighWord(values[i]!, words[2 * i + 1]!);
    }
    this.#waiting?.clear();
  }

  #deal(waiting: WaitingValues, groupCount: number): void {
    waiting.deal(groupCount);
    const { ends, sorted, sortedWords } = waiting;
    let from = 0;
    for (let group = 0; group < groupCount; group++) {
      const to = ends[group]!;
      if (to > from) this.#sketch(group).addVector(sorted, sortedWords, from, to);
      from = to;
    }
  }

  #sketch(group: number): QuantileSketch {
    let sketch = this.#sketches[group];
    if (sketch === null || sketch === undefined) {
      sketch = new QuantileSketch();
      this.#sketches[group] = sketch;
    }
    return sketch;
  }

  #sizes(count: number): { exact: number; buckets: number } {
    let exact = 0;
    let buckets = 0;
    for (let g = 0; g < count; g++) {
      const sketch = this.#sketches[g];
      exact += this.#chunks?.count(g) ?? 0;
      if (sketch === null || sketch === undefined) continue;
      if (sketch.exact) exact += sketch.count;
      buckets += sketch.bucketCount;
    }
    return { exact, buckets };
  }
}
