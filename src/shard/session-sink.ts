/** Session windows at their home shard: those that have ended leave when panes would close. */
import type { Config } from '../config.ts';
import type { SessionWindow } from '../ir/plan.ts';
import type { EventBatch } from '../model/batch.ts';
import type { StateSize } from '../operator/pane-contents.ts';
import type { BatchClock } from '../operator/project-rows.ts';
import { SessionWindows } from '../operator/session-windows.ts';
import type { HomeSink } from './home-stage.ts';
import type { PanesMessage, PlannedQuery, ShardOutput } from './messages.ts';

export class SessionSink implements HomeSink {
  readonly #pipeline: string;
  readonly #windows: SessionWindows;

  constructor(planned: PlannedQuery, window: SessionWindow, config: Config) {
    const { closedThroughMs, pipeline, plan } = planned;
    this.#pipeline = pipeline;
    this.#windows = new SessionWindows(plan, window, { config, closedThroughMs });
  }

  get state(): StateSize {
    return this.#windows.state;
  }

  add(batch: EventBatch, rows: Uint32Array, n: number, clock: BatchClock): void {
    this.#windows.add(batch, rows, n, clock);
  }

  addFiltered(_timeMs: number, count: number): void {
    this.#windows.addFiltered(count);
  }

  close(throughMs: number): PanesMessage {
    const sessions = this.#windows.closeThrough(throughMs);
    const { late, rows, sessions: refused } = this.#windows.counts;
    return {
      type: 'panes',
      pipeline: this.#pipeline,
      closed: true,
      throughMs,
      panes: [],
      sessions,
      late,
      dropped: { rows, sessions: refused },
    };
  }

  peek(): null {
    return null;
  }

  tick(): void {
    // Event time ends sessions, and who asks knows it.
  }

  takeOutputs(): readonly ShardOutput[] {
    return [];
  }

  stringIds(): Iterable<number> {
    return this.#windows.stringIds();
  }
}
