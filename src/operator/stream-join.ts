/**
 * One windowed join of two sequences of rows, pure: batches in, batches of joined rows out. Rows
 * with equal keys meet if their times are less than `withinMs` apart, whichever came first; each
 * pair once. Rows of a LEFT JOIN that met nothing come out when the watermark says that nothing
 * can meet them any more. What is held is bounded: rows beyond the bound still meet what is there,
 * but are not kept for what is to come, and are counted.
 *
 * Which rows come out depends on the rows that went in, not on their order.
 * @see Kang, Naughton, Viglas: Evaluating Window Joins over Unbounded Streams (2003)
 * Bench: bench/join.ts.
 */
import type { Config } from '../config.ts';
import { createEvalCounters } from '../expr/context.ts';
import type { Expression } from '../ir/expression.ts';
import { BatchView } from '../kernel/batch-view.ts';
import { FieldSet } from '../kernel/field-set.ts';
import { NO_KEY } from '../kernel/key-hashes.ts';
import { JoinedBatch } from '../kernel/joined-batch.ts';
import { compilePredicate } from '../kernel/predicate.ts';
import type { PredicateKernel } from '../kernel/predicate.ts';
import { allRows } from '../kernel/selection.ts';
import type { BatchField, EventBatch, Interner } from '../model/batch.ts';
import { JoinPairs } from './join-pairs.ts';
import { JoinSideState, keysEqual } from './join-side.ts';
import type { KeyedRows } from './join-side.ts';
import type { StoredBatch, Stretch } from './join-store.ts';
import type { PairBudget } from './pair-budget.ts';
import type { BatchClock } from './project-rows.ts';

export interface StreamJoinOptions {
  readonly type: 'inner' | 'left';
  readonly withinMs: number;
  /** How long after its time a row of the left side may come: the delay of joins before. */
  readonly leftDelayMs: number;
  /** Over rows of the two sides. */
  readonly keys: readonly { readonly left: Expression; readonly right: Expression }[];
  /** Over joined rows. */
  readonly on: Expression | null;
  /** Columns of the two sides, the same for all batches. */
  readonly leftFields: readonly BatchField[];
  readonly rightFields: readonly BatchField[];
  readonly config: Pick<Config, 'joinRowsMax' | 'joinBytesMax'>;
  /** Shared by all joins of a query. */
  readonly budget: PairBudget;
  readonly interner: Interner;
  readonly emit: (batch: EventBatch, rows: Uint32Array, n: number, clock: BatchClock) => void;
}

/** Pairs that are looked at together, so that a key that everybody has fills no memory. */
const PAIRS_MAX = 4_096;

export class StreamJoin {
  /** Of joined rows. */
  readonly fields: readonly BatchField[];
  /** Rows that were not kept because the bound was reached. */
  dropped = 0;
  /** Rows that were not held against all that they might have met. */
  cut = 0;
  readonly #options: StreamJoinOptions;
  readonly #left: JoinSideState;
  readonly #right: JoinSideState;
  readonly #on: PredicateKernel | null;
  readonly #view: BatchView;
  readonly #pairs = new JoinPairs(PAIRS_MAX);
  readonly #stretches: Stretch[] = [];
  #selected: Uint32Array = new Uint32Array(PAIRS_MAX);
  #met: Uint8Array = new Uint8Array(0);

  constructor(options: StreamJoinOptions) {
    const { keys, leftFields, on, rightFields, withinMs } = options;
    const set = new FieldSet();
    this.#options = options;
    this.fields = [...leftFields, ...rightFields];
    this.#left = new JoinSideState(
      keys.map(({ left }) => left),
      leftFields,
      withinMs,
    );
    this.#right = new JoinSideState(
      keys.map(({ right }) => right),
      rightFields,
      withinMs,
    );
    this.#on = on === null ? null : compilePredicate(on, set, createEvalCounters());
    this.#view = new BatchView(set);
  }

  /** Rows and bytes that are held. */
  get held(): { readonly rows: number; readonly bytes: number } {
    const [left, right] = [this.#left.store, this.#right.store];
    return { rows: left.rows + right.rows, bytes: left.bytes + right.bytes };
  }

  /** The n rows of a batch that is not borrowed; a row of it takes up about `rowBytes`. */
  addLeft(batch: EventBatch, rows: Uint32Array, n: number, from: RowOrigin): void {
    const keyed = this.#left.read(batch, from.rowBytes, from.clock);
    this.#meet(keyed, { rows, n, isLeft: true }, from.clock);
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      const hash = keyed.hashes[row]!;
      // Without a key it meets nothing; a LEFT JOIN gives it when its time has come.
      if (hash === NO_KEY && this.#options.type === 'inner') continue;
      if (this.#hasRoom(keyed)) this.#left.store.add(keyed, row, hash, this.#met[row] === 1);
    }
  }

  addRight(batch: EventBatch, rows: Uint32Array, n: number, from: RowOrigin): void {
    const keyed = this.#right.read(batch, from.rowBytes, from.clock);
    this.#meet(keyed, { rows, n, isLeft: false }, from.clock);
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      const hash = keyed.hashes[row]!;
      if (hash !== NO_KEY && this.#hasRoom(keyed)) this.#right.store.add(keyed, row, hash, false);
    }
  }

  /** No more rows before `watermarkMs` will come, but for those of the left side's delay. */
  advance(watermarkMs: number, clock: BatchClock): void {
    const { leftDelayMs, type, withinMs } = this.#options;
    const dueMs = watermarkMs - withinMs;
    if (type === 'left') this.#giveUnmet(dueMs, clock);
    this.#left.store.forget(dueMs);
    this.#right.store.forget(dueMs - leftDelayMs);
  }

  /** Rows of one side against what is held of the other. */
  #meet(keyed: StoredBatch & KeyedRows, side: MeetingRows, clock: BatchClock): void {
    const { isLeft, n, rows } = side;
    const { withinMs } = this.#options;
    const { times } = keyed.batch;
    const other = isLeft ? this.#right.store : this.#left.store;
    if (isLeft) this.#clearMet(keyed.batch.rows);
    this.#pairs.begin(keyed, isLeft);
    this.#options.budget.refill(clock.nowMs);
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      const hash = keyed.hashes[row]!;
      if (hash === NO_KEY) continue;
      const timeMs = times[row]!;
      const found = other.meeting(timeMs - withinMs, timeMs + withinMs, this.#stretches);
      let isWhole = true;
      for (let s = 0; isWhole && s < found; s++) {
        isWhole = this.#meetStretch(keyed, row, this.#stretches[s]!, clock);
      }
      if (isWhole) continue;
      this.cut++;
      // Whether it would have met something is not known: it never comes out as one that did not.
      if (isLeft) this.#met[row] = 1;
    }
    this.#flush(clock);
  }

  /** False: the budget did not reach for all of it. */
  #meetStretch(
    keyed: StoredBatch & KeyedRows,
    row: number,
    stretch: Stretch,
    clock: BatchClock,
  ): boolean {
    const { budget, withinMs } = this.#options;
    const hash = keyed.hashes[row]!;
    const timeMs = keyed.batch.times[row]!;
    for (let link = stretch.first(hash); link !== 0; link = stretch.next(link)) {
      if (!budget.take()) return false;
      const at = link - 1;
      if (stretch.hashes[at] !== hash) continue;
      if (Math.abs(stretch.times[at]! - timeMs) >= withinMs) continue;
      const stored = stretch.batches[stretch.batchOf[at]!]!;
      if (!keysEqual(keyed, row, stored, stretch.rowOf[at]!)) continue;
      if (this.#pairs.add(row, timeMs, stretch, at)) this.#flush(clock);
    }
    return true;
  }

  /** Decides on the pairs that are waiting and hands on those that stand. */
  #flush(clock: BatchClock): void {
    const pairs = this.#pairs;
    if (pairs.size === 0) return;
    const batch = this.#joined(pairs);
    let rows = allRows(batch.rows);
    let n = batch.rows;
    if (this.#on !== null) {
      this.#view.bind(batch, clock.nowMs, clock.ingestMs);
      n = this.#on.select(this.#view, rows, n, this.#selected);
      rows = this.#selected;
    }
    if (this.#options.type === 'left') pairs.settle(rows, n, this.#met);
    pairs.clear();
    if (n > 0) this.#options.emit(batch, rows, n, clock);
  }

  #joined(pairs: JoinPairs): JoinedBatch {
    const { interner } = this.#options;
    const { left, right } = pairs.refs();
    const sides = {
      left: { fields: this.#left.fields, refs: left },
      right: { fields: this.#right.fields, refs: right },
    };
    return new JoinedBatch(sides, this.fields, pairs.times(), interner);
  }

  /** Rows at `throughMs` or before meet nothing from now on. */
  #giveUnmet(throughMs: number, clock: BatchClock): void {
    const pairs = this.#pairs;
    for (const stretch of this.#left.store.through(throughMs)) {
      pairs.beginUnmet();
      stretch.settleThrough(throughMs, (row) => {
        if (pairs.addUnmet(stretch, row)) this.#flushUnmet(clock);
      });
      this.#flushUnmet(clock);
    }
  }

  #flushUnmet(clock: BatchClock): void {
    const pairs = this.#pairs;
    if (pairs.size === 0) return;
    const batch = this.#joined(pairs);
    pairs.clear();
    this.#options.emit(batch, allRows(batch.rows), batch.rows, clock);
  }

  #clearMet(rows: number): void {
    if (this.#met.length < rows) this.#met = new Uint8Array(rows);
    else this.#met.fill(0, 0, rows);
  }

  #hasRoom({ rowBytes }: StoredBatch): boolean {
    const { joinBytesMax, joinRowsMax } = this.#options.config;
    const { bytes, rows } = this.held;
    if (rows < joinRowsMax && bytes + rowBytes <= joinBytesMax) return true;
    this.dropped++;
    return false;
  }
}

export interface RowOrigin {
  readonly rowBytes: number;
  readonly clock: BatchClock;
}

interface MeetingRows {
  readonly rows: Uint32Array;
  readonly n: number;
  readonly isLeft: boolean;
}
