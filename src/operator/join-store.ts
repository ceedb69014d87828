/**
 * The rows of one side of a windowed join that others may still meet: hash tables over stretches of
 * event time, each a little longer than the join reaches, so that a row that came looks into few of
 * them and old ones are let go whole. Rows are numbers in typed arrays; what they hold stays in the
 * batches they came in.
 * Bench: bench/join.ts.
 */
import type { CellReader, EventBatch } from '../model/batch.ts';
import { grownFloats, grownUints } from '../sketch/typed-column.ts';

/** A batch that rows of a store are in. */
export interface StoredBatch {
  readonly batch: EventBatch;
  /** Of the members of the key. */
  readonly keys: readonly CellReader[];
  /** What one row of it takes up. */
  readonly rowBytes: number;
}

/** Stretches are at least so long, or a join of a few milliseconds would have thousands. */
const STRETCH_MS_MIN = 50;
const SLOTS_MIN = 64;
/** Beside its batch a row has its times, hash, link and place. */
const ROW_OVERHEAD_BYTES = 32;

export class Stretch {
  readonly startMs: number;
  readonly batches: StoredBatch[] = [];
  rows = 0;
  bytes = 0;
  hashes: Uint32Array = new Uint32Array(SLOTS_MIN);
  times: Float64Array = new Float64Array(SLOTS_MIN);
  batchOf: Uint32Array = new Uint32Array(SLOTS_MIN);
  rowOf: Uint32Array = new Uint32Array(SLOTS_MIN);
  /** 1: some row of the other side met it, or it was given as one that met none. */
  settled: Uint32Array = new Uint32Array(SLOTS_MIN);
  /** Row + 1 of the one before with the same slot; 0: none. */
  #links: Uint32Array = new Uint32Array(SLOTS_MIN);
  #slots: Uint32Array = new Uint32Array(SLOTS_MIN);
  /** Rows by time, for those that met none; how many were in it, and up to which all is settled. */
  #byTime: Uint32Array = new Uint32Array(0);
  #sorted = 0;
  #passed = 0;

  constructor(startMs: number) {
    this.startMs = startMs;
  }

  /** Row + 1 of the newest with this hash or another of its slot; 0: none. */
  first(hash: number): number {
    return this.#slots[hash & (this.#slots.length - 1)]!;
  }

  next(link: number): number {
    return this.#links[link - 1]!;
  }

  add(batch: number, row: number, timeMs: number, hash: number): number {
    const at = this.rows++;
    this.#grow(this.rows);
    this.hashes[at] = hash;
    this.times[at] = timeMs;
    this.batchOf[at] = batch;
    this.rowOf[at] = row;
    this.settled[at] = 0;
    this.#link(at);
    return at;
  }

  /** Calls `take` for every row up to `throughMs` that is not settled, and settles it. */
  settleThrough(throughMs: number, take: (row: number) => void): void {
    if (this.#sorted !== this.rows) this.#sort();
    const order = this.#byTime;
    let at = this.#passed;
    for (; at < this.#sorted; at++) {
      const row = order[at]!;
      if (this.times[row]! > throughMs) break;
      if (this.settled[row] === 1) continue;
      this.settled[row] = 1;
      take(row);
    }
    this.#passed = at;
  }

  #sort(): void {
    const { rows, times } = this;
    const order = Array.from({ length: rows }, (_, row) => row);
    this.#byTime = Uint32Array.from(order.sort((a, b) => times[a]! - times[b]!));
    this.#sorted = rows;
    this.#passed = 0;
  }

  #grow(rows: number): void {
    if (rows <= this.hashes.length) return;
    this.hashes = grownUints(this.hashes, rows);
    this.times = grownFloats(this.times, rows);
    this.batchOf = grownUints(this.batchOf, rows);
    this.rowOf = grownUints(this.rowOf, rows);
    this.settled = grownUints(this.settled, rows);
    this.#links = grownUints(this.#links, rows);
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let row = 0; row < rows - 1; row++) this.#link(row);
  }

  #link(row: number): void {
    const slot = this.hashes[row]! & (this.#slots.length - 1);
    this.#links[row] = this.#slots[slot]!;
    this.#slots[slot] = row + 1;
  }
}

export class JoinStore {
  readonly #stretchMs: number;
  readonly #stretches = new Map<number, Stretch>();
  rows = 0;
  bytes = 0;

  constructor(withinMs: number) {
    this.#stretchMs = Math.max(withinMs, STRETCH_MS_MIN);
  }

  /** Fills `out` with the stretches that may hold rows in (fromMs, toMs); returns how many. */
  meeting(fromMs: number, toMs: number, out: Stretch[]): number {
    const first = Math.floor(fromMs / this.#stretchMs);
    const last = Math.floor(toMs / this.#stretchMs);
    let found = 0;
    for (let index = first; index <= last; index++) {
      const stretch = this.#stretches.get(index);
      if (stretch !== undefined) out[found++] = stretch;
    }
    return found;
  }

  /** Keeps a row; `settled`: it has met some row already. */
  add(stored: StoredBatch, row: number, hash: number, settled: boolean): void {
    const timeMs = stored.batch.times[row]!;
    const stretch = this.#stretch(Math.floor(timeMs / this.#stretchMs));
    if (stretch.batches.at(-1) !== stored) stretch.batches.push(stored);
    const at = stretch.add(stretch.batches.length - 1, row, timeMs, hash);
    if (settled) stretch.settled[at] = 1;
    const bytes = stored.rowBytes + ROW_OVERHEAD_BYTES;
    stretch.bytes += bytes;
    this.bytes += bytes;
    this.rows++;
  }

  /** Stretches that begin by `throughMs`, in order of time. */
  through(throughMs: number): readonly Stretch[] {
    const found = [...this.#stretches.values()].filter(({ startMs }) => startMs <= throughMs);
    return found.sort((a, b) => a.startMs - b.startMs);
  }

  /** Lets go of rows before `beforeMs`, as far as whole stretches are. */
  forget(beforeMs: number): void {
    for (const [index, stretch] of this.#stretches) {
      if (stretch.startMs + this.#stretchMs > beforeMs) continue;
      this.#stretches.delete(index);
      this.rows -= stretch.rows;
      this.bytes -= stretch.bytes;
    }
  }

  #stretch(index: number): Stretch {
    let stretch = this.#stretches.get(index);
    if (stretch === undefined) {
      stretch = new Stretch(index * this.#stretchMs);
      this.#stretches.set(index, stretch);
    }
    return stretch;
  }
}
