/**
 * Windows of a number of events that matched, in order of arrival. Rows are cut where a window is
 * full; what is left waits for more, or for the timeout, which runs from the arrival of a window's
 * first event.
 *
 * Invariant: every row is in exactly one window; a window but the last has exactly `count` rows
 * unless it timed out.
 */
import type { Config } from '../config.ts';
import { createEvalCounters } from '../expr/context.ts';
import type { EvalCounters } from '../expr/context.ts';
import type { CountWindow, QueryPlan } from '../ir/plan.ts';
import { BatchView } from '../kernel/batch-view.ts';
import { FieldSet } from '../kernel/field-set.ts';
import type { EventBatch } from '../model/batch.ts';
import type { HomeWindow, OpenCount } from '../window/home-partial.ts';
import { contentsOf } from './contents-of.ts';
import type { PaneContents, StateSize } from './pane-contents.ts';
import type { BatchClock } from './project-rows.ts';

export class CountWindows {
  readonly counters: EvalCounters = createEvalCounters();
  readonly #spec: CountWindow;
  readonly #view: BatchView;
  readonly #contents: PaneContents;
  readonly #endedMax: number;
  #ended: HomeWindow[] = [];
  #dropped = 0;
  #filled = 0;
  #seen = 0;
  #minMs = Infinity;
  #maxMs = -Infinity;
  /** When the first event of the open window arrived. */
  #openedMs = 0;

  readonly #isJoined: boolean;

  constructor(plan: QueryPlan, spec: CountWindow, config: Config) {
    this.#isJoined = plan.join !== null;
    const fields = new FieldSet();
    this.#spec = spec;
    this.#contents = contentsOf(plan, { fields, counters: this.counters, config })();
    this.#view = new BatchView(fields);
    this.#endedMax = config.tailRowsPerSecondMax;
  }

  get state(): StateSize {
    return this.#contents.state;
  }

  /** Events in windows that nobody had room for. */
  get dropped(): number {
    return this.#dropped;
  }

  get open(): OpenCount {
    return { filled: this.#filled, of: this.#spec.count };
  }

  /** The n rows of the batch that matched. */
  add(batch: EventBatch, rows: Uint32Array, n: number, clock: BatchClock): void {
    if (n === 0) return;
    this.#view.bind(batch, clock.nowMs, clock.ingestMs);
    for (let from = 0; from < n;) {
      if (this.#filled === 0) this.#openedMs = clock.nowMs;
      const taken = Math.min(n - from, this.#spec.count - this.#filled);
      const part = rows.subarray(from, from + taken);
      this.#contents.add(this.#view, part, taken);
      this.#note(batch.times, part, taken);
      from += taken;
      if (this.#filled === this.#spec.count) this.#end();
    }
  }

  /** Events that were looked at and did not match. */
  addFiltered(count: number): void {
    this.#seen += count;
  }

  /** Ends a window that has waited long enough. */
  tick(nowMs: number): void {
    const { timeoutMs } = this.#spec;
    if (timeoutMs === null || this.#filled === 0) return;
    if (nowMs - this.#openedMs >= timeoutMs) this.#end();
  }

  /** Windows that ended since the last call, in order; owned by the caller. */
  take(): HomeWindow[] {
    const ended = this.#ended;
    if (ended.length > 0) this.#ended = [];
    return ended;
  }

  stringIds(): Iterable<number> {
    return this.#contents.stringIds();
  }

  #note(times: Float64Array, rows: Uint32Array, n: number): void {
    for (let i = 0; i < n; i++) {
      const timeMs = times[rows[i]!]!;
      if (timeMs < this.#minMs) this.#minMs = timeMs;
      if (timeMs > this.#maxMs) this.#maxMs = timeMs;
    }
    this.#filled += n;
    // The events that rows of a join come from were counted when they went into it.
    if (!this.#isJoined) this.#seen += n;
  }

  #end(): void {
    if (this.#ended.length >= this.#endedMax) this.#dropped += this.#filled;
    else {
      this.#ended.push({
        startMs: Math.floor(this.#minMs),
        endMs: Math.floor(this.#maxMs) + 1,
        seen: this.#seen,
        matched: this.#filled,
        groups: this.#contents.groups(),
        rows: this.#contents.rows(),
      });
    }
    this.#contents.reset();
    this.#filled = 0;
    this.#seen = 0;
    this.#minMs = Infinity;
    this.#maxMs = -Infinity;
  }
}
