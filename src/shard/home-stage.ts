/**
 * A query with a home stage, in its home shard: rows that arrive here pass the source stage and go
 * on without a copy, rows of other shards come as batches of their own (of a join with tables only
 * there are none: every shard is home to what arrives there). What follows sees one
 * sequence of batches, in order of arrival.
 *
 * Invariant: nothing closes before every shard that is up has marked that it sent what it had.
 */
import { allRows } from '../kernel/selection.ts';
import { ExchangedBatch } from '../kernel/exchanged-batch.ts';
import type { BatchField, EventBatch } from '../model/batch.ts';
import type { BatchClock } from '../operator/project-rows.ts';
import { isWeighed } from '../ir/sample.ts';
import { sampleOf } from '../ir/source-stage.ts';
import type { StateSize } from '../operator/pane-contents.ts';
import { RateCap } from '../operator/rate-cap.ts';
import { StreamSourceRows } from '../operator/stream-source-rows.ts';
import { RowWeigher } from '../operator/weigh-rows.ts';
import type {
  ExchangedRows,
  ExchangeMark,
  PanesMessage,
  PlannedQuery,
  ShardOutput,
} from './messages.ts';
import type { PipelineStage } from './pipeline-stage.ts';
import { SentAgain } from './sent-again.ts';
import type { StageContext } from './stage-context.ts';

/** What follows the exchange; rows have passed the source stage. */
export interface HomeSink {
  /** The n rows of the batch, which is borrowed. */
  add(batch: EventBatch, rows: Uint32Array, n: number, clock: BatchClock): void;
  /** Events that were looked at around `timeMs` and did not pass. */
  addFiltered(timeMs: number, count: number): void;
  close(throughMs: number): PanesMessage | null;
  peek(beforeMs: number): PanesMessage | null;
  tick(nowMs: number): void;
  /** As of a stage. */
  readonly state: StateSize | null;
  /** Absent: its state has a bound of its own. */
  discard?(): number;
  takeOutputs(): readonly ShardOutput[];
  stringIds(): Iterable<number>;
}

/** Field lists of senders that are remembered; beyond, all are forgotten and learned anew. */
const FIELD_LISTS_MAX = 256;

/** A row that is taken, in rows that are looked at. */
const TAKEN_WORK = 4;

export class HomeStage implements PipelineStage {
  readonly speaks = true;
  readonly planned: PlannedQuery;
  readonly #context: StageContext;
  readonly #source: StreamSourceRows;
  /** Null: no number of events a second is asked for. */
  readonly #cap: RateCap | null;
  /** Null: no such number is extrapolated. */
  readonly #weigher: RowWeigher | null;
  readonly #sink: HomeSink;
  readonly #sentAgain: SentAgain;
  /** Equal lists of fields are one list, so that what was worked out for it is known. */
  readonly #fieldLists = new Map<string, readonly BatchField[]>();
  /** How far each shard's rows are here. */
  readonly #marks = new Map<number, number>();
  #work = 0;
  #closing: { readonly throughMs: number; readonly awaits: Set<number> } | null = null;

  constructor(planned: PlannedQuery, sink: HomeSink, context: StageContext) {
    this.planned = planned;
    this.#context = context;
    this.#sink = sink;
    this.#sentAgain = new SentAgain(context.config.agentsMax);
    const { pipeline, plan } = planned;
    const sample = sampleOf(plan);
    this.#source = new StreamSourceRows(plan, pipeline, false);
    const isRate = sample?.kind === 'rps';
    this.#cap = isRate && !sample.extrapolate ? new RateCap(sample.perSecond) : null;
    this.#weigher = isWeighed(sample) ? new RowWeigher(sample.perSecond, pipeline) : null;
  }

  get work(): number {
    return this.#work;
  }

  get state(): StateSize | null {
    return this.#sink.state;
  }

  discard(): number {
    return this.#sink.discard?.() ?? 0;
  }

  addBatch(batch: EventBatch, clock: BatchClock): void {
    const passed = this.#source.of(batch.stream).rows.select(batch, clock);
    if (passed === null) return;
    this.#work += passed.seen + TAKEN_WORK * passed.n;
    this.#sink.addFiltered(batch.span.minMs, passed.seen - passed.n);
    this.#add(this.#context.shard, batch, passed, clock);
  }

  addFiltered(timeMs: number, count: number): void {
    this.#sink.addFiltered(timeMs, count);
  }

  /** Rows and marks of another shard. */
  receive(from: number, message: ExchangedRows | ExchangeMark, nowMs: number): void {
    if (message.type === 'exchanged') {
      const { batch, ingestMs } = message;
      const made = new ExchangedBatch(batch, this.#fieldsOf(batch.fields), this.#context.interner);
      this.#add(from, made, { rows: allRows(made.rows), n: made.rows }, { nowMs, ingestMs });
      return;
    }
    if (message.filtered > 0) this.#sink.addFiltered(message.filteredMs, message.filtered);
    this.#marks.set(from, Math.max(this.#marks.get(from) ?? -Infinity, message.throughMs));
    this.#settle();
  }

  peerLost(shard: number): void {
    this.#marks.delete(shard);
    this.#sentAgain.lost(shard);
    this.#closing?.awaits.delete(shard);
    this.#settle();
  }

  /** Null: it is told when the last of `awaits` has marked. */
  close(throughMs: number, awaits: readonly number[]): null {
    this.#closing = { throughMs, awaits: new Set(awaits) };
    this.#settle();
    return null;
  }

  peek(beforeMs: number): PanesMessage | null {
    return this.#sink.peek(beforeMs);
  }

  tick(nowMs: number): void {
    this.#sink.tick(nowMs);
  }

  takeOutputs(): readonly ShardOutput[] {
    return this.#sink.takeOutputs();
  }

  stringIds(): Iterable<number> {
    return this.#sink.stringIds();
  }

  #add(
    from: number,
    batch: EventBatch,
    passed: { readonly rows: Uint32Array; readonly n: number },
    clock: BatchClock,
  ): void {
    const n = this.#sentAgain.select(from, batch, passed.rows, passed.n);
    if (n === 0) return;
    const rows = this.#sentAgain.selected;
    if (this.#weigher !== null) {
      const weighed = this.#weigher.select(batch, rows, n);
      this.#sink.addFiltered(batch.span.minMs, n - weighed.n);
      this.#sink.add(weighed.batch, this.#weigher.selected, weighed.n, clock);
      return;
    }
    if (this.#cap === null) {
      this.#sink.add(batch, rows, n, clock);
      return;
    }
    const kept = this.#cap.select(batch.times, rows, n);
    this.#sink.addFiltered(batch.span.minMs, n - kept);
    this.#sink.add(batch, this.#cap.selected, kept, clock);
  }

  #settle(): void {
    if (this.#closing === null) return;
    const { throughMs, awaits } = this.#closing;
    for (const shard of awaits) {
      if ((this.#marks.get(shard) ?? -Infinity) >= throughMs) awaits.delete(shard);
    }
    if (awaits.size > 0) return;
    this.#closing = null;
    const message = this.#sink.close(throughMs);
    if (message !== null) this.#context.tell(message);
  }

  #fieldsOf(fields: readonly BatchField[]): readonly BatchField[] {
    const key = JSON.stringify(fields);
    const known = this.#fieldLists.get(key);
    if (known !== undefined) return known;
    if (this.#fieldLists.size >= FIELD_LISTS_MAX) this.#fieldLists.clear();
    this.#fieldLists.set(key, fields);
    return fields;
  }
}
