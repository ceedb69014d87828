/** Runs aggregates over plain values, for tests that speak of one group or a few. */
import { aggregateFrom } from '../../src/aggregate/catalogue.ts';
import type {
  AggregatePartial,
  EventOrder,
  GroupedAggregate,
  ResultContext,
} from '../../src/aggregate/contract.ts';
import type { AggregateSpec } from '../../src/ir/plan.ts';
import type { Value } from '../../src/model/value.ts';

export const WHOLE_MINUTE: ResultContext = { windowMs: 60_000, coveredMs: 60_000 };

export interface SpecChanges {
  readonly star?: boolean;
  readonly distinct?: boolean;
  readonly parameters?: readonly number[];
}

export function spec(name: string, changes: SpecChanges = {}): AggregateSpec {
  return {
    name,
    arg: changes.star === true ? null : { op: 'field', path: [{ by: 'name', name: 'x' }] },
    distinct: changes.distinct ?? false,
    filter: null,
    parameters: changes.parameters ?? [],
  };
}

/** An aggregate with `groups` empty groups. */
export function aggregate(from: AggregateSpec, groups = 1): GroupedAggregate {
  const made = aggregateFrom(from);
  made.grow(groups);
  return made;
}

/** The order of the i-th event of one agent that publishes one event a millisecond. */
export function order(i: number): EventOrder {
  return { timeMs: i, agentId: 'a', sequence: i };
}

/** The result of one group that met `values` in this order. */
export function resultOf(
  from: AggregateSpec,
  values: readonly Value[],
  context: ResultContext = WHOLE_MINUTE,
): Value {
  const made = aggregate(from);
  values.forEach((value, i) => made.add(0, value, order(i)));
  return made.result(0, context);
}

/** The partial of one group that met `values`, whose orders start at `firstOrder`. */
export function partialFrom(
  from: AggregateSpec,
  values: readonly Value[],
  firstOrder = 0,
): AggregatePartial {
  const made = aggregate(from);
  values.forEach((value, i) => made.add(0, value, order(firstOrder + i)));
  return structuredClone(made.encode(1));
}

/** The partial of one group that merges `partials` in this order. */
export function mergedPartial(
  from: AggregateSpec,
  partials: readonly AggregatePartial[],
): AggregatePartial {
  return structuredClone(merged(from, partials).encode(1));
}

export function merged(
  from: AggregateSpec,
  partials: readonly AggregatePartial[],
): GroupedAggregate {
  const made = aggregate(from);
  for (const partial of partials) made.merge(partial, Uint32Array.of(0));
  return made;
}
