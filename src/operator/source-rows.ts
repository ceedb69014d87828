/**
 * The source stage of one pipeline over whole batches, for stages that are not made here: which
 * rows its sample and WHERE let pass, and a view through which what passed can be read.
 */
import { createEvalCounters } from '../expr/context.ts';
import type { EvalCounters } from '../expr/context.ts';
import type { FieldPath } from '../ir/expression.ts';
import { sampleMark } from '../ir/sample.ts';
import type { SourceStage } from '../ir/plan.ts';
import { BatchView } from '../kernel/batch-view.ts';
import { FieldSet } from '../kernel/field-set.ts';
import { allRows } from '../kernel/selection.ts';
import type { EventBatch } from '../model/batch.ts';
import { grownUints } from '../sketch/typed-column.ts';
import { rowsUntil } from '../window/pane-split.ts';
import type { BatchClock } from './project-rows.ts';
import { RowFilter } from './row-filter.ts';

/** Borrowed until the next batch. */
export interface PassedRows {
  /** The first n are meant; ascending. */
  readonly rows: Uint32Array;
  readonly n: number;
  /** Rows of the batch that were looked at. */
  readonly seen: number;
}

export class SourceRows {
  readonly counters: EvalCounters = createEvalCounters();
  /** Bound to the batch of the last {@link select}. */
  readonly view: BatchView;
  /** Numbers in the view of the fields that were asked for, in their order. */
  readonly numbers: readonly number[];
  /** Number of the column that says what the sample takes; null: no sample. */
  readonly mark: number | null;
  readonly #filter: RowFilter;
  #selected: Uint32Array = new Uint32Array(0);

  /** `query`: what senders call it; `fields`: what is read of rows that passed. */
  constructor(source: SourceStage, query: string, fields: readonly FieldPath[]) {
    const set = new FieldSet();
    this.#filter = new RowFilter(source, query, set, this.counters);
    this.numbers = fields.map((path) => set.number(path));
    this.mark = source.sample === null ? null : set.mark(sampleMark(query));
    this.view = new BatchView(set);
  }

  /**
   * Null: the sender was not yet asked for this pipeline's fields; nothing is known of its rows.
   */
  select(batch: EventBatch, clock: BatchClock): PassedRows | null {
    if (this.view.bind(batch, clock.nowMs, clock.ingestMs) === 'not-covered') return null;
    let rows = allRows(batch.rows);
    let seen = batch.rows;
    this.#selected = grownUints(this.#selected, seen);
    if (clock.latestMs !== undefined && batch.span.maxMs > clock.latestMs) {
      seen = rowsUntil(batch.times, seen, clock.latestMs, this.#selected);
      rows = this.#selected;
    }
    if (this.#filter.passesAll) return { rows, n: seen, seen };
    const n = this.#filter.select(this.view, rows, seen, this.#selected);
    return { rows: this.#selected, n, seen };
  }
}
