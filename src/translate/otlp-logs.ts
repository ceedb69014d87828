/**
 * Log records of OTLP as events of `otel.logs`.
 *
 * @see https://opentelemetry.io/docs/specs/otel/logs/data-model/
 */
import type { Event } from '../model/value.ts';
import type { Origin } from './otlp-origin.ts';
import { attributesOf, msOf, numberOf, textOf, valueOf } from './otlp-values.ts';

export const LOG_NAMES = {
  group: 'resourceLogs',
  scopes: 'scopeLogs',
  records: 'logRecords',
} as const;

/** Four numbers each: the data model's severities begin at 1. */
const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;

/** @throws RangeError for values that are nested too deeply. */
export function logEvent(
  record: Readonly<Record<string, unknown>>,
  origin: Origin,
  depthMax: number,
): Event {
  const observed = msOf(record['observedTimeUnixNano']);
  const number = numberOf(record['severityNumber']);
  return {
    time: msOf(record['timeUnixNano']) ?? observed,
    observed_time: observed,
    service: origin.service,
    severity: severityName(number) ?? textOf(record['severityText']),
    severity_text: textOf(record['severityText']),
    severity_number: number === 0 ? null : number,
    event_name: textOf(record['eventName']),
    body: valueOf(record['body'], depthMax),
    trace_id: textOf(record['traceId'])?.toLowerCase() ?? null,
    span_id: textOf(record['spanId'])?.toLowerCase() ?? null,
    attributes: attributesOf(record['attributes'], depthMax),
    resource: origin.resource,
    scope: origin.scope,
    scope_version: origin.scopeVersion,
  };
}

export function severityName(number: number | null): string | null {
  return number === null ? null : (SEVERITIES[Math.ceil(number / 4) - 1] ?? null);
}
