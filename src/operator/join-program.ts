/**
 * A whole join at the place where all its events come together: the ways in, the steps one after
 * the other, and what WHERE still has to decide over joined rows. A pure operator: batches and
 * watermarks in, batches of joined rows out.
 *
 * Invariant: what comes out is decided by the events that came in and by the watermarks, never by
 * the order in which the events came.
 */
import type { Config } from '../config.ts';
import { createEvalCounters } from '../expr/context.ts';
import type { JoinStage, JoinStep } from '../ir/join.ts';
import type { QueryPlan } from '../ir/plan.ts';
import { BatchView } from '../kernel/batch-view.ts';
import { FieldSet } from '../kernel/field-set.ts';
import { compilePredicate } from '../kernel/predicate.ts';
import type { PredicateKernel } from '../kernel/predicate.ts';
import { allRows } from '../kernel/selection.ts';
import type { BatchField, EventBatch, Interner } from '../model/batch.ts';
import { grownUints } from '../sketch/typed-column.ts';
import { JoinEntry } from './join-entry.ts';
import { aliasFields, overJoined } from './join-paths.ts';
import { PairBudget } from './pair-budget.ts';
import type { BatchClock } from './project-rows.ts';
import { StreamJoin } from './stream-join.ts';
import type { TableColumns } from './table-columns.ts';
import { TableLookup } from './table-lookup.ts';

export interface JoinOptions {
  readonly config: Pick<Config, 'joinRowsMax' | 'joinBytesMax' | 'joinPairsPerSecondMax'>;
  readonly interner: Interner;
  /** The table of that name as it is now; null: there is none. */
  readonly table: (name: string) => TableColumns | null;
  /** Rows that passed; the batch is not borrowed, the selection is. */
  readonly emit: EmitRows;
}

export type EmitRows = (batch: EventBatch, rows: Uint32Array, n: number, clock: BatchClock) => void;

interface Step {
  readonly fields: readonly BatchField[];
  add(batch: EventBatch, rows: Uint32Array, n: number, from: Origin): void;
  advance(watermarkMs: number, clock: BatchClock): void;
}

interface Origin {
  readonly rowBytes: number;
  readonly clock: BatchClock;
}

/** A joined row is numbers that point to rows that are held anyway. */
const JOINED_ROW_BYTES = 24;

export class JoinProgram {
  readonly #options: JoinOptions;
  readonly #budget: PairBudget;
  readonly #first: JoinEntry;
  readonly #steps: Step[] = [];
  /** Streams of the steps, with the join that takes them. */
  readonly #others: { readonly entry: JoinEntry; readonly join: StreamJoin }[] = [];
  readonly #where: PredicateKernel | null;
  readonly #view: BatchView;
  #selected: Uint32Array = new Uint32Array(0);

  constructor(plan: QueryPlan, stage: JoinStage, options: JoinOptions) {
    const set = new FieldSet();
    const { where } = plan.source;
    this.#options = options;
    this.#budget = new PairBudget(options.config.joinPairsPerSecondMax);
    this.#where = where === null ? null : compilePredicate(where, set, createEvalCounters());
    this.#view = new BatchView(set);
    const { first } = stage;
    this.#first = new JoinEntry(first, aliasFields(plan, first.alias), options.interner);
    let { fields } = this.#first;
    let delayMs = 0;
    for (const [index, step] of stage.steps.entries()) {
      const made = this.#step(plan, step, { index, fields, delayMs });
      this.#steps.push(made);
      ({ fields } = made);
      if (step.kind === 'stream' && step.type === 'left') {
        delayMs = Math.max(delayMs, step.withinMs);
      }
    }
  }

  /** Rows that were not kept for others to meet, because a bound was reached. */
  get dropped(): number {
    return this.#others.reduce((sum, { join }) => sum + join.dropped, 0);
  }

  /** Rows that were held only against some of what they might have met. */
  get cut(): number {
    return this.#others.reduce((sum, { join }) => sum + join.cut, 0);
  }

  /** Rows and bytes that are held. */
  get held(): { readonly rows: number; readonly bytes: number } {
    const held = { rows: 0, bytes: 0 };
    for (const { join } of this.#others) {
      held.rows += join.held.rows;
      held.bytes += join.held.bytes;
    }
    return held;
  }

  /** The n rows of a batch of one stream; it may be borrowed. */
  add(batch: EventBatch, rows: Uint32Array, n: number, clock: BatchClock): void {
    if (this.#first.reads(batch.stream)) {
      const entered = this.#first.take(batch, rows, n, clock);
      if (entered !== null) this.#enter(entered.batch, entered.rowBytes, clock);
    }
    for (const { entry, join } of this.#others) {
      if (!entry.reads(batch.stream)) continue;
      const entered = entry.take(batch, rows, n, clock);
      if (entered === null) continue;
      const { batch: own, rowBytes } = entered;
      join.addRight(own, allRows(own.rows), own.rows, { rowBytes, clock });
    }
  }

  /** No event before `watermarkMs` will come any more. */
  advance(watermarkMs: number, clock: BatchClock): void {
    for (const step of this.#steps) step.advance(watermarkMs, clock);
  }

  #enter(batch: EventBatch, rowBytes: number, clock: BatchClock): void {
    this.#pass(0, batch, { rows: allRows(batch.rows), n: batch.rows }, { rowBytes, clock });
  }

  /** Rows on their way into step `index`, or out. */
  #pass(
    index: number,
    batch: EventBatch,
    { rows, n }: { readonly rows: Uint32Array; readonly n: number },
    from: Origin,
  ): void {
    const step = this.#steps[index];
    if (step !== undefined) {
      step.add(batch, rows, n, from);
      return;
    }
    const { emit } = this.#options;
    if (this.#where === null) {
      emit(batch, rows, n, from.clock);
      return;
    }
    this.#view.bind(batch, from.clock.nowMs, from.clock.ingestMs);
    this.#selected = grownUints(this.#selected, n);
    const kept = this.#where.select(this.#view, rows, n, this.#selected);
    emit(batch, this.#selected, kept, from.clock);
  }

  #step(
    plan: QueryPlan,
    step: JoinStep,
    at: {
      readonly index: number;
      readonly fields: readonly BatchField[];
      readonly delayMs: number;
    },
  ): Step {
    const next = (batch: EventBatch, rows: Uint32Array, n: number, from: Origin): void =>
      this.#pass(at.index + 1, batch, { rows, n }, from);
    if (step.kind === 'table') {
      const lookup = new TableLookup(step, aliasFields(plan, step.alias), at.fields);
      return {
        fields: lookup.fields,
        add: (batch, rows, n, from) => {
          const table = this.#options.table(step.table);
          const found = lookup.lookUp(batch, { rows, n }, table, from.clock);
          if (found.n > 0) next(found.batch, found.rows, found.n, from);
        },
        advance: () => undefined,
      };
    }
    const { config, interner } = this.#options;
    const { alias } = step.side;
    const entry = new JoinEntry(step.side, aliasFields(plan, alias), interner);
    const join = new StreamJoin({
      type: step.type,
      withinMs: step.withinMs,
      leftDelayMs: at.delayMs,
      keys: step.keys.map(({ row, event }) => ({ left: row, right: overJoined(alias, event) })),
      on: step.on,
      leftFields: at.fields,
      rightFields: entry.fields,
      budget: this.#budget,
      config,
      interner,
      emit: (batch, rows, n, clock) => next(batch, rows, n, { rowBytes: JOINED_ROW_BYTES, clock }),
    });
    this.#others.push({ entry, join });
    return {
      fields: join.fields,
      add: (batch, rows, n, from) => join.addLeft(batch, rows, n, from),
      advance: (watermarkMs, clock) => join.advance(watermarkMs, clock),
    };
  }
}
