/**
 * What a compiled expression reads and counts. One {@link RowContext} is made per pipeline and
 * overwritten for every event, so evaluating allocates nothing; closures keep no state of a row.
 */
import type { FieldPath } from '../ir/expression.ts';
import type { Event, Value } from '../model/value.ts';

export interface RowContext {
  event: Event;
  /**
   * Number of the event, for readers that remember what they read of it; see edge/field-memo.ts.
   */
  memo: number;
  /** Event time in ms since 1970: `event_time()`. */
  timeMs: number;
  /** When the event was taken in, ms since 1970: `ingest_time()`. */
  ingestMs: number;
  /** The stage's clock, set once a batch: `now()`, `tick()`. */
  nowMs: number;
  /** Values that `slot` expressions read, after aggregation or projection. */
  slots: readonly Value[];
  /** The elements at which enclosing `some` expressions stand, by their id. */
  readonly elements: Value[];
}

/** Problems met; each counts evaluations, not events. Never reset here. */
export interface EvalCounters {
  /** Comparisons of different types, arithmetic on what is not a number. */
  typeMismatches: number;
  /** Divisions by zero and other results that are no finite number. */
  nonFinite: number;
  /**
   * How fields are read of events that are a publisher's own objects: these may hold what JSON
   * cannot, and what is read of them is what would have arrived. Absent: events have arrived.
   */
  readonly readField?: (path: FieldPath) => RowFunction;
}

export type RowFunction = (row: RowContext) => Value;
export type RowPredicate = (row: RowContext) => boolean;

export function createRowContext(): RowContext {
  return { event: {}, memo: 0, timeMs: 0, ingestMs: 0, nowMs: 0, slots: [], elements: [] };
}

export function createEvalCounters(): EvalCounters {
  return { typeMismatches: 0, nonFinite: 0 };
}
