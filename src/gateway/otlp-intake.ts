/**
 * OTLP over HTTP: `/v1/logs`, `/v1/metrics` and `/v1/traces`, as protobuf or JSON. An answer is in
 * the encoding of its request: what was rejected as a partial success, a refusal as a Status. A
 * client sends again after 429 and 503, as `Retry-After` says, and never after 400.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { EngineError } from '../core/errors.ts';
import type { IngestVerdict } from '../shard/messages.ts';
import type { OtlpEncoding, OtlpSignal } from '../translate/otlp.ts';
import type { Problem } from '../wire/results.ts';
import { decodeContent, mediaType } from './intake.ts';
import type { HttpReply, Intake } from './intake.ts';
import { problem } from './problem.ts';
import { protobufOf } from './protobuf-answer.ts';

/** The stream of each signal. */
export const OTLP_STREAMS: Readonly<Record<OtlpSignal, string>> = {
  logs: 'otel.logs',
  metrics: 'otel.metrics',
  traces: 'otel.spans',
};

const TYPES: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** JSON name of the count in a partial success. */
const REJECTED: Readonly<Record<OtlpSignal, string>> = {
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
  traces: 'rejectedSpans',
};

/** Codes of gRPC, which a Status has, by status of HTTP; others are INTERNAL. */
const GRPC_CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  413: 8,
  415: 3,
  429: 8,
  503: 14,
};
const GRPC_INTERNAL = 13;

export function otlpIntake(signal: OtlpSignal): Intake {
  return {
    request: ({ contentType }) => ({
      stream: OTLP_STREAMS[signal],
      format: { kind: 'otlp', signal, encoding: encodingFrom(contentType) },
      timeField: 'time',
      slackMs: 'learned',
    }),
    decode: decodeContent,
    reply: (verdict, contentType) => reply(verdict, signal, encodingFrom(contentType)),
    refusal: (document, contentType) => {
      const encoding = encodingOf(contentType);
      return encoding === null ? null : status(document, encoding);
    },
  };
}

function encodingOf(contentType: string): OtlpEncoding | null {
  const type = mediaType(contentType);
  if (type === TYPES.json) return 'json';
  return type === TYPES.protobuf || type === 'application/protobuf' ? 'protobuf' : null;
}

/** @throws EngineError ENGINE_BAD_MEDIA_TYPE */
function encodingFrom(contentType: string): OtlpEncoding {
  const encoding = encodingOf(contentType);
  if (encoding !== null) return encoding;
  const detail = 'OTLP is application/x-protobuf or application/json.';
  throw new EngineError('ENGINE_BAD_MEDIA_TYPE', detail);
}

function reply(verdict: IngestVerdict, signal: OtlpSignal, encoding: OtlpEncoding): HttpReply {
  const { accepted, rejected } = verdict;
  const message = verdict.errors[0]?.message ?? '';
  if (accepted === 0 && rejected > 0) {
    const refused = status(problem('ENGINE_BAD_EVENTS', message), encoding);
    return { status: 400, headers: { 'Content-Type': refused.contentType }, body: refused.body };
  }
  const headers = { 'Content-Type': TYPES[encoding] };
  if (rejected === 0) return { status: 200, headers, body: encoding === 'json' ? '{}' : '' };
  const partial = { [REJECTED[signal]]: String(rejected), errorMessage: message };
  const body =
    encoding === 'json'
      ? JSON.stringify({ partialSuccess: partial })
      : protobufOf([
          [
            1,
            protobufOf([
              [1, rejected],
              [2, message],
            ]),
          ],
        ]);
  return { status: 200, headers, body };
}

function status(
  { status: httpStatus, code, detail }: Problem,
  encoding: OtlpEncoding,
): { readonly contentType: string; readonly body: string | Uint8Array } {
  const grpc = GRPC_CODES[httpStatus] ?? GRPC_INTERNAL;
  const message = `${code}: ${detail}`;
  const body =
    encoding === 'json'
      ? JSON.stringify({ code: grpc, message })
      : protobufOf([
          [1, grpc],
          [2, message],
        ]);
  return { contentType: TYPES[encoding], body };
}
