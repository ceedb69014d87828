/**
 * Metrics of OTLP as events of `otel.metrics`: one event for each data point, with the name, unit
 * and kind of its metric.
 *
 * @see https://opentelemetry.io/docs/specs/otel/metrics/data-model/
 */
import type { Event, Value } from '../model/value.ts';
import type { Origin } from './otlp-origin.ts';
import {
  attributesOf,
  listOf,
  msOf,
  numberOf,
  numbersOf,
  objectOf,
  textOf,
  wholeOf,
} from './otlp-values.ts';

export const METRIC_NAMES = {
  group: 'resourceMetrics',
  scopes: 'scopeMetrics',
  records: 'metrics',
} as const;

/** Member of a metric that holds its points → the kind's name, and what of a point is its own. */
const KINDS: readonly (readonly [string, string, (point: Json) => Record<string, Value>])[] = [
  ['gauge', 'gauge', numberFields],
  ['sum', 'sum', numberFields],
  ['histogram', 'histogram', histogramFields],
  ['exponentialHistogram', 'exponential_histogram', exponentialFields],
  ['summary', 'summary', summaryFields],
];

const TEMPORALITIES = [null, 'delta', 'cumulative'];
/** A point that says that nothing was recorded. */
const NO_RECORDED_VALUE = 1;

type Json = Readonly<Record<string, unknown>>;

/** @throws RangeError for values that are nested too deeply. */
export function metricEvents(metric: Json, origin: Origin, depthMax: number): Event[] {
  const events: Event[] = [];
  for (const [member, type, fields] of KINDS) {
    if (metric[member] === undefined) continue;
    const data = objectOf(metric[member]);
    const shared = {
      service: origin.service,
      name: textOf(metric['name']),
      type,
      unit: textOf(metric['unit']),
      temporality: TEMPORALITIES[numberOf(data['aggregationTemporality']) ?? 0] ?? null,
      monotonic: type === 'sum' ? data['isMonotonic'] === true : null,
    };
    for (const item of listOf(data['dataPoints'])) {
      const point = objectOf(item);
      const isRecorded = ((numberOf(point['flags']) ?? 0) & NO_RECORDED_VALUE) === 0;
      events.push({
        time: msOf(point['timeUnixNano']),
        start: msOf(point['startTimeUnixNano']),
        ...shared,
        ...(isRecorded ? fields(point) : {}),
        attributes: attributesOf(point['attributes'], depthMax),
        exemplars: exemplarsOf(point['exemplars'], depthMax),
        resource: origin.resource,
        scope: origin.scope,
        scope_version: origin.scopeVersion,
      });
    }
  }
  return events;
}

/** Data points of a metric. */
export function pointCount(metric: Json): number {
  let points = 0;
  for (const [member] of KINDS) points += listOf(objectOf(metric[member])['dataPoints']).length;
  return points;
}

function numberFields(point: Json): Record<string, Value> {
  const value =
    point['asDouble'] === undefined ? wholeOf(point['asInt']) : numberOf(point['asDouble']);
  return { value };
}

function histogramFields(point: Json): Record<string, Value> {
  return {
    ...totals(point),
    bounds: numbersOf(point['explicitBounds']),
    buckets: numbersOf(point['bucketCounts']),
  };
}

function exponentialFields(point: Json): Record<string, Value> {
  return {
    ...totals(point),
    scale: numberOf(point['scale']) ?? 0,
    zero_count: numberOf(point['zeroCount']) ?? 0,
    positive: bucketsOf(point['positive']),
    negative: bucketsOf(point['negative']),
  };
}

function bucketsOf(value: unknown): Value {
  const buckets = objectOf(value);
  return {
    offset: numberOf(buckets['offset']) ?? 0,
    buckets: numbersOf(buckets['bucketCounts']),
  };
}

function summaryFields(point: Json): Record<string, Value> {
  return {
    ...totals(point),
    quantiles: listOf(point['quantileValues']).map((item) => {
      const pair = objectOf(item);
      return { quantile: numberOf(pair['quantile']) ?? 0, value: numberOf(pair['value']) ?? 0 };
    }),
  };
}

function totals(point: Json): Record<string, Value> {
  return {
    count: numberOf(point['count']) ?? 0,
    sum: numberOf(point['sum']),
    min: numberOf(point['min']),
    max: numberOf(point['max']),
  };
}

function exemplarsOf(list: unknown, depthMax: number): Value {
  const exemplars = listOf(list);
  if (exemplars.length === 0) return null;
  return exemplars.map((item) => {
    const exemplar = objectOf(item);
    return {
      time: msOf(exemplar['timeUnixNano']),
      ...numberFields(exemplar),
      trace_id: textOf(exemplar['traceId'])?.toLowerCase() ?? null,
      span_id: textOf(exemplar['spanId'])?.toLowerCase() ?? null,
      attributes: attributesOf(exemplar['filteredAttributes'], depthMax),
    };
  });
}
