/**
 * Spans of OTLP as events of `otel.spans`. A span is news when it has ended, so that is its time.
 *
 * @see https://opentelemetry.io/docs/specs/otel/trace/api/
 */
import type { Event, Value } from '../model/value.ts';
import type { Origin } from './otlp-origin.ts';
import { attributesOf, listOf, msOf, numberOf, objectOf, textOf } from './otlp-values.ts';

export const SPAN_NAMES = {
  group: 'resourceSpans',
  scopes: 'scopeSpans',
  records: 'spans',
} as const;

export const SPAN_KINDS = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'];
export const SPAN_STATUSES = ['unset', 'ok', 'error'];

/** @throws RangeError for values that are nested too deeply. */
export function spanEvent(
  span: Readonly<Record<string, unknown>>,
  origin: Origin,
  depthMax: number,
): Event {
  const start = msOf(span['startTimeUnixNano']);
  const end = msOf(span['endTimeUnixNano']);
  const status = objectOf(span['status']);
  return {
    time: end ?? start,
    start,
    duration_ms: start === null || end === null ? null : roundedMs(end - start),
    service: origin.service,
    name: textOf(span['name']),
    kind: SPAN_KINDS[numberOf(span['kind']) ?? 0] ?? null,
    status: SPAN_STATUSES[numberOf(status['code']) ?? 0] ?? null,
    status_message: textOf(status['message']),
    trace_id: idOf(span['traceId']),
    span_id: idOf(span['spanId']),
    parent_span_id: idOf(span['parentSpanId']),
    trace_state: textOf(span['traceState']),
    attributes: attributesOf(span['attributes'], depthMax),
    events: partsOf(span['events'], (event) => ({
      time: msOf(event['timeUnixNano']),
      name: textOf(event['name']),
      attributes: attributesOf(event['attributes'], depthMax),
    })),
    links: partsOf(span['links'], (link) => ({
      trace_id: idOf(link['traceId']),
      span_id: idOf(link['spanId']),
      attributes: attributesOf(link['attributes'], depthMax),
    })),
    resource: origin.resource,
    scope: origin.scope,
    scope_version: origin.scopeVersion,
  };
}

/** Doubles of nanoseconds since 1970 are a quarter of a microsecond apart. */
export function roundedMs(ms: number): number {
  return Math.round(ms * 1e3) / 1e3;
}

/** JSON may have the digits in either case. */
function idOf(value: unknown): string | null {
  return textOf(value)?.toLowerCase() ?? null;
}

function partsOf(
  list: unknown,
  read: (part: Readonly<Record<string, unknown>>) => Value,
): readonly Value[] | null {
  const parts = listOf(list);
  return parts.length === 0 ? null : parts.map((part) => read(objectOf(part)));
}
