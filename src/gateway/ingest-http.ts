/**
 * `POST /api/v1/streams/{stream}/events`, apart from sockets: the same on both ports and on every
 * transport. Lines are judged one by one, and what is good is taken; the answer names the others.
 */
import type { Config } from '../config.ts';
import { EngineError } from '../core/errors.ts';
import { isReservedStream, isStreamName, STREAM_NAME_RULE } from '../wire/stream-name.ts';
import type { IngestBody } from './engine-port.ts';
import { decodeContent, mediaType } from './intake.ts';
import type { HttpReply, Intake } from './intake.ts';
import { NO_STORE } from './json-response.ts';
import { problem, problemHeaders } from './problem.ts';

export interface IngestReply {
  readonly accepted: number;
  readonly rejected: number;
  /** At most 20. Lines count from 1; elements of an array too. */
  readonly errors: readonly { readonly line: number; readonly message: string }[];
}

const SLACK = /^(\d{1,9}(?:\.\d+)?)(ms|s|m|h)?$/;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

export const EVENTS_INTAKE: Intake = {
  request: ({ stream, search, contentType }, config) => {
    const format = formatFrom(contentType);
    return { ...requestFrom(stream, search, config), format };
  },
  decode: decodeContent,
  reply: (verdict) => {
    const { accepted, rejected, errors } = verdict;
    if (accepted > 0 || rejected === 0) return reply({ accepted, rejected, errors });
    const document = problem('ENGINE_BAD_EVENTS', 'No event was accepted.', {
      ...{ accepted, rejected, errors },
    });
    const { status } = document;
    return { status, headers: problemHeaders(document), body: JSON.stringify(document) };
  },
};

function reply(answer: IngestReply): HttpReply {
  const headers = { 'Content-Type': 'application/json', ...NO_STORE };
  return { status: 200, headers, body: JSON.stringify(answer) };
}

/** The format that a content type names. @throws EngineError ENGINE_BAD_MEDIA_TYPE */
function formatFrom(contentType: string): 'ndjson' | 'json' {
  const type = mediaType(contentType);
  if (type === 'application/x-ndjson' || type === 'application/ndjson') return 'ndjson';
  if (type === 'application/json') return 'json';
  const detail = 'Send application/x-ndjson (one event a line) or application/json (an array).';
  throw new EngineError('ENGINE_BAD_MEDIA_TYPE', detail);
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
