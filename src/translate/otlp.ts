/**
 * Bodies of OTLP/HTTP as events. A body that is no export request is refused whole; in one that is,
 * a record is refused alone. Never throws.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import { readUtf8 } from '../wire/utf8.ts';
import { logEvent, LOG_NAMES } from './otlp-logs.ts';
import { metricEvents, METRIC_NAMES, pointCount } from './otlp-metrics.ts';
import { eachRecord } from './otlp-origin.ts';
import type { Origin, RequestNames } from './otlp-origin.ts';
import { LOGS_REQUEST, METRICS_REQUEST, SPANS_REQUEST } from './otlp-shapes.ts';
import { spanEvent, SPAN_NAMES } from './otlp-spans.ts';
import { hasMoreParts } from './json-parts.ts';
import { decodeMessage } from './protobuf-message.ts';
import type { MessageShape } from './protobuf-message.ts';
import { partsFault } from './protobuf-reader.ts';
import { Translation } from './translated.ts';
import type { BodyBounds, Translated } from './translated.ts';
import type { Event } from '../model/value.ts';

export type OtlpSignal = 'logs' | 'metrics' | 'traces';
export type OtlpEncoding = 'protobuf' | 'json';

interface SignalReader {
  readonly names: RequestNames;
  readonly shape: MessageShape;
  readonly read: (
    record: Readonly<Record<string, unknown>>,
    origin: Origin,
    depthMax: number,
  ) => readonly Event[];
  /** Events that a record would be. Default: one. */
  readonly count?: (record: Readonly<Record<string, unknown>>) => number;
}

const READERS: Readonly<Record<OtlpSignal, SignalReader>> = {
  logs: {
    names: LOG_NAMES,
    shape: LOGS_REQUEST,
    read: (record, origin, depthMax) => [logEvent(record, origin, depthMax)],
  },
  traces: {
    names: SPAN_NAMES,
    shape: SPANS_REQUEST,
    read: (record, origin, depthMax) => [spanEvent(record, origin, depthMax)],
  },
  metrics: { names: METRIC_NAMES, shape: METRICS_REQUEST, read: metricEvents, count: pointCount },
};

/** Messages of one request that stand around a value: request, resource, scope, record … */
const ENVELOPE_DEPTH = 8;

export interface OtlpBody extends BodyBounds {
  readonly signal: OtlpSignal;
  readonly encoding: OtlpEncoding;
  /** Nesting of values. */
  readonly depthMax: number;
}

export function readOtlp(body: Uint8Array, how: OtlpBody): Result<Translated, string> {
  const { names, shape, read, count = () => 1 } = READERS[how.signal];
  const { depthMax, recordsMax, partsMax } = how;
  // Each value is a message, and each list or object in it is another around its elements.
  const bounds = { depthMax: ENVELOPE_DEPTH + depthMax * 3, partsMax };
  const decoded =
    how.encoding === 'json'
      ? parsed(body, names.group, partsMax)
      : decodeMessage(body, shape, bounds);
  if (!decoded.ok) return decoded;
  const into = new Translation(recordsMax);
  const input = { request: decoded.value, names, depthMax };
  eachRecord(input, { read: (record, origin) => read(record, origin, depthMax), count }, into);
  return ok(into);
}

function parsed(body: Uint8Array, group: string, partsMax: number): Result<unknown, string> {
  if (hasMoreParts(body, partsMax)) return err(partsFault(partsMax));
  let request: unknown;
  try {
    request = JSON.parse(readUtf8(body, 0, body.length)) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return err(`not JSON: ${reason.slice(0, 120)}`);
  }
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    return err('an export request is a JSON object');
  }
  const groups = (request as Record<string, unknown>)[group];
  if (groups === undefined || Array.isArray(groups)) return ok(request);
  return err(`\`${group}\` is a list`);
}
