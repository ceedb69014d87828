/**
 * Plain selects: the slots of the rows that matched. Only these rows cost objects; everything
 * before is columns and selections.
 */
import type { EvalCounters } from '../expr/context.ts';
import { createEvalCounters } from '../expr/context.ts';
import type { Expression } from '../ir/expression.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { EventBatch } from '../model/batch.ts';
import type { Value } from '../model/value.ts';
import { BatchView } from '../kernel/batch-view.ts';
import { FieldSet } from '../kernel/field-set.ts';
import { RowExpression } from '../kernel/row-expression.ts';
import { allRows } from '../kernel/selection.ts';
import { grownUints } from '../sketch/typed-column.ts';
import type { SlotRow } from '../window/pane-partial.ts';
import { rowsUntil } from '../window/pane-split.ts';
import { PASSES_ALL, RowFilter } from './row-filter.ts';

/** The compiled projection of one pipeline. */
export class RowProjection {
  readonly #slots: readonly RowExpression[];

  constructor(project: readonly Expression[], fields: FieldSet, counters: EvalCounters) {
    this.#slots = project.map((expression) => new RowExpression(expression, fields, counters));
  }

  /** Appends one row each for the n selected rows of the bound batch to `out`. */
  project(view: BatchView, rows: Uint32Array, n: number, out: SlotRow[]): void {
    const { batch } = view;
    const { times, agentId, firstSequence, sequences } = batch;
    for (const slot of this.#slots) slot.bind(view);
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      const slots: Value[] = [];
      for (let s = 0; s < this.#slots.length; s++) slots.push(this.#slots[s]!.value(row));
      const timeMs = times[row]!;
      if (batch.senderOf !== undefined) {
        out.push({ timeMs, agentId: batch.senderOf(row), sequence: 0, slots });
        continue;
      }
      const sequence = sequences === undefined ? firstSequence + row : sequences[row]!;
      out.push({ timeMs, agentId, sequence, slots });
    }
  }
}

/** When a batch is evaluated. */
export interface BatchClock {
  /** For `now()` and `tick()`. */
  readonly nowMs: number;
  /** When the batch was taken in, for `ingest_time()`; `nowMs` if absent. */
  readonly ingestMs?: number;
  /** Rows with later times are left out. */
  readonly latestMs?: number;
}

export interface ProjectedRows {
  /** In order of arrival; owned by the caller. */
  readonly rows: readonly SlotRow[];
  /** Rows of the batch that were looked at. */
  readonly seen: number;
  /** Rows of the batch that matched, whether there was room for them or not. */
  readonly matched: number;
}

/** A plain select without a window: rows pass at once. */
export class RowStage {
  readonly counters: EvalCounters = createEvalCounters();
  readonly #filter: RowFilter;
  readonly #projection: RowProjection;
  readonly #view: BatchView;
  #selected: Uint32Array = new Uint32Array(0);

  /**
   * `query`: what senders call it. `isFiltered`: rows come through {@link RowStage.addSelected}
   * only.
   */
  constructor(
    plan: QueryPlan,
    options: { readonly query?: string; readonly isFiltered?: boolean } = {},
  ) {
    const { query = plan.fingerprint, isFiltered = false } = options;
    const fields = new FieldSet();
    const source = isFiltered ? PASSES_ALL : plan.source;
    this.#filter = new RowFilter(source, query, fields, this.counters);
    this.#projection = new RowProjection(plan.project, fields, this.counters);
    this.#view = new BatchView(fields);
  }

  /** At most `rowsMax` rows; null if the batch does not cover the pipeline's fields. */
  addBatch(batch: EventBatch, clock: BatchClock, rowsMax: number): ProjectedRows | null {
    if (this.#view.bind(batch, clock.nowMs, clock.ingestMs) === 'not-covered') return null;
    this.#selected = grownUints(this.#selected, batch.rows);
    let rows = allRows(batch.rows);
    let seen = batch.rows;
    if (clock.latestMs !== undefined && batch.span.maxMs > clock.latestMs) {
      seen = rowsUntil(batch.times, seen, clock.latestMs, this.#selected);
      rows = this.#selected;
    }
    let matched = seen;
    if (!this.#filter.passesAll) {
      matched = this.#filter.select(this.#view, rows, seen, this.#selected);
      rows = this.#selected;
    }
    const out: SlotRow[] = [];
    this.#projection.project(this.#view, rows, Math.min(matched, rowsMax), out);
    return { rows: out, seen, matched };
  }

  /** At most `rowsMax` of the n rows of the batch that passed the source stage somewhere else. */
  addSelected(
    batch: EventBatch,
    selected: { readonly rows: Uint32Array; readonly n: number },
    clock: BatchClock,
    rowsMax: number,
  ): readonly SlotRow[] {
    const { rows, n } = selected;
    this.#view.bind(batch, clock.nowMs, clock.ingestMs);
    const out: SlotRow[] = [];
    this.#projection.project(this.#view, rows, Math.min(n, rowsMax), out);
    return out;
  }
}
