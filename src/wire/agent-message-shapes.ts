/** Messages from agents to the engine, by `type`. */
import { DEFAULTS } from '../config.ts';
import type {
  AgentToEngine,
  HeartbeatMessage,
  HelloMessage,
  OfferMessage,
  PlansAckMessage,
  StreamPulse,
} from './agent-messages.ts';
import {
  agentIdentity,
  bye,
  count,
  name,
  streamOffers,
  TEXT_LENGTH_MAX,
  timeMs,
} from './message-shapes.ts';
import { absentAs, list, nullable, number, object, oneOf, record, text, whole } from './shape.ts';
import type { Check } from './shape.ts';

/** Reasons for which one stream drops. */
const REASONS_MAX = 64;

const hello = object<HelloMessage>({
  type: oneOf('hello'),
  version: whole(0, 1_000_000),
  token: nullable(text(TEXT_LENGTH_MAX)),
  agent: agentIdentity,
  streams: streamOffers,
  resendFrom: nullable(whole(1)),
  framesSent: nullable(whole(0)),
});

const plansAck = object<PlansAckMessage>({
  type: oneOf('plansAck'),
  epoch: count,
  active: list(
    object<PlansAckMessage['active'][number]>({ query: name, stream: name, sinceMs: timeMs }),
    DEFAULTS.queriesMax,
  ),
  refused: list(
    object<PlansAckMessage['refused'][number]>({ query: name, code: name }),
    DEFAULTS.queriesMax,
  ),
});

const pulse = object<StreamPulse>({
  stream: name,
  watermarkMs: timeMs,
  counts: object<StreamPulse['counts']>({
    offered: count,
    filtered: count,
    sampledOut: count,
    // Agents of version 1 do not say it.
    aggregated: absentAs(count, 0),
    sent: count,
    dropped: record(count, { keysMax: REASONS_MAX, keyLengthMax: 64 }),
    shedAdHoc: absentAs(count, 0),
  }),
});

const heartbeat = object<HeartbeatMessage>({
  type: oneOf('heartbeat'),
  sentAtMs: timeMs,
  pulse: nullable(
    object<NonNullable<HeartbeatMessage['pulse']>>({ engineSentMs: timeMs, receivedMs: timeMs }),
  ),
  streams: list(pulse, DEFAULTS.streamsPerAgentMax),
  busyMs: nullable(number(0, Number.MAX_SAFE_INTEGER)),
});

const offer = object<OfferMessage>({ type: oneOf('offer'), streams: streamOffers });

export const AGENT_MESSAGES: ReadonlyMap<string, Check<AgentToEngine>> = new Map<
  string,
  Check<AgentToEngine>
>([
  ['hello', hello],
  ['plansAck', plansAck],
  ['heartbeat', heartbeat],
  ['offer', offer],
  ['bye', bye],
]);
