/**
 * How one event gets into the states of its group, compiled once a query. Counting is told apart
 * from everything else, because most of what is asked counts.
 */
import type { EventOrder, GroupedAggregate } from '../aggregate/contract.ts';
import { AvgAggregate } from '../aggregate/avg.ts';
import { aggregateFrom } from '../aggregate/catalogue.ts';
import { CountAggregate } from '../aggregate/count.ts';
import { QuantileAggregate } from '../aggregate/quantile.ts';
import { RateAggregate } from '../aggregate/rate.ts';
import { SumAggregate } from '../aggregate/sum.ts';
import type { EvalCounters, RowContext } from '../expr/context.ts';
import { compileExpression, compilePredicate } from '../expr/row.ts';
import type { AggregateSpec } from '../ir/plan.ts';

export type AggregateFeed = (
  aggregate: GroupedAggregate,
  group: number,
  row: RowContext,
  order: EventOrder,
) => void;

/** Texts that states may keep whole, beyond what `groupBytes` counts for them. */
export interface LongTexts {
  bytes: number;
}

export function compileFeed(
  spec: AggregateSpec,
  counters: EvalCounters,
  long: LongTexts,
): AggregateFeed {
  const feed = compileArgument(spec, counters, long);
  if (spec.filter === null) return feed;
  const passes = compilePredicate(spec.filter, counters);
  return (aggregate, group, row, order) => {
    if (passes(row)) feed(aggregate, group, row, order);
  };
}

function compileArgument(
  spec: AggregateSpec,
  counters: EvalCounters,
  long: LongTexts,
): AggregateFeed {
  const { arg } = spec;
  if (arg === null) {
    return (aggregate, group, _row, order) => {
      aggregate.add(group, true, order);
    };
  }
  const read = compileExpression(arg, counters);
  if (!keepsTexts(spec)) {
    return (aggregate, group, row, order) => {
      aggregate.add(group, read(row), order);
    };
  }
  return (aggregate, group, row, order) => {
    const value = read(row);
    if (typeof value === 'string' && value.length > TEXT_LENGTH) long.bytes += 2 * value.length;
    aggregate.add(group, value, order);
  };
}

/** Whether what an aggregate is fed may stay in its states as it is. */
export function keepsTexts(spec: AggregateSpec): boolean {
  const aggregate = aggregateFrom(spec);
  return !NUMERIC.some((kind) => aggregate instanceof kind);
}

const NUMERIC = [CountAggregate, SumAggregate, AvgAggregate, RateAggregate, QuantileAggregate];

/** Bytes that a group's states may come to, roughly: what a bound on memory goes by. */
export function groupBytes(specs: readonly AggregateSpec[]): number {
  let bytes = GROUP_BYTES;
  for (const spec of specs) bytes += isNumber(spec) ? NUMBER_BYTES : SKETCH_BYTES;
  return bytes;
}

/** Longer ones are counted as they come. */
export const TEXT_LENGTH = 64;
/** Key, place in the maps. */
const GROUP_BYTES = 160;
const NUMBER_BYTES = 32;
/** Up to 256 values or texts, or registers, or counters. */
const SKETCH_BYTES = 4_096;

/** Whether a group is a few numbers, whatever comes. */
function isNumber(spec: AggregateSpec): boolean {
  return aggregateFrom(spec).encodeOne !== undefined;
}
