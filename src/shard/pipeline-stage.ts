/**
 * The shard's part of one pipeline. Where it is evaluated as it arrives: panes for everything that
 * has windows or a running value, rows that pass at once for a plain select without one. Where it
 * has a home stage: that stage, or the way to it.
 */
import type { Config } from '../config.ts';
import { shapesOf } from '../aggregate/partial-shape.ts';
import type { CohortTable } from '../operator/cohort-table.ts';
import { PaneTable } from '../operator/pane-table.ts';
import { RowStage } from '../operator/project-rows.ts';
import type { BatchClock } from '../operator/project-rows.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { EventBatch } from '../model/batch.ts';
import { DeltaPanes } from '../window/delta-panes.ts';
import type { SlotRow } from '../window/pane-partial.ts';
import { CountSink } from './count-sink.ts';
import { DeltaStage } from './delta-stage.ts';
import { ExchangeStage } from './exchange-stage.ts';
import { HomeStage } from './home-stage.ts';
import { JoinSink } from './join-sink.ts';
import type { HomeSink } from './home-stage.ts';
import type { PanesMessage, PlannedQuery, RowsOutput, ShardOutput } from './messages.ts';
import { SessionSink } from './session-sink.ts';
import type { StateSize } from '../operator/pane-contents.ts';
import type { StageContext } from './stage-context.ts';

export interface PipelineStage {
  readonly planned: PlannedQuery;
  /** It tells of itself, and may live by the clock; else it only answers. */
  readonly speaks: boolean;
  /** Rows looked at and rows taken so far, weighed: what shedding goes by. */
  readonly work: number;
  /** What its open panes take; null: next to nothing. Costs a walk. */
  readonly state: StateSize | null;
  /** Gives up what open panes hold; returns the events that were in them. */
  discard(): number;
  addBatch(batch: EventBatch, clock: BatchClock): void;
  addFiltered(timeMs: number, count: number): void;
  /** Null for rows that pass at once, and where the answer comes later. */
  close(throughMs: number, awaits: readonly number[]): PanesMessage | null;
  peek(beforeMs: number): PanesMessage | null;
  tick(nowMs: number): void;
  /** What is to be told without being asked since the last call. */
  takeOutputs(): readonly ShardOutput[];
  stringIds(): Iterable<number>;
}

/** A stage that is evaluated alone. */
export function createStage(planned: PlannedQuery, context: StageContext): PipelineStage {
  const { home, plan } = planned;
  if (plan.home === null && plan.join === null) {
    return withDeltas(planned, createLeaf(planned, context), context.config);
  }
  if (plan.home !== null && home !== context.shard) {
    return new ExchangeStage(planned, home, context);
  }
  const sink = createSink(planned, context);
  const joined = plan.join === null ? sink : new JoinSink(planned, plan.join, sink, context);
  return new HomeStage(planned, joined, context);
}

/** With a table for what agents aggregated, if they were asked to. */
export function withDeltas(
  { closedThroughMs, isEdge, plan }: PlannedQuery,
  shipped: PipelineStage,
  config: Config,
): PipelineStage {
  const { aggregate } = plan;
  const aggregates = isEdge === true && aggregate !== null ? shapesOf(aggregate) : null;
  if (aggregate === null || aggregates === null) return shipped;
  const panes = new DeltaPanes(plan, aggregate, { config, closedThroughMs });
  return new DeltaStage(shipped, { shape: { keys: aggregate.keys.length, aggregates }, panes });
}

function createSink(planned: PlannedQuery, context: StageContext): HomeSink {
  const { window } = planned.plan;
  switch (window.kind) {
    case 'count':
      return new CountSink(planned, window, context.config);
    case 'session':
      return new SessionSink(planned, window, context.config);
    default:
      return createLeaf(planned, context);
  }
}

function createLeaf(planned: PlannedQuery, { config }: StageContext): PassingStage | PanedStage {
  const { plan, closedThroughMs, pipeline: query } = planned;
  if (passesAtOnce(plan)) return new PassingStage(planned, config);
  const isFiltered = plan.home !== null || plan.join !== null;
  const table = new PaneTable(plan, { config, closedThroughMs, query, isFiltered });
  return new PanedStage(planned, table, table);
}

/** A stage whose cohort takes the batches for it. */
export function stageOf(planned: PlannedQuery, table: CohortTable): PipelineStage {
  return new PanedStage(planned, table, null);
}

/** Rows of the query go out as they come, and there are no panes. */
export function passesAtOnce({ aggregate, window }: QueryPlan): boolean {
  return aggregate === null && window.kind === 'none';
}

const NOTHING: readonly never[] = [];
/** A row that is made, in rows that are looked at. */
const ROW_WORK = 20;

class PanedStage implements PipelineStage, HomeSink {
  readonly speaks = false;
  readonly planned: PlannedQuery;
  readonly #table: CohortTable;
  readonly #alone: PaneTable | null;

  constructor(planned: PlannedQuery, table: CohortTable, alone: PaneTable | null) {
    this.planned = planned;
    this.#table = table;
    this.#alone = alone;
  }

  get work(): number {
    return this.#table.work;
  }

  get state(): StateSize {
    return this.#table.state;
  }

  discard(): number {
    return this.#table.discard();
  }

  addBatch(batch: EventBatch, clock: BatchClock): void {
    this.#alone?.addBatch(batch, clock);
  }

  add(batch: EventBatch, rows: Uint32Array, n: number, clock: BatchClock): void {
    this.#alone?.addSelected(batch, rows, n, clock);
  }

  addFiltered(timeMs: number, count: number): void {
    this.#table.addFiltered(timeMs, count);
  }

  close(throughMs: number): PanesMessage {
    return this.#message(true, throughMs, this.#table.closeThrough(throughMs));
  }

  peek(beforeMs: number): PanesMessage {
    return this.#message(false, beforeMs, this.#table.peek(beforeMs));
  }

  tick(): void {
    // Panes close when they are asked to.
  }

  takeOutputs(): readonly never[] {
    return NOTHING;
  }

  stringIds(): Iterable<number> {
    return this.#table.stringIds();
  }

  #message(closed: boolean, throughMs: number, panes: PanesMessage['panes']): PanesMessage {
    const { late, dropped } = this.#table.counts;
    const { pipeline } = this.planned;
    return {
      type: 'panes',
      pipeline,
      closed,
      throughMs,
      panes,
      late,
      dropped: { panes: dropped.panes, rows: dropped.windowRows },
    };
  }
}

/** Rows wait for the end of the turn, bounded; what exceeds the bound is counted. */
class PassingStage implements PipelineStage, HomeSink {
  readonly speaks = true;
  /** Rows that wait for the end of a turn are bounded by their number. */
  readonly state = null;
  readonly planned: PlannedQuery;
  readonly #stage: RowStage;
  readonly #rowsMax: number;
  #rows: SlotRow[] = [];
  #seen = 0;
  #matched = 0;
  #dropped = 0;
  #work = 0;

  constructor(planned: PlannedQuery, config: Config) {
    const { pipeline, plan } = planned;
    this.planned = planned;
    this.#stage = new RowStage(plan, {
      query: pipeline,
      isFiltered: plan.home !== null || plan.join !== null,
    });
    this.#rowsMax = config.tailRowsPerSecondMax;
  }

  get work(): number {
    return this.#work;
  }

  addBatch(batch: EventBatch, clock: BatchClock): void {
    const room = this.#rowsMax - this.#rows.length;
    const projected = this.#stage.addBatch(batch, clock, room);
    if (projected === null) return;
    this.#take(projected.rows, projected.seen, projected.matched);
  }

  add(batch: EventBatch, rows: Uint32Array, n: number, clock: BatchClock): void {
    const room = this.#rowsMax - this.#rows.length;
    // What a join puts together was seen before.
    const seen = this.planned.plan.join === null ? n : 0;
    this.#take(this.#stage.addSelected(batch, { rows, n }, clock, room), seen, n);
  }

  addFiltered(_timeMs: number, count: number): void {
    this.#seen += count;
  }

  /** Rows leave at the end of the turn. */
  discard(): number {
    return 0;
  }

  close(): null {
    return null;
  }

  peek(): null {
    return null;
  }

  tick(): void {
    // Rows leave at the end of every turn.
  }

  takeOutputs(): readonly RowsOutput[] {
    if (this.#seen === 0 && this.#matched === 0) return NOTHING;
    const { pipeline } = this.planned;
    const dropped = this.#dropped === 0 ? {} : { rows: this.#dropped };
    const rows = this.#rows;
    const output: RowsOutput = {
      type: 'rows',
      pipeline,
      rows,
      seen: this.#seen,
      matched: this.#matched,
      dropped,
    };
    this.#rows = [];
    this.#seen = 0;
    this.#matched = 0;
    this.#dropped = 0;
    return [output];
  }

  stringIds(): Iterable<number> {
    return [];
  }

  #take(rows: readonly SlotRow[], seen: number, matched: number): void {
    for (const row of rows) this.#rows.push(row);
    this.#seen += seen;
    this.#matched += matched;
    this.#dropped += matched - rows.length;
    this.#work += seen + ROW_WORK * rows.length;
  }
}
