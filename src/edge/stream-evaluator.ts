/**
 * All active queries of one stream as one: an event is looked at once, and kept if any query wants
 * it. An event that is kept carries every field of the set, because each query's condition is
 * evaluated again where it arrives and must see what it reads; projection per query happens there.
 * Plans are checked here, where untrusted data becomes code; a bad one is refused alone.
 */
import type { ErrorCode } from '../core/errors.ts';
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import { createEvalCounters, createRowContext } from '../expr/context.ts';
import { patternProblem } from '../expr/check-patterns.ts';
import type { RowPredicate } from '../expr/context.ts';
import { compilePredicate } from '../expr/row.ts';
import type { SourceStage } from '../ir/plan.ts';
import { validateSourceStage } from '../ir/validate.ts';
import type { Event } from '../model/value.ts';
import type { FieldReader } from '../wire/cell-batch.ts';
import { readsClock } from './clock-use.ts';
import { fieldSetOf } from './field-set.ts';

/** A checked and compiled source stage; kept while its query is active. */
export interface EdgeQuery {
  readonly source: SourceStage;
  /** Batches should end at multiples of this; 0: as soon as may be. */
  readonly paneMs: number;
  /** Null: wants every event. */
  readonly wants: RowPredicate | null;
  readonly readsClock: boolean;
}

/** The error is a code of core/errors.ts, for the `refused` list. */
export function compileEdgeQuery(source: unknown, paneMs: number): Result<EdgeQuery, ErrorCode> {
  const checked = validateSourceStage(source, { patternProblem });
  if (!checked.ok) return err('ENGINE_BAD_QUERY');
  const { where } = checked.value;
  return ok({
    source: checked.value,
    paneMs,
    wants: where === null ? null : compilePredicate(where, createEvalCounters()),
    readsClock: where !== null && readsClock(where),
  });
}

export class StreamEvaluator {
  readonly readers: readonly FieldReader[];
  readonly allFields: boolean;
  /** Whether `wants` needs true times. */
  readonly readsClock: boolean;
  /** Distinct panes of the queries, without 0. */
  readonly paneSizesMs: readonly number[];
  /** Null: some query wants every event. */
  readonly #predicates: readonly RowPredicate[] | null;
  readonly #row = createRowContext();

  constructor(queries: readonly EdgeQuery[]) {
    const fields = fieldSetOf(queries.map((query) => query.source));
    this.readers = fields.readers;
    this.allFields = fields.allFields;
    this.readsClock = queries.some((query) => query.readsClock);
    const panes = queries.map((query) => query.paneMs).filter((paneMs) => paneMs > 0);
    this.paneSizesMs = [...new Set(panes)];
    const predicates = queries.map((query) => query.wants);
    const all = predicates.includes(null);
    this.#predicates = all ? null : (predicates as readonly RowPredicate[]);
  }

  /** Whether some query wants the event. Times are read only if `readsClock`. */
  wants(event: Event, timeMs: number, nowMs: number): boolean {
    const predicates = this.#predicates;
    if (predicates === null) return true;
    const row = this.#row;
    row.event = event;
    row.timeMs = timeMs;
    row.ingestMs = nowMs;
    row.nowMs = nowMs;
    for (let i = 0; i < predicates.length; i++) {
      if ((predicates[i] as RowPredicate)(row)) return true;
    }
    return false;
  }
}
