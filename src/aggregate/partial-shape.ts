/**
 * What a partial of each aggregate consists of, as data: with it a partial can be written to a
 * wire, group by group, and read back from somebody who is not trusted. An aggregate without a
 * shape is one whose partial is no smaller than its events (LIST, SAMPLES, DELTA): agents ship
 * those.
 */
import type { AggregateSpec, AggregateStage } from '../ir/plan.ts';

/** One member of a partial; all but `nested` and `runs` hold one entry a group. */
export type PartialPart =
  /** Float64Array. `count`: finite and not negative; `any` double means something. */
  | { readonly form: 'numbers'; readonly name: string; readonly of: 'count' | 'any' }
  /** Strings or null; may be shorter than the groups. */
  | { readonly form: 'texts'; readonly name: string }
  /** The event that a group's value comes from, and the value: times, sequences, agents, values. */
  | { readonly form: 'events' }
  /** Lists of identity texts or null. */
  | { readonly form: 'text-lists'; readonly name: string }
  /** Lists of identity texts, HyperLogLog registers, or null. */
  | { readonly form: 'distinct'; readonly name: string }
  /** Counters of a space-saving summary, or null. */
  | { readonly form: 'frequencies'; readonly name: string }
  /** The members of a {@link QuantileSketch} a group. */
  | { readonly form: 'quantiles' }
  /** Buckets of a histogram a group. */
  | { readonly form: 'histograms' }
  | { readonly form: 'nested'; readonly name: string; readonly shape: PartialShape };

export interface PartialShape {
  readonly kind: string;
  readonly parts: readonly PartialPart[];
}

const count = (name: string): PartialPart => ({ form: 'numbers', name, of: 'count' });
const any = (name: string): PartialPart => ({ form: 'numbers', name, of: 'any' });

const COUNT: PartialShape = { kind: 'count', parts: [count('counts')] };
/** Sums overflow to infinity and then have no finite error. */
const SUMS: readonly PartialPart[] = [any('sums'), any('errors')];
const SUM: PartialShape = { kind: 'sum', parts: SUMS };
const AT_EVENT: PartialShape = { kind: 'at-event', parts: [{ form: 'events' }] };
const DISTINCT: PartialShape = {
  kind: 'count_distinct',
  parts: [{ form: 'distinct', name: 'states' }],
};
const QUANTILE: PartialShape = { kind: 'quantile', parts: [{ form: 'quantiles' }] };
const VARIANCE: PartialShape = {
  kind: 'variance',
  parts: [count('counts'), any('origins'), any('means'), any('squares')],
};

const SHAPES: Readonly<Record<string, PartialShape>> = {
  count: COUNT,
  sum: SUM,
  avg: { kind: 'avg', parts: [...SUMS, { form: 'nested', name: 'counts', shape: COUNT }] },
  min: extremeShape('min'),
  max: extremeShape('max'),
  quantile: QUANTILE,
  median: QUANTILE,
  variance: VARIANCE,
  stddev: VARIANCE,
  first: AT_EVENT,
  last: AT_EVENT,
  any: AT_EVENT,
  first_event: AT_EVENT,
  count_distinct: DISTINCT,
  topk: { kind: 'topk', parts: [{ form: 'frequencies', name: 'states' }] },
  histogram: { kind: 'histogram', parts: [{ form: 'histograms' }] },
  apdex: { kind: 'apdex', parts: [count('counts'), count('halves')] },
};

const OF_DISTINCT: PartialShape = {
  kind: 'distinct',
  parts: [{ form: 'text-lists', name: 'texts' }],
};

/** Aggregates over the different values of a group instead of all of them. */
const TELLS_DISTINCT: ReadonlySet<string> = new Set([
  ...['sum', 'avg', 'rate', 'quantile', 'median', 'variance', 'stddev'],
  ...['topk', 'histogram', 'apdex'],
]);

/** These depend on which event came first, across all that an agent sends. */
const ORDERED: ReadonlySet<string> = new Set(['first', 'last', 'any', 'first_event']);

/** Null: a partial of this aggregate does not travel. */
export function partialShapeOf(spec: AggregateSpec): PartialShape | null {
  const { arg, distinct, name } = spec;
  if (distinct && arg !== null) {
    if (name === 'count') return DISTINCT;
    if (TELLS_DISTINCT.has(name)) return OF_DISTINCT;
  }
  if (name === 'rate') return rateShape(arg === null);
  return Object.hasOwn(SHAPES, name) ? (SHAPES[name] ?? null) : null;
}

/** Of all aggregates of a stage; null: the partial of some does not travel. */
export function shapesOf({ aggregates }: AggregateStage): readonly PartialShape[] | null {
  const shapes: PartialShape[] = [];
  for (const spec of aggregates) {
    const shape = partialShapeOf(spec);
    if (shape === null) return null;
    shapes.push(shape);
  }
  return shapes;
}

/** Whether the answer depends on the order of events, and not only on which there are. */
export function dependsOnOrder({ name }: AggregateSpec): boolean {
  return ORDERED.has(name);
}

function rateShape(counts: boolean): PartialShape {
  const shape = counts ? COUNT : SUM;
  return { kind: 'rate', parts: [{ form: 'nested', name: 'totals', shape }] };
}

function extremeShape(kind: 'min' | 'max'): PartialShape {
  return { kind, parts: [any('numbers'), { form: 'texts', name: 'texts' }] };
}
