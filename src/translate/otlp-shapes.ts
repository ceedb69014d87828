/**
 * The three export requests of OTLP as protobuf shapes, with the member names of their JSON
 * mapping.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto (v1)
 */
import { many, one, shape } from './protobuf-message.ts';
import type { MessageShape } from './protobuf-message.ts';

const ANY_VALUE: MessageShape = shape({
  1: one('stringValue', 'text'),
  2: one('boolValue', 'bool'),
  3: one('intValue', 'int64'),
  4: one('doubleValue', 'double'),
  5: one('arrayValue', () => ARRAY_VALUE),
  6: one('kvlistValue', () => KEY_VALUE_LIST),
  7: one('bytesValue', 'base64'),
});
const anyValue = (): MessageShape => ANY_VALUE;
const ARRAY_VALUE = shape({ 1: many('values', anyValue) });
const KEY_VALUE = shape({ 1: one('key', 'text'), 2: one('value', anyValue) });
const keyValue = (): MessageShape => KEY_VALUE;
const KEY_VALUE_LIST = shape({ 1: many('values', keyValue) });
const RESOURCE = shape({ 1: many('attributes', keyValue) });
const SCOPE = shape({
  1: one('name', 'text'),
  2: one('version', 'text'),
  3: many('attributes', keyValue),
});

const LOG_RECORD = shape({
  1: one('timeUnixNano', 'fixed64'),
  2: one('severityNumber', 'unsigned'),
  3: one('severityText', 'text'),
  5: one('body', anyValue),
  6: many('attributes', keyValue),
  8: one('flags', 'fixed32'),
  9: one('traceId', 'hex'),
  10: one('spanId', 'hex'),
  11: one('observedTimeUnixNano', 'fixed64'),
  12: one('eventName', 'text'),
});

const SPAN_EVENT = shape({
  1: one('timeUnixNano', 'fixed64'),
  2: one('name', 'text'),
  3: many('attributes', keyValue),
});
const SPAN_LINK = shape({
  1: one('traceId', 'hex'),
  2: one('spanId', 'hex'),
  3: one('traceState', 'text'),
  4: many('attributes', keyValue),
});
const STATUS = shape({ 2: one('message', 'text'), 3: one('code', 'unsigned') });
const SPAN = shape({
  1: one('traceId', 'hex'),
  2: one('spanId', 'hex'),
  3: one('traceState', 'text'),
  4: one('parentSpanId', 'hex'),
  5: one('name', 'text'),
  6: one('kind', 'unsigned'),
  7: one('startTimeUnixNano', 'fixed64'),
  8: one('endTimeUnixNano', 'fixed64'),
  9: many('attributes', keyValue),
  11: many('events', () => SPAN_EVENT),
  13: many('links', () => SPAN_LINK),
  15: one('status', () => STATUS),
});

const EXEMPLAR = shape({
  2: one('timeUnixNano', 'fixed64'),
  3: one('asDouble', 'double'),
  4: one('spanId', 'hex'),
  5: one('traceId', 'hex'),
  6: one('asInt', 'sfixed64'),
  7: many('filteredAttributes', keyValue),
});
const exemplar = (): MessageShape => EXEMPLAR;
const NUMBER_POINT = shape({
  2: one('startTimeUnixNano', 'fixed64'),
  3: one('timeUnixNano', 'fixed64'),
  4: one('asDouble', 'double'),
  5: many('exemplars', exemplar),
  6: one('asInt', 'sfixed64'),
  7: many('attributes', keyValue),
  8: one('flags', 'unsigned'),
});
const HISTOGRAM_POINT = shape({
  2: one('startTimeUnixNano', 'fixed64'),
  3: one('timeUnixNano', 'fixed64'),
  4: one('count', 'fixed64'),
  5: one('sum', 'double'),
  6: many('bucketCounts', 'fixed64'),
  7: many('explicitBounds', 'double'),
  8: many('exemplars', exemplar),
  9: many('attributes', keyValue),
  10: one('flags', 'unsigned'),
  11: one('min', 'double'),
  12: one('max', 'double'),
});
const BUCKETS = shape({ 1: one('offset', 'zigzag'), 2: many('bucketCounts', 'unsigned') });
const EXPONENTIAL_POINT = shape({
  1: many('attributes', keyValue),
  2: one('startTimeUnixNano', 'fixed64'),
  3: one('timeUnixNano', 'fixed64'),
  4: one('count', 'fixed64'),
  5: one('sum', 'double'),
  6: one('scale', 'zigzag'),
  7: one('zeroCount', 'fixed64'),
  8: one('positive', () => BUCKETS),
  9: one('negative', () => BUCKETS),
  10: one('flags', 'unsigned'),
  11: many('exemplars', exemplar),
  12: one('min', 'double'),
  13: one('max', 'double'),
});
const QUANTILE = shape({ 1: one('quantile', 'double'), 2: one('value', 'double') });
const SUMMARY_POINT = shape({
  2: one('startTimeUnixNano', 'fixed64'),
  3: one('timeUnixNano', 'fixed64'),
  4: one('count', 'fixed64'),
  5: one('sum', 'double'),
  6: many('quantileValues', () => QUANTILE),
  7: many('attributes', keyValue),
  8: one('flags', 'unsigned'),
});

/** A kind of metric: its points, and for sums and histograms what they add up. */
function data(point: MessageShape): () => MessageShape {
  const fields = shape({
    1: many('dataPoints', () => point),
    2: one('aggregationTemporality', 'unsigned'),
    3: one('isMonotonic', 'bool'),
  });
  return () => fields;
}

const METRIC = shape({
  1: one('name', 'text'),
  3: one('unit', 'text'),
  5: one('gauge', data(NUMBER_POINT)),
  7: one('sum', data(NUMBER_POINT)),
  9: one('histogram', data(HISTOGRAM_POINT)),
  10: one('exponentialHistogram', data(EXPONENTIAL_POINT)),
  11: one('summary', data(SUMMARY_POINT)),
});

function request(group: string, scopes: string, records: string, of: MessageShape): MessageShape {
  const scope = shape({ 1: one('scope', () => SCOPE), 2: many(records, () => of) });
  const resource = shape({ 1: one('resource', () => RESOURCE), 2: many(scopes, () => scope) });
  return shape({ 1: many(group, () => resource) });
}

export const LOGS_REQUEST = request('resourceLogs', 'scopeLogs', 'logRecords', LOG_RECORD);
export const SPANS_REQUEST = request('resourceSpans', 'scopeSpans', 'spans', SPAN);
export const METRICS_REQUEST = request('resourceMetrics', 'scopeMetrics', 'metrics', METRIC);
