/**
 * A query with a home stage, in a shard that is not its home: rows that pass the source stage leave
 * for the home shard with the fields that are read there; everything else is only counted.
 */
import { gatherAll, gatheredBytes, gatherFields } from '../kernel/gather-columns.ts';
import type { EventBatch } from '../model/batch.ts';
import type { BatchClock } from '../operator/project-rows.ts';
import { StreamSourceRows } from '../operator/stream-source-rows.ts';
import type { ExchangedRows, PlannedQuery, StageCountsMessage } from './messages.ts';
import type { PipelineStage } from './pipeline-stage.ts';
import type { StageContext } from './stage-context.ts';

/** A row that is sent, in rows that are looked at. */
const SENT_WORK = 20;

export class ExchangeStage implements PipelineStage {
  readonly speaks = true;
  readonly planned: PlannedQuery;
  readonly #home: number | null;
  readonly #context: StageContext;
  readonly #source: StreamSourceRows;
  #filtered = 0;
  #filteredMs = Infinity;
  #dropped = 0;
  /** What waits for other shards has a bound of its own. */
  readonly state = null;
  #work = 0;
  #toldDropped = 0;

  constructor(planned: PlannedQuery, home: number | null, context: StageContext) {
    const { plan, pipeline } = planned;
    this.planned = planned;
    this.#home = home;
    this.#context = context;
    this.#source = new StreamSourceRows(plan, pipeline, true);
  }

  get work(): number {
    return this.#work;
  }

  /** What waits is on its way already. */
  discard(): number {
    return 0;
  }

  addBatch(batch: EventBatch, clock: BatchClock): void {
    const source = this.#source.of(batch.stream);
    const passed = source.rows.select(batch, clock);
    if (passed === null) return;
    this.addFiltered(batch.span.minMs, passed.seen - passed.n);
    this.#work += passed.seen + SENT_WORK * passed.n;
    if (passed.n === 0) return;
    const { fields, numbers } = source;
    const { view } = source.rows;
    const { rows, n } = passed;
    const gathered =
      fields === null ? gatherAll(view, rows, n) : gatherFields(view, { numbers, fields }, rows, n);
    const { pipeline } = this.planned;
    const isSent = this.#send({
      type: 'exchanged',
      pipeline,
      epoch: this.#context.epoch(),
      batch: gathered,
      bytes: gatheredBytes(gathered),
      ingestMs: clock.ingestMs ?? clock.nowMs,
    });
    if (!isSent) this.#dropped += n;
  }

  addFiltered(timeMs: number, count: number): void {
    if (count === 0) return;
    this.#filtered += count;
    this.#filteredMs = Math.min(this.#filteredMs, timeMs);
  }

  /** The home shard answers, once this mark is there. */
  close(throughMs: number): null {
    this.#mark(throughMs);
    return null;
  }

  peek(): null {
    return null;
  }

  /** Where nothing closes by the clock nobody asks; what was looked at is told all the same. */
  tick(): void {
    if (this.#filtered > 0) this.#mark(-Infinity);
  }

  takeOutputs(): readonly StageCountsMessage[] {
    if (this.#dropped === this.#toldDropped) return [];
    this.#toldDropped = this.#dropped;
    const { pipeline } = this.planned;
    return [{ type: 'stage-counts', pipeline, late: 0, dropped: { exchange: this.#dropped } }];
  }

  stringIds(): Iterable<number> {
    return [];
  }

  #send(message: ExchangedRows): boolean {
    return this.#home !== null && this.#context.peers.sendRows(this.#home, message);
  }

  #mark(throughMs: number): void {
    if (this.#home === null) return;
    const { acknowledge, peers, epoch } = this.#context;
    // A count has no number by which home could know it again.
    if (this.#filtered > 0) acknowledge();
    const { pipeline } = this.planned;
    const [filtered, filteredMs] = [this.#filtered, this.#filteredMs];
    this.#filtered = 0;
    this.#filteredMs = Infinity;
    const type = 'mark' as const;
    const mark = { type, pipeline, epoch: epoch(), throughMs, filtered, filteredMs };
    peers.sendMark(this.#home, mark);
  }
}
