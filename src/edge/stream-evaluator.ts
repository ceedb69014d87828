/**
 * All active queries of one stream as one: an event is looked at once, and kept if any query wants
 * it. An event that is kept carries every field of the set, because each query's condition is
 * evaluated again where it arrives and must see what it reads; projection per query happens there.
 * What a query's sample leaves out it never wants, and its WHERE is not asked; the decision is made
 * once, here, and travels as a column, for the stages to come see a union.
 *
 * Queries that are aggregated here take no part in that: each has its table, which sees every
 * event.
 */
import { createRowContext } from '../expr/context.ts';
import type { RowContext, RowPredicate } from '../expr/context.ts';
import type { Event } from '../model/value.ts';
import type { FieldReader } from '../wire/cell-batch.ts';
import type { EdgeQuery } from './edge-query.ts';
import type { EdgeTable, Taken } from './edge-table.ts';
import type { FieldMemo } from './field-memo.ts';
import { fieldSetOf } from './field-set.ts';
import { LOOKED } from './looked.ts';
import type { FusedLook } from './looked.ts';
import { SampleMarks } from './sample-marks.ts';

/** How code is generated; where it may not be, and until it pays, closures do the same. */
export interface Fuse {
  /** Null: it cannot be done. */
  readonly generate: (evaluator: StreamEvaluator) => FusedLook | null;
  /** So many events are looked at by closures before: a stream of few is not worth it. */
  readonly afterEvents: number;
}

/**
 * `wanted` by some query · `filtered`: no query's condition holds · `sampled`: every query's sample
 * left it out, and no condition was asked.
 */
export type EdgeVerdict = 'wanted' | 'filtered' | 'sampled';

export class StreamEvaluator {
  /** Also read the samples' decisions, on the event that was judged last. */
  readonly readers: readonly FieldReader[];
  readonly allFields: boolean;
  /** Whether `judge` needs true times; `aggregate` always does. */
  readonly readsClock: boolean;
  /** Whether some query wants events and not partials. */
  readonly ships: boolean;
  /** Of the queries that are aggregated here. */
  readonly tables: readonly EdgeTable[];
  /** Some query has no window: its rows should not wait for a batch to fill. */
  readonly hasTail: boolean;
  /** Distinct panes of the queries, without 0. */
  readonly paneSizesMs: readonly number[];
  /** Of the queries without a sample. */
  readonly #whole: Conditions;
  /** Of the queries with one, in the order of the marks. */
  readonly #sampled: readonly (RowPredicate | null)[];
  readonly #marks: SampleMarks | null;
  readonly #memo: FieldMemo;
  readonly #fuse: Fuse | null;
  #fused: FusedLook | null = null;
  #untilFused: number;
  /** All of them, in their order. */
  readonly queries: readonly EdgeQuery[];
  /** The event that is looked at. */
  readonly row: RowContext = createRowContext();

  /**
   * `agentId`: who sends the events, for samples by chance. `memo`: with which the queries were
   * compiled. `fuse`: makes code of it; null: closures are all there is.
   */
  constructor(
    all: readonly EdgeQuery[],
    agentId: string,
    memo: FieldMemo,
    fuse: Fuse | null = null,
  ) {
    this.queries = all;
    this.#memo = memo;
    this.#fuse = fuse;
    this.#untilFused = fuse?.afterEvents ?? Infinity;
    const queries = all.filter(({ table }) => table === null);
    this.ships = queries.length > 0;
    this.tables = all.flatMap(({ table }) => (table === null ? [] : [table]));
    const fields = fieldSetOf(queries.map((query) => query.source));
    this.allFields = fields.allFields;
    this.readsClock = queries.some((query) => query.readsClock);
    this.hasTail = queries.some((query) => query.paneMs === 0);
    const panes = all.map((query) => query.paneMs).filter((paneMs) => paneMs > 0);
    this.paneSizesMs = [...new Set(panes)];
    const sampled = queries.filter(isSampled);
    this.#sampled = sampled.map((query) => query.wants);
    this.#marks = sampled.length === 0 ? null : marksOf(sampled, agentId);
    this.#whole = conditionsOf(queries.filter((query) => query.source.sample === null));
    this.readers = [...fields.readers, ...(this.#marks?.readers ?? [])];
  }

  /** Some query wants a sample of the events, and not partials of it. */
  get drawsSamples(): boolean {
    return this.#marks !== null;
  }

  /**
   * An event is looked at. What follows is about it; times are set on the row, which is ours. That
   * is not how one would pass them, but numbers that are handed from call to call are boxed.
   */
  begin(event: Event): RowContext {
    const { row } = this;
    row.event = event;
    row.memo = this.#memo.next();
    return row;
  }

  /**
   * The event, number `sequence` of its stream, is added to all tables and judged: bits of
   * {@link LOOKED}. Times of the row are read.
   */
  look(event: Event, sequence: number): number {
    if (this.#fused === null) this.#fuseIfDue();
    if (this.#fused !== null && !Array.isArray(event)) return this.#fused(event, sequence);
    this.begin(event);
    return this.#lookByClosures(sequence);
  }

  /** Whether code was generated. */
  get isFused(): boolean {
    return this.#fused !== null;
  }

  #fuseIfDue(): void {
    if (this.#fuse !== null && --this.#untilFused < 0) this.#fused = this.#fuse.generate(this);
    if (this.#untilFused < 0) this.#untilFused = Infinity;
  }

  #lookByClosures(sequence: number): number {
    const taken = this.tables.length === 0 ? 'sampled' : this.aggregate(sequence);
    const verdict = this.ships ? this.judge(sequence) : 'sampled';
    let looked = 0;
    if (taken === 'aggregated') looked = LOOKED.aggregated;
    else if (taken === 'filtered') looked = LOOKED.filtered;
    if (verdict === 'wanted') looked |= LOOKED.wanted;
    else if (verdict === 'filtered') looked |= LOOKED.filtered;
    return looked;
  }

  /** Adds the event, number `sequence` of its stream, to all tables. The best that became of it. */
  aggregate(sequence: number): Taken {
    const { row, tables } = this;
    let best: Taken = 'sampled';
    for (let i = 0; i < tables.length; i++) {
      const taken = tables[i]!.add(row, sequence);
      if (taken === 'aggregated' || best === 'sampled') best = taken;
    }
    return best;
  }

  /** Whether some query wants the event. Times are read only if `readsClock`. */
  judge(sequence: number): EdgeVerdict {
    const { row } = this;
    const marks = this.#marks;
    const taken = marks !== null && marks.decide(row.event, sequence, row.timeMs);
    const whole = this.#whole;
    if (whole === 'all') return 'wanted';
    if (!taken && marks !== null && whole.length === 0) return 'sampled';
    for (let i = 0; i < whole.length; i++) {
      if ((whole[i] as RowPredicate)(row)) return 'wanted';
    }
    return taken && marks !== null && this.#someSampled(marks) ? 'wanted' : 'filtered';
  }

  #someSampled(marks: SampleMarks): boolean {
    for (let i = 0; i < this.#sampled.length; i++) {
      if (!marks.taken(i)) continue;
      const wants = this.#sampled[i] ?? null;
      if (wants === null || wants(this.row)) return true;
    }
    return false;
  }
}

/** `all`: one of them has no condition. */
type Conditions = readonly RowPredicate[] | 'all';

function conditionsOf(queries: readonly EdgeQuery[]): Conditions {
  const predicates = queries.map((query) => query.wants);
  return predicates.includes(null) ? 'all' : (predicates as readonly RowPredicate[]);
}

function isSampled(query: EdgeQuery): boolean {
  return query.source.sample !== null;
}

function marksOf(queries: readonly EdgeQuery[], agentId: string): SampleMarks {
  const sampled = queries.flatMap(({ query, source }) =>
    source.sample === null ? [] : [{ query, sample: source.sample }],
  );
  return new SampleMarks(sampled, agentId);
}
