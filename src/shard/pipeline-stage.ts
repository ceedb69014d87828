/**
 * The shard's part of one pipeline: panes for everything that has windows or a running value, rows
 * that pass at once for a plain select without one.
 */
import type { Config } from '../config.ts';
import { PaneTable } from '../operator/pane-table.ts';
import { RowStage } from '../operator/project-rows.ts';
import type { BatchClock } from '../operator/project-rows.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { EventBatch } from '../model/batch.ts';
import type { SlotRow } from '../window/pane-partial.ts';
import type { PanesMessage, PlannedQuery, RowsOutput } from './messages.ts';

export interface PipelineStage {
  readonly planned: PlannedQuery;
  /** Rows pass at once; there are no panes. */
  readonly passes: boolean;
  addBatch(batch: EventBatch, clock: BatchClock): void;
  addFiltered(timeMs: number, count: number): void;
  /** Null for rows that pass at once. */
  close(throughMs: number): PanesMessage | null;
  peek(beforeMs: number): PanesMessage | null;
  /** Rows since the last call; null: none, or there are panes instead. */
  takeRows(): RowsOutput | null;
  stringIds(): Iterable<number>;
}

/** A stage that is evaluated alone. */
export function createStage(planned: PlannedQuery, config: Config): PipelineStage {
  const { plan, closedThroughMs, pipeline: query } = planned;
  if (passesAtOnce(plan)) return new PassingStage(planned, config);
  return new PanedStage(planned, new PaneTable(plan, { config, closedThroughMs, query }));
}

/** A stage whose table is fed with those of its cohort. */
export function stageOf(planned: PlannedQuery, table: PaneTable): PipelineStage {
  return new PanedStage(planned, table);
}

/** Rows of the query go out as they come, and there are no panes. */
export function passesAtOnce({ aggregate, window }: QueryPlan): boolean {
  return aggregate === null && window.kind === 'none';
}

class PanedStage implements PipelineStage {
  readonly passes = false;
  readonly planned: PlannedQuery;
  readonly #table: PaneTable;

  constructor(planned: PlannedQuery, table: PaneTable) {
    this.planned = planned;
    this.#table = table;
  }

  addBatch(batch: EventBatch, clock: BatchClock): void {
    this.#table.addBatch(batch, clock);
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

  takeRows(): null {
    return null;
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
class PassingStage implements PipelineStage {
  readonly passes = true;
  readonly planned: PlannedQuery;
  readonly #stage: RowStage;
  readonly #rowsMax: number;
  #rows: SlotRow[] = [];
  #seen = 0;
  #matched = 0;
  #dropped = 0;

  constructor(planned: PlannedQuery, config: Config) {
    this.planned = planned;
    this.#stage = new RowStage(planned.plan, planned.pipeline);
    this.#rowsMax = config.tailRowsPerSecondMax;
  }

  addBatch(batch: EventBatch, clock: BatchClock): void {
    const room = this.#rowsMax - this.#rows.length;
    const projected = this.#stage.addBatch(batch, clock, room);
    if (projected === null) return;
    for (const row of projected.rows) this.#rows.push(row);
    this.#seen += projected.seen;
    this.#matched += projected.matched;
    this.#dropped += projected.matched - projected.rows.length;
  }

  addFiltered(_timeMs: number, count: number): void {
    this.#seen += count;
  }

  close(): null {
    return null;
  }

  peek(): null {
    return null;
  }

  takeRows(): RowsOutput | null {
    if (this.#seen === 0) return null;
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
    return output;
  }

  stringIds(): Iterable<number> {
    return [];
  }
}
