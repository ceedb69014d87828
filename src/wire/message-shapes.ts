/** Shapes that messages of both directions are made of, and the limits they share. */
import { DEFAULTS } from '../config.ts';
import { err, ok } from '../core/result.ts';
import type { AgentIdentity, ByeMessage, StreamOffer } from './agent-messages.ts';
import { TIME_MS_MAX } from './frame-layout.ts';
import { list, nullable, number, object, oneOf, record, text, whole } from './shape.ts';
import type { Check } from './shape.ts';
import { isStreamName, STREAM_NAME_RULE } from './stream-name.ts';

/** Characters of names of agents, services, hosts, streams, queries and tags. */
export const NAME_LENGTH_MAX = 200;
/** Characters of sentences meant for people, of tokens and of addresses. */
export const TEXT_LENGTH_MAX = 4_096;
/** Tags of one agent. */
const TAGS_MAX = 64;
/** Longest span a peer may name: a year. */
const SPAN_MS_MAX = 366 * 24 * 3_600_000;

export const name: Check<string> = text(NAME_LENGTH_MAX, 1);
export const sentence: Check<string> = text(TEXT_LENGTH_MAX);
export const timeMs: Check<number> = number(-TIME_MS_MAX, TIME_MS_MAX);
export const spanMs: Check<number> = number(0, SPAN_MS_MAX);
export const count: Check<number> = whole(0);

const fieldName = text(DEFAULTS.fieldNameBytesMax);

export const agentIdentity: Check<AgentIdentity> = object<AgentIdentity>({
  id: name,
  incarnation: whole(0),
  service: name,
  host: name,
  library: name,
  tags: record(text(NAME_LENGTH_MAX), { keysMax: TAGS_MAX, keyLengthMax: NAME_LENGTH_MAX }),
});

const streamName: Check<string> = (value, at) =>
  typeof value === 'string' && isStreamName(value) ? ok(value) : err(`${at}: ${STREAM_NAME_RULE}`);

const streamOffer: Check<StreamOffer> = object<StreamOffer>({
  name: streamName,
  time: object<StreamOffer['time']>({
    kind: oneOf('publish', 'arrival', 'field'),
    field: nullable(fieldName),
    slackMs: spanMs,
  }),
  fields: list(
    object<StreamOffer['fields'][number]>({
      name: fieldName,
      type: oneOf('number', 'string', 'boolean', 'list', 'object', 'mixed', 'denied'),
    }),
    DEFAULTS.catalogueFieldsMax,
  ),
});

export const streamOffers: Check<readonly StreamOffer[]> = list(
  streamOffer,
  DEFAULTS.streamsPerAgentMax,
);

export const bye: Check<ByeMessage> = object<ByeMessage>({ type: oneOf('bye'), reason: sentence });
