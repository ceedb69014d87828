/**
 * Plans of agents are checked and compiled here, where untrusted data becomes code; a bad one is
 * refused alone.
 */
import { AGGREGATES } from '../aggregate/catalogue.ts';
import { shapesOf } from '../aggregate/partial-shape.ts';
import type { ErrorCode } from '../core/errors.ts';
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import { patternProblem } from '../expr/check-patterns.ts';
import { createEvalCounters } from '../expr/context.ts';
import type { EvalCounters, RowFunction, RowPredicate } from '../expr/context.ts';
import { compileExpression, compilePredicate } from '../expr/row.ts';
import type { FieldPath } from '../ir/expression.ts';
import type { SourceStage } from '../ir/plan.ts';
import { sampleScale } from '../ir/sample.ts';
import { validateAggregateStage, validateSourceStage } from '../ir/validate.ts';
import type { AgentQuery } from '../wire/agent-messages.ts';
import { compileFeed, groupBytes } from './aggregate-feeds.ts';
import type { LongTexts } from './aggregate-feeds.ts';
import { readsClock } from './clock-use.ts';
import { EdgeTable } from './edge-table.ts';
import type { TableBudget } from './edge-table.ts';
import type { FieldMemo } from './field-memo.ts';
import { compileSampler } from './sampler.ts';

/** A checked and compiled query; kept while it is active. */
export interface EdgeQuery {
  /** Names the query, as the engine calls it. */
  readonly query: string;
  readonly source: SourceStage;
  /** Batches should end at multiples of this; 0: as soon as may be. */
  readonly paneMs: number;
  /** Null: wants every event. */
  readonly wants: RowPredicate | null;
  readonly readsClock: boolean;
  /** Null: events are shipped. */
  readonly table: EdgeTable | null;
}

export interface EdgeAround {
  readonly agentId: string;
  readonly budget: TableBudget;
  /** Of the stream. */
  readonly memo: FieldMemo;
}

/** The error is a code of core/errors.ts, for the `refused` list. */
export function compileEdgeQuery(
  { aggregation, paneMs, query, source }: Omit<AgentQuery, 'stream'>,
  around: EdgeAround,
): Result<EdgeQuery, ErrorCode> {
  const checked = validateSourceStage(source, { patternProblem });
  if (!checked.ok) return err('ENGINE_BAD_QUERY');
  const { sample, where } = checked.value;
  const readField = (path: FieldPath): RowFunction => around.memo.reader(path);
  const counters: EvalCounters = { ...createEvalCounters(), readField };
  const edge = {
    query,
    source: checked.value,
    paneMs,
    wants: where === null ? null : compilePredicate(where, counters),
    readsClock: sample?.kind === 'rps' || (where !== null && readsClock(where)),
  };
  if (aggregation === null) return ok({ ...edge, table: null });
  const stage = validateAggregateStage(aggregation.stage, {
    patternProblem,
    hasAggregate: (name) => AGGREGATES.has(name),
  });
  if (!stage.ok || paneMs < 1) return err('ENGINE_BAD_QUERY');
  const aggregates = shapesOf(stage.value);
  if (aggregates === null) return err('ENGINE_BAD_QUERY');
  const { keys, aggregates: specs } = stage.value;
  const longTexts: LongTexts = { bytes: 0 };
  const table = new EdgeTable(
    {
      ...{ query, paneMs, stage: stage.value, wants: edge.wants },
      shape: { keys: keys.length, aggregates },
      emitEveryMs: aggregation.emitEveryMs,
      sampler: sample === null ? null : compileSampler(sample, around.agentId),
      scale: sampleScale(sample),
      keys: keys.map((key) => compileExpression(key, counters)),
      feeds: specs.map((spec) => compileFeed(spec, counters, longTexts)),
      groupBytes: groupBytes(specs),
      longTexts,
    },
    around.budget,
    around.agentId,
  );
  return ok({ ...edge, table });
}
