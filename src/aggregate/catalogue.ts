/**
 * Every aggregate of the language by its name in plans: documentation, completion, checking and
 * construction read this one table. Aliases of the language (AVERAGE, PERCENTILE, P95, …) are
 * resolved by analysis before a plan is made.
 */
import { DEFAULTS } from '../config.ts';
import { assert } from '../core/assert.ts';
import { EXACT_TEXTS_MAX } from '../sketch/distinct.ts';
import { QUANTILE_RELATIVE_ERROR_MAX } from '../sketch/quantile.ts';
import type { AggregateSpec, ColumnType } from '../ir/plan.ts';
import { ApdexAggregate } from './apdex.ts';
import { AtEventAggregate } from './at-event.ts';
import { AvgAggregate } from './avg.ts';
import type { AggregateDefinition, GroupedAggregate } from './contract.ts';
import { CountAggregate } from './count.ts';
import { CountDistinctAggregate } from './count-distinct.ts';
import { DeltaAggregate, STRETCHES_MAX } from './delta.ts';
import { DistinctAggregate } from './distinct.ts';
import { ExtremeAggregate } from './extreme.ts';
import { HistogramAggregate } from './histogram.ts';
import { ListAggregate } from './list.ts';
import { QuantileAggregate } from './quantile.ts';
import { RateAggregate } from './rate.ts';
import { SamplesAggregate } from './samples.ts';
import { SumAggregate } from './sum.ts';
import { TopKAggregate } from './top-k.ts';
import { VarianceAggregate } from './variance.ts';

const TOP_K_DEFAULT = 10;
const MEDIAN = 0.5;
const PERCENT = 100;
const QUANTILE_BOUND = `exact up to 256 values a group, then within ${
  QUANTILE_RELATIVE_ERROR_MAX * PERCENT
} % of the value`;
const HISTOGRAM_BOUND = `counts are exact; beyond ${DEFAULTS.histogramBucketsMax} buckets a group neighbours are joined`;
const DELTA_BOUND = `exact up to ${STRETCHES_MAX} readings a group, then if those of each agent come in order`;

type Entry = Omit<AggregateDefinition, 'name' | 'create'> & {
  readonly create: (spec: AggregateSpec) => GroupedAggregate;
};

function entry(
  signature: string,
  summary: string,
  example: string,
  rest: {
    readonly argument: AggregateDefinition['argument'];
    readonly result: ColumnType;
    readonly errorBound?: string;
    readonly create: (spec: AggregateSpec) => GroupedAggregate;
  },
): Entry {
  const { argument, result, errorBound = null, create } = rest;
  return { signature, summary, example, argument, result, errorBound, create };
}

const ENTRIES: Readonly<Record<string, Entry>> = {
  count: entry(
    'count(*) → number · count(x) → number',
    'Events, or those where x is not null.',
    'select count(*) from requests window 10s',
    { argument: 'optional', result: 'number', create: () => new CountAggregate() },
  ),
  sum: entry(
    'sum(x: number) → number',
    'Sum of the numbers; 0 if there are none.',
    'select sum(bytes) from requests window 10s',
    { argument: 'required', result: 'number', create: () => new SumAggregate() },
  ),
  avg: entry(
    'avg(x: number) → number',
    'Arithmetic mean of the numbers.',
    'select avg(durMs) from requests window 10s',
    { argument: 'required', result: 'number', create: () => new AvgAggregate() },
  ),
  min: entry(
    'min(x) → number or string',
    'Smallest number, or smallest string of a group without numbers.',
    'select min(durMs) from requests window 10s',
    { argument: 'required', result: 'any', create: () => new ExtremeAggregate('min') },
  ),
  max: entry(
    'max(x) → number or string',
    'Largest number, or largest string of a group without numbers.',
    'select max(durMs) from requests window 10s',
    { argument: 'required', result: 'any', create: () => new ExtremeAggregate('max') },
  ),
  rate: entry(
    'rate() → number · rate(x: number) → number',
    'Events, or the sum of x, a second.',
    'select rate() from requests window 10s',
    {
      argument: 'optional',
      result: 'number',
      create: (spec) => new RateAggregate(spec.arg === null),
    },
  ),
  quantile: entry(
    'percentile(x: number, q) → number · p99(x) → number',
    'The value below which q percent of the numbers lie.',
    'select p99(durMs) from requests window 10s',
    {
      argument: 'required',
      result: 'number',
      errorBound: QUANTILE_BOUND,
      create: (spec) => new QuantileAggregate(spec.parameters[0] ?? MEDIAN),
    },
  ),
  median: entry(
    'median(x: number) → number',
    'The 50th percentile.',
    'select median(durMs) from requests window 10s',
    {
      argument: 'required',
      result: 'number',
      errorBound: QUANTILE_BOUND,
      create: () => new QuantileAggregate(MEDIAN),
    },
  ),
  variance: entry(
    'variance(x: number) → number',
    'Sample variance (divisor n − 1); null below two numbers.',
    'select variance(durMs) from requests window 10s',
    { argument: 'required', result: 'number', create: () => new VarianceAggregate(false) },
  ),
  stddev: entry(
    'stddev(x: number) → number',
    'Sample standard deviation; null below two numbers.',
    'select stddev(durMs) from requests window 10s',
    { argument: 'required', result: 'number', create: () => new VarianceAggregate(true) },
  ),
  first: entry(
    'first(x) → any',
    'x of the earliest event that has it, by event time.',
    'select first(status) from requests window 10s',
    {
      argument: 'required',
      result: 'any',
      create: () => new AtEventAggregate({ end: 'first', nulls: false }),
    },
  ),
  last: entry(
    'last(x) → any',
    'x of the latest event that has it, by event time.',
    'select last(status) from requests window 10s',
    {
      argument: 'required',
      result: 'any',
      create: () => new AtEventAggregate({ end: 'last', nulls: false }),
    },
  ),
  any: entry(
    'any(x) → any',
    'x of some event that has it; the same for the same events.',
    'select any(version) from requests window 10s group by service',
    {
      argument: 'required',
      result: 'any',
      create: () => new AtEventAggregate({ end: 'first', nulls: false }),
    },
  ),
  first_event: entry(
    'x beside aggregates → any',
    'x of the earliest event, null if it has none: a plain column beside aggregates.',
    'select version, count(*) from requests window 10s',
    {
      argument: 'required',
      result: 'any',
      create: () => new AtEventAggregate({ end: 'first', nulls: true }),
    },
  ),
  count_distinct: entry(
    'count_distinct(x) → number',
    'How many different values x takes.',
    'select count_distinct(user.id) from requests window 1m',
    {
      argument: 'required',
      result: 'number',
      errorBound: 'exact up to 256 different values a group, then 1.6 % standard error',
      create: () => new CountDistinctAggregate(EXACT_TEXTS_MAX),
    },
  ),
  list: entry(
    'list(x) → list',
    'The values of x in order of arrival.',
    'select list(traceId) from requests where status >= 500 window 10s',
    {
      argument: 'optional',
      result: 'list',
      create: () => new ListAggregate(DEFAULTS.listValuesMax),
    },
  ),
  topk: entry(
    'topk(x, k) → list of {value, count, error}',
    'The k most frequent values of x.',
    'select topk(route, 5) from requests window 1m',
    {
      argument: 'required',
      result: 'list',
      errorBound: 'counts exceed the truth by at most `error`; 0 while few values occur',
      create: (spec) => new TopKAggregate(spec.parameters[0] ?? TOP_K_DEFAULT),
    },
  ),
  histogram: entry(
    'histogram(x: number, width) → list of {from, to, count}',
    'How many numbers lie in each bucket; without a width, buckets of a quarter of a power of two.',
    'select histogram(durMs) from requests window 10s',
    {
      argument: 'required',
      result: 'list',
      errorBound: HISTOGRAM_BOUND,
      create: (spec) =>
        new HistogramAggregate({
          width: spec.parameters[0] ?? null,
          bucketsMax: DEFAULTS.histogramBucketsMax,
        }),
    },
  ),
  delta: entry(
    'delta(x: number) → number · increase(x: number) → number',
    'How much a counter grew, a fall being a restart from 0; null below two readings.',
    'select delta(served) from requests window 10s',
    {
      argument: 'required',
      result: 'number',
      errorBound: DELTA_BOUND,
      create: () => new DeltaAggregate(),
    },
  ),
  apdex: entry(
    'apdex(x: number, t) → number',
    'Share of satisfied users: numbers up to t count whole, up to 4·t half.',
    'select apdex(durMs, 250) from requests window 10s',
    {
      argument: 'required',
      result: 'number',
      create: (spec) => new ApdexAggregate(spec.parameters[0] ?? 1),
    },
  ),
  samples: entry(
    'samples(n) → list',
    'The n earliest events, as examples; one if n is left out.',
    'select samples(3) from requests window 10s',
    {
      argument: 'none',
      result: 'list',
      create: (spec) => new SamplesAggregate(spec.parameters[0] ?? 1),
    },
  ),
};

/** Definitions by name, in the order documentation shows them. */
export const AGGREGATES: ReadonlyMap<string, AggregateDefinition> = new Map(
  Object.entries(ENTRIES).map(([name, { create, ...rest }]) => [
    name,
    { name, ...rest, create: (spec) => distinctIfAsked(spec, create(spec)) },
  ]),
);

/**
 * These give the same answer over all values as over the different ones, or speak of events and not
 * of values.
 */
const INDIFFERENT_TO_DISTINCT = new Set([
  'min',
  'max',
  'first',
  'last',
  'any',
  'first_event',
  'count_distinct',
  'delta',
  'samples',
]);

function distinctIfAsked(spec: AggregateSpec, plain: GroupedAggregate): GroupedAggregate {
  if (!spec.distinct || spec.arg === null || INDIFFERENT_TO_DISTINCT.has(spec.name)) return plain;
  if (spec.name === 'count') return new CountDistinctAggregate(DEFAULTS.distinctValuesMax);
  return new DistinctAggregate(plain, DEFAULTS.distinctValuesMax);
}

/** @throws Defect if there is no such aggregate: plans are validated where they arrive. */
export function aggregateFrom(spec: AggregateSpec): GroupedAggregate {
  const definition = AGGREGATES.get(spec.name);
  assert(definition !== undefined, () => `no aggregate ${spec.name}`);
  return definition.create(spec);
}
