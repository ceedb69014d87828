/**
 * A join in front of what a query does with rows: events go in, joined rows go on into panes,
 * windows of a number of rows, or straight out. Event times before the watermark that the
 * coordinator has closed through are late: what they could have met may be gone.
 *
 * Invariant: every event is counted once, as seen, as late, or by who sent it.
 */
import { joinDelayMs } from '../ir/join.ts';
import type { JoinStage } from '../ir/join.ts';
import { JoinProgram } from '../operator/join-program.ts';
import type { EventBatch } from '../model/batch.ts';
import type { StateSize } from '../operator/pane-contents.ts';
import type { BatchClock } from '../operator/project-rows.ts';
import { grownUints } from '../sketch/typed-column.ts';
import { splitByPane } from '../window/pane-split.ts';
import type { HomeSink } from './home-stage.ts';
import type { PanesMessage, PlannedQuery, ShardOutput } from './messages.ts';
import type { StageContext } from './stage-context.ts';

export class JoinSink implements HomeSink {
  readonly #planned: PlannedQuery;
  readonly #inner: HomeSink;
  readonly #program: JoinProgram;
  /** Rows come out of the join so long after their own time. */
  readonly #delayMs: number;
  #watermarkMs: number;
  #clock: BatchClock = { nowMs: 0 };
  #late = 0;
  #onTime: Uint32Array = new Uint32Array(0);

  constructor(planned: PlannedQuery, stage: JoinStage, inner: HomeSink, context: StageContext) {
    const { config, interner, tables } = context;
    this.#planned = planned;
    this.#inner = inner;
    this.#delayMs = joinDelayMs(stage);
    this.#watermarkMs = planned.closedThroughMs;
    this.#program = new JoinProgram(planned.plan, stage, {
      config,
      interner,
      table: (name) => tables.get(name),
      emit: (batch, rows, n, clock) => {
        if (n > 0) inner.add(batch, rows, n, clock);
      },
    });
  }

  /** Events that wait for their partners, and what follows. */
  get state(): StateSize {
    const { bytes, groups } = this.#inner.state ?? { bytes: 0, groups: 0 };
    return { bytes: bytes + this.#program.held.bytes, groups };
  }

  /** What waits for partners is bounded by itself, and goes as time passes. */
  discard(): number {
    return this.#inner.discard?.() ?? 0;
  }

  add(batch: EventBatch, rows: Uint32Array, n: number, clock: BatchClock): void {
    this.#clock = clock;
    let onTime = rows;
    let count = n;
    if (batch.span.minMs < this.#watermarkMs) {
      onTime = this.#onTime = grownUints(this.#onTime, n);
      count = 0;
      for (let i = 0; i < n; i++) {
        if (batch.times[rows[i]!]! >= this.#watermarkMs) onTime[count++] = rows[i]!;
      }
      this.#late += n - count;
    }
    if (count === 0) return;
    this.#see(batch, onTime, count);
    this.#program.add(batch, onTime, count, clock);
  }

  /** Seen are the events, each in its pane; rows that come out of the join only match. */
  #see({ span, times }: EventBatch, rows: Uint32Array, n: number): void {
    const { paneMs } = this.#planned.plan.window;
    if (paneMs === 0 || Math.floor(span.minMs / paneMs) === Math.floor(span.maxMs / paneMs)) {
      this.#inner.addFiltered(span.maxMs, n);
      return;
    }
    for (const part of splitByPane(times, rows, n, paneMs)) {
      this.#inner.addFiltered(part.startMs, part.n);
    }
  }

  addFiltered(timeMs: number, count: number): void {
    this.#inner.addFiltered(timeMs, count);
  }

  close(throughMs: number): PanesMessage {
    this.#watermarkMs = Math.max(this.#watermarkMs, throughMs + this.#delayMs);
    this.#program.advance(this.#watermarkMs, this.#clock);
    return this.#counted(this.#inner.close(throughMs) ?? this.#noPanes(throughMs));
  }

  peek(beforeMs: number): PanesMessage | null {
    const message = this.#inner.peek(beforeMs);
    return message === null ? null : this.#counted(message);
  }

  tick(nowMs: number): void {
    this.#clock = { nowMs };
    this.#inner.tick(nowMs);
  }

  takeOutputs(): readonly ShardOutput[] {
    return this.#inner.takeOutputs();
  }

  stringIds(): Iterable<number> {
    return this.#inner.stringIds();
  }

  /** With what the join itself has lost. */
  #counted(message: PanesMessage): PanesMessage {
    const { cut, dropped } = this.#program;
    return {
      ...message,
      late: message.late + this.#late,
      dropped: { ...message.dropped, join: dropped, joinPairs: cut },
    };
  }

  /** Rows that pass at once have no panes; the round has an end all the same. */
  #noPanes(throughMs: number): PanesMessage {
    const { pipeline } = this.#planned;
    return { type: 'panes', pipeline, closed: true, throughMs, panes: [], late: 0, dropped: {} };
  }
}
