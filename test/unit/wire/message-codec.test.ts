import { describe, expect, test } from 'vitest';
import type { AgentToEngine, EngineToAgent } from '../../../src/wire/agent-messages.ts';
import {
  decodeAgentMessage,
  decodeEngineMessage,
  encodeMessage,
} from '../../../src/wire/message-codec.ts';

const hello: AgentToEngine = {
  type: 'hello',
  version: 1,
  token: null,
  agent: {
    id: 'checkout@web-1#4711',
    incarnation: 1_763_000_000_000,
    service: 'checkout',
    host: 'web-1',
    library: 'squilla-js/0.1.0',
    tags: { region: 'eu-west' },
  },
  streams: [
    {
      name: 'plays',
      time: { kind: 'publish', field: null, slackMs: 50 },
      fields: [{ name: 'region', type: 'string' }],
    },
  ],
  resendFrom: null,
  framesSent: 0,
};

const fromAgent: readonly AgentToEngine[] = [
  hello,
  { ...hello, token: 'secret', resendFrom: 17 },
  {
    type: 'plansAck',
    epoch: 3,
    active: [{ query: 'q1', stream: 'plays', sinceMs: 1_000 }],
    refused: [{ query: 'q2', code: 'PLAN_UNKNOWN_FUNCTION' }],
  },
  {
    type: 'heartbeat',
    sentAtMs: 1.5,
    pulse: { engineSentMs: 2, receivedMs: 3 },
    busyMs: 12.5,
    streams: [
      {
        stream: 'plays',
        watermarkMs: 9,
        counts: {
          offered: 5,
          filtered: 1,
          sampledOut: 0,
          aggregated: 0,
          sent: 3,
          dropped: { queue: 1 },
          shedAdHoc: 3,
        },
      },
    ],
  },
  { type: 'heartbeat', sentAtMs: 1, pulse: null, streams: [], busyMs: null },
  { type: 'offer', streams: [] },
  { type: 'bye', reason: 'done' },
];

const fromEngine: readonly EngineToAgent[] = [
  {
    type: 'welcome',
    version: 1,
    agentKey: 7,
    nowMs: 1_000,
    evaluatedSequence: 0,
    packed: true,
    heartbeatMs: 1_000,
  },
  { type: 'refuse', code: 'LIMIT_AGENTS', detail: 'full', retryAfterMs: 5_000 },
  {
    type: 'plans',
    epoch: 4,
    queries: [
      {
        query: 'q1',
        stream: 'plays',
        source: {
          sample: null,
          where: null,
          fields: [[{ by: 'name', name: 'region' }]],
          allFields: false,
        },
        paneMs: 1_000,
        aggregation: null,
        standing: true,
      },
    ],
  },
  {
    type: 'planChanges',
    epoch: 5,
    base: 4,
    added: [],
    removed: [{ query: 'q1', stream: 'plays' }],
  },
  { type: 'ack', sequence: 12 },
  { type: 'pulse', engineSentMs: 1, heartbeatSentMs: 2, heartbeatReceivedMs: 3 },
  { type: 'moveTo', url: 'ws://127.0.0.1:7071' },
  { type: 'moveTo', url: null },
  { type: 'bye', reason: 'stopping' },
];

describe('control messages', () => {
  test.each(fromAgent)('of an agent survive the way there: $type', (message) => {
    expect(decodeAgentMessage(encodeMessage(message))).toStrictEqual({ ok: true, value: message });
  });

  test.each(fromEngine)('of the engine survive the way there: $type', (message) => {
    expect(decodeEngineMessage(encodeMessage(message))).toStrictEqual({ ok: true, value: message });
  });

  test('unknown members are dropped, so that a newer peer may say more', () => {
    const text = JSON.stringify({ type: 'ack', sequence: 1, extra: { deep: [1] } });
    const value: EngineToAgent = { type: 'ack', sequence: 1 };
    expect(decodeEngineMessage(text)).toStrictEqual({ ok: true, value });
  });

  test('a tag called __proto__ stays a tag', () => {
    const text = JSON.stringify(hello).replace('"region":"eu-west"', '"__proto__":"x"');
    const decoded = decodeAgentMessage(text);
    if (!decoded.ok || decoded.value.type !== 'hello') throw new Error('not a hello');
    expect(Object.keys(decoded.value.agent.tags)).toStrictEqual(['__proto__']);
  });
});

describe('a bad control message is a coded error that names the place', () => {
  const heartbeat = { type: 'heartbeat', sentAtMs: 0, pulse: null, streams: [] };
  test.each([
    { name: 'no JSON', text: '{', detail: 'not JSON' },
    { name: 'not an object', text: '[]', detail: 'type: one of hello' },
    { name: 'null', text: 'null', detail: 'type: one of hello' },
    { name: 'an unknown type', text: '{"type":"nod"}', detail: 'type: one of hello' },
    { name: 'an inherited type', text: '{"type":"constructor"}', detail: 'type: one of hello' },
    {
      name: 'a missing member',
      text: JSON.stringify({ ...hello, agent: undefined }),
      detail: 'hello: agent: an object expected',
    },
    {
      name: 'a wrong member deep inside',
      text: JSON.stringify(hello).replace('"publish"', '"now"'),
      detail: 'hello: streams[0].time.kind: one of publish, arrival, field expected',
    },
    {
      name: 'a name that is too long',
      text: JSON.stringify(hello).replace('"plays"', `"${'x'.repeat(201)}"`),
      detail: 'hello: streams[0].name: a stream name is',
    },
    {
      name: 'a time beyond all dates',
      text: JSON.stringify({ ...heartbeat, sentAtMs: 1e300 }),
      detail: 'heartbeat: sentAtMs: a number',
    },
    {
      name: 'a negative count',
      text: JSON.stringify({ type: 'plansAck', epoch: -1, active: [], refused: [] }),
      detail: 'plansAck: epoch: a whole number',
    },
    {
      name: 'too many streams',
      text: JSON.stringify({ ...heartbeat, streams: Array.from({ length: 1_001 }, () => 0) }),
      detail: 'heartbeat: streams: at most 1000 items',
    },
  ])('$name', ({ text, detail }) => {
    const decoded = decodeAgentMessage(text);
    if (decoded.ok) throw new Error('accepted');
    expect(decoded.error.code).toBe('WIRE_BAD_MESSAGE');
    expect(decoded.error.detail).toContain(detail);
  });

  test('a message beyond the limit is not even parsed', () => {
    const decoded = decodeAgentMessage(' '.repeat(2 ** 20 + 1));
    expect(decoded).toMatchObject({ ok: false, error: { code: 'WIRE_FRAME_TOO_LARGE' } });
  });
});
