/**
 * The values of thousands of groups that hold few each, in chunks of one cache line: what a value
 * costs is a write into the line that its group fills, and a group costs a line and not an object.
 * Who holds too many hands them over in runs.
 *
 *     group      0   1   2          chunk     1          2          3
 *     tail       1   3   2          values [a b . .]  [d . . .]  [i j . .]
 *     count      2  10   1          before     –          –          4
 *
 * Bench: bench/high-cardinality.ts.
 */
import { grownFloats, grownUints } from './typed-column.ts';

/** Values of a chunk; a power of two. */
const CHUNK = 8;
/** Of `before` and `tails`. Chunks are numbered from 1. */
const NONE = 0;

/** A state that takes values `from` … `to` − 1; `words` are the same doubles, low half first. */
export type TakeRun = (
  group: number,
  values: Float64Array,
  words: Uint32Array,
  from: number,
  to: number,
) => void;

export class ExactChunks {
  readonly #valuesMax: number;
  readonly #take: TakeRun;
  #values: Float64Array = new Float64Array(CHUNK);
  #words: Uint32Array = new Uint32Array(this.#values.buffer);
  /** By chunk: the one that its group filled before it, or the next one that is free. */
  #before: Uint32Array = new Uint32Array(1);
  #chunks = 1;
  #free = NONE;
  /** By group. */
  #tails: Uint32Array = new Uint32Array(0);
  #counts: Uint32Array = new Uint32Array(0);

  /** Who has `valuesMax` values, a multiple of 8, hands them over. */
  constructor(valuesMax: number, take: TakeRun) {
    this.#valuesMax = valuesMax;
    this.#take = take;
  }

  get bytes(): number {
    const { byteLength } = this.#values;
    return byteLength + this.#before.byteLength + 2 * this.#counts.byteLength;
  }

  count(group: number): number {
    return this.#counts[group] ?? 0;
  }

  /** Row i < n of group `groups[i]`, below `groupCount`, has the number `values[i]`, NaN = null. */
  add(groups: Uint32Array, values: Float64Array, n: number, groupCount: number): void {
    this.#counts = grownUints(this.#counts, groupCount);
    this.#tails = grownUints(this.#tails, groupCount);
    // As if every value began a chunk.
    this.#makeRoom(n);
    const counts = this.#counts;
    const tails = this.#tails;
    const held = this.#values;
    for (let i = 0; i < n; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      const group = groups[i]!;
      const count = counts[group]!;
      const place = count & (CHUNK - 1);
      if (place === 0) this.#beginChunk(group);
      held[tails[group]! * CHUNK + place] = value;
      counts[group] = count + 1;
      if (count + 1 === this.#valuesMax) this.handOver(group);
    }
  }

  /** Gives the values of the group away, in runs. */
  handOver(group: number): void {
    let chunk = this.#tails[group]!;
    let size = ((this.#counts[group]! - 1) & (CHUNK - 1)) + 1;
    this.#tails[group] = NONE;
    this.#counts[group] = 0;
    while (chunk !== NONE) {
      const from = chunk * CHUNK;
      this.#take(group, this.#values, this.#words, from, from + size);
      const before = this.#before[chunk]!;
      this.#before[chunk] = this.#free;
      this.#free = chunk;
      chunk = before;
      size = CHUNK;
    }
  }

  /** Copies the values of the group to `target` from `offset` on, in no particular order. */
  copy(group: number, target: Float64Array, offset: number): void {
    let chunk = this.#tails[group]!;
    let size = ((this.#counts[group]! - 1) & (CHUNK - 1)) + 1;
    let at = offset;
    while (chunk !== NONE) {
      const from = chunk * CHUNK;
      for (let i = 0; i < size; i++) target[at++] = this.#values[from + i]!;
      chunk = this.#before[chunk]!;
      size = CHUNK;
    }
  }

  clear(): void {
    this.#counts.fill(0);
    this.#tails.fill(NONE);
    this.#chunks = 1;
    this.#free = NONE;
  }

  #beginChunk(group: number): void {
    let chunk = this.#free;
    if (chunk === NONE) chunk = this.#chunks++;
    else this.#free = this.#before[chunk]!;
    this.#before[chunk] = this.#tails[group]!;
    this.#tails[group] = chunk;
  }

  #makeRoom(chunks: number): void {
    const wanted = this.#chunks + chunks;
    if (wanted <= this.#before.length) return;
    this.#before = grownUints(this.#before, wanted);
    this.#values = grownFloats(this.#values, this.#before.length * CHUNK);
    this.#words = new Uint32Array(this.#values.buffer);
  }
}
