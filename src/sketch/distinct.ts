/**
 * How many distinct texts a group has seen: the very set while it is small, then a HyperLogLog.
 * The state depends only on the set of texts, so merging is associative and commutative: a union
 * larger than the limit turns into registers in whatever order its parts came.
 */
import { HyperLogLog } from './hyper-log-log.ts';

/** COUNT_DISTINCT is exact up to this many distinct values a group. */
export const EXACT_TEXTS_MAX = 256;

export class DistinctSketch {
  readonly #exactMax: number;
  #texts: Set<string> | null = new Set();
  #registers: HyperLogLog | null = null;

  /** Merged sketches must have the same `exactMax`. */
  constructor(exactMax: number = EXACT_TEXTS_MAX) {
    this.#exactMax = exactMax;
  }

  get exact(): boolean {
    return this.#texts !== null;
  }

  /** The texts in order of first sight while exact, else null. Borrowed. */
  get texts(): ReadonlySet<string> | null {
    return this.#texts;
  }

  /** The registers once the set was too large, else null. Borrowed. */
  get registers(): Uint8Array | null {
    return this.#registers?.registers ?? null;
  }

  add(text: string): void {
    if (this.#texts === null) {
      this.#registers!.add(text);
      return;
    }
    this.#texts.add(text);
    if (this.#texts.size > this.#exactMax) this.#spill();
  }

  merge(other: DistinctSketch): void {
    if (other.#texts !== null) {
      for (const text of other.#texts) this.add(text);
    } else {
      this.mergeRegisters(other.#registers!.registers);
    }
  }

  mergeRegisters(registers: Uint8Array): void {
    this.#spill();
    this.#registers!.merge(registers);
  }

  count(): number {
    return this.#texts?.size ?? this.#registers!.estimate();
  }

  #spill(): void {
    if (this.#texts === null) return;
    const registers = new HyperLogLog();
    for (const text of this.#texts) registers.add(text);
    this.#texts = null;
    this.#registers = registers;
  }
}
