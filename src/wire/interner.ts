/**
 * Strings ⇄ small whole numbers, one table a shard. Id 0 is null. Ids stay as they are until a
 * `sweep`, which frees those that the owner no longer names; freed ids are given out again, so the
 * owner drops what it memoised by id when `generation` changes. The bound is soft: a new string is
 * always taken, and `full` asks the owner to sweep at its next tick.
 */
import type { Interner } from '../model/batch.ts';

export interface SweepableInterner extends Interner {
  /** Approximate memory of the strings. */
  readonly bytes: number;
  /** True: `bytes` reached the bound; time to sweep. */
  readonly full: boolean;
  /** Counts sweeps. */
  readonly generation: number;
  /** Forgets every string whose id is not in `used`. */
  sweep(used: Iterable<number>): void;
}

/** What a string costs besides its characters: map entry, slot, header. */
const ENTRY_BYTES = 64;

export function createInterner(bytesMax: number): SweepableInterner {
  return new StringTable(bytesMax);
}

class StringTable implements SweepableInterner {
  readonly #bytesMax: number;
  readonly #ids = new Map<string, number>();
  /** Index is the id; freed slots hold the empty string. */
  #texts: string[] = [''];
  #free: number[] = [];
  #bytes = 0;
  #generation = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get size(): number {
    return this.#ids.size + 1;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get full(): boolean {
    return this.#bytes >= this.#bytesMax;
  }

  get generation(): number {
    return this.#generation;
  }

  id(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#free.pop() ?? this.#texts.length;
    this.#texts[id] = text;
    this.#ids.set(text, id);
    this.#bytes += cost(text);
    return id;
  }

  text(id: number): string {
    return this.#texts[id] ?? '';
  }

  sweep(used: Iterable<number>): void {
    const kept = new Uint8Array(this.#texts.length);
    for (const id of used) kept[id] = 1;
    for (const [text, id] of this.#ids) {
      if (kept[id] === 1) continue;
      this.#ids.delete(text);
      this.#texts[id] = '';
      this.#free.push(id);
      this.#bytes -= cost(text);
    }
    this.#generation++;
  }
}

function cost(text: string): number {
  return ENTRY_BYTES + text.length * 2;
}
