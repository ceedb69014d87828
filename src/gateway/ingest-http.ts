/**
 * `POST /api/v1/streams/{stream}/events`, apart from sockets: the same on both ports and on every
 * transport. Lines are judged one by one, and what is good is taken; the answer names the others.
 */
import type { Config } from '../config.ts';
import { EngineError } from '../core/errors.ts';
import type { Problem } from '../wire/results.ts';
import { isReservedStream, isStreamName, STREAM_NAME_RULE } from '../wire/stream-name.ts';
import type { BodyLease } from './body-budget.ts';
import type { EnginePort, IngestBody } from './engine-port.ts';
import { problem } from './problem.ts';
import { decodeBody } from './request-body.ts';

export interface IngestPost {
  readonly stream: string;
  readonly search: URLSearchParams;
  /** Headers; a missing one is an empty string. */
  readonly contentType: string;
  readonly contentEncoding: string;
  /** As it came over the wire. */
  readonly body: Uint8Array;
}

export interface IngestReply {
  readonly accepted: number;
  readonly rejected: number;
  /** At most 20. Lines count from 1; elements of an array too. */
  readonly errors: readonly { readonly line: number; readonly message: string }[];
}

const SLACK = /^(\d{1,9}(?:\.\d+)?)(ms|s|m|h)?$/;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** @throws EngineError if nothing of the body could be read. */
export async function ingestPost(
  post: IngestPost,
  engine: Pick<EnginePort, 'ingest'>,
  config: Config,
  lease: BodyLease,
): Promise<IngestReply | Problem> {
  const format = formatFrom(post.contentType);
  const request = requestFrom(post.stream, post.search, config);
  const body = await decodeBody(post.body, post.contentEncoding, config.bodyBytesMax, lease);
  const verdict = await engine.ingest({ ...request, format, body });
  const { accepted, rejected, errors } = verdict;
  if (accepted > 0 || rejected === 0) return { accepted, rejected, errors };
  return problem('ENGINE_BAD_EVENTS', 'No event was accepted.', { accepted, rejected, errors });
}

/** The format that a content type names. @throws EngineError ENGINE_BAD_MEDIA_TYPE */
export function formatFrom(contentType: string): 'ndjson' | 'json' {
  const type = mediaType(contentType);
  if (type === 'application/x-ndjson' || type === 'application/ndjson') return 'ndjson';
  if (type === 'application/json') return 'json';
  const detail = 'Send application/x-ndjson (one event a line) or application/json (an array).';
  throw new EngineError('ENGINE_BAD_MEDIA_TYPE', detail);
}

/** Lower-case and without parameters. */
export function mediaType(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

function requestFrom(
  stream: string,
  search: URLSearchParams,
  config: Config,
): Pick<IngestBody, 'stream' | 'timeField' | 'slackMs'> {
  if (!isStreamName(stream)) {
    const detail = `Not a stream name: ${STREAM_NAME_RULE}.`;
    throw new EngineError('ENGINE_BAD_REQUEST', detail, { data: { parameter: 'stream' } });
  }
  if (isReservedStream(stream)) {
    const detail = "Streams that begin with `squilla.` are the engine's own.";
    throw new EngineError('ENGINE_BAD_REQUEST', detail, { data: { parameter: 'stream' } });
  }
  const timeField = search.get('time');
  if (timeField !== null && (timeField === '' || timeField.length > config.fieldNameBytesMax)) {
    const detail = '`time` names the field that holds the event time.';
    throw new EngineError('ENGINE_BAD_REQUEST', detail, { data: { parameter: 'time' } });
  }
  return { stream, timeField, slackMs: slackFrom(search.get('slack'), config) };
}

function slackFrom(text: string | null, config: Config): number {
  if (text === null) return 0;
  const match = SLACK.exec(text);
  const unit = (match?.[2] ?? 's') as keyof typeof UNIT_MS;
  const slackMs = Math.round(Number(match?.[1]) * UNIT_MS[unit]);
  if (match !== null && slackMs <= config.latenessMsMax) return slackMs;
  const detail = `\`slack\` is a duration such as 500ms or 5s, at most ${config.latenessMsMax} ms.`;
  throw new EngineError('ENGINE_BAD_REQUEST', detail, { data: { parameter: 'slack' } });
}
