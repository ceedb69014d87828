/**
 * Pairs of rows on their way to a joined batch: which rows of which batches, in typed arrays that
 * are used again and again. Either the rows of one new batch with rows that are held, or held rows
 * of the left side alone.
 */
import { NO_BATCH } from '../kernel/joined-batch.ts';
import type { RowRefs } from '../kernel/joined-batch.ts';
import type { EventBatch } from '../model/batch.ts';
import type { StoredBatch, Stretch } from './join-store.ts';

export class JoinPairs {
  size = 0;
  readonly #max: number;
  /** Of the new batch. */
  readonly #rows: Uint32Array;
  readonly #times: Float64Array;
  /** The held row: its stretch and its number there. */
  readonly #stretches: Stretch[] = [];
  readonly #places: Uint32Array;
  #batch: EventBatch | null = null;
  #isLeft = false;

  constructor(max: number) {
    this.#max = max;
    this.#rows = new Uint32Array(max);
    this.#times = new Float64Array(max);
    this.#places = new Uint32Array(max);
  }

  /** Rows of `keyed` meet held ones; `isLeft`: they are the left ones. */
  begin(keyed: StoredBatch, isLeft: boolean): void {
    this.#batch = keyed.batch;
    this.#isLeft = isLeft;
    this.clear();
  }

  /** Held rows of the left side that met nothing. */
  beginUnmet(): void {
    this.#batch = null;
    this.clear();
  }

  /** True: there is room for no more. */
  add(row: number, timeMs: number, stretch: Stretch, place: number): boolean {
    const at = this.size++;
    this.#rows[at] = row;
    this.#times[at] = Math.max(timeMs, stretch.times[place]!);
    this.#stretches[at] = stretch;
    this.#places[at] = place;
    return this.size === this.#max;
  }

  addUnmet(stretch: Stretch, place: number): boolean {
    return this.add(0, -Infinity, stretch, place);
  }

  clear(): void {
    this.size = 0;
    this.#stretches.length = 0;
  }

  /** A copy. */
  times(): Float64Array {
    return this.#times.slice(0, this.size);
  }

  /** Copies. */
  refs(): { readonly left: RowRefs; readonly right: RowRefs } {
    const held = this.#heldRefs();
    if (this.#batch === null) return { left: held, right: this.#none() };
    const own: RowRefs = {
      batches: [this.#batch],
      batchOf: new Uint32Array(this.size),
      rowOf: this.#rows.slice(0, this.size),
    };
    return this.#isLeft ? { left: own, right: held } : { left: held, right: own };
  }

  /** The left rows of the n pairs `rows` have met some row. `met`: by row of the new batch. */
  settle(rows: Uint32Array, n: number, met: Uint8Array): void {
    for (let i = 0; i < n; i++) {
      const pair = rows[i]!;
      if (this.#isLeft) met[this.#rows[pair]!] = 1;
      else this.#stretches[pair]!.settled[this.#places[pair]!] = 1;
    }
  }

  #heldRefs(): RowRefs {
    const batches: EventBatch[] = [];
    const numbers = new Map<StoredBatch, number>();
    const batchOf = new Uint32Array(this.size);
    const rowOf = new Uint32Array(this.size);
    for (let i = 0; i < this.size; i++) {
      const stretch = this.#stretches[i]!;
      const place = this.#places[i]!;
      const stored = stretch.batches[stretch.batchOf[place]!]!;
      let number = numbers.get(stored);
      if (number === undefined) {
        number = batches.push(stored.batch) - 1;
        numbers.set(stored, number);
      }
      batchOf[i] = number;
      rowOf[i] = stretch.rowOf[place]!;
    }
    return { batches, batchOf, rowOf };
  }

  #none(): RowRefs {
    const batchOf = new Uint32Array(this.size).fill(NO_BATCH);
    return { batches: [], batchOf, rowOf: new Uint32Array(this.size) };
  }
}
