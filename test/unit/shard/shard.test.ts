/** A shard without sockets: sessions of agents, posted bodies and JSON sockets, step by step. */
import { describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import type { Event } from '../../../src/model/value.ts';
import type { IngestGrant, ShardEffect } from '../../../src/shard/effects.ts';
import type { IngestRequest, ShardOutput } from '../../../src/shard/messages.ts';
import { Shard } from '../../../src/shard/shard.ts';
import { FrameEncoder } from '../../../src/wire/frame-encoder.ts';
import { batchOf, dictionaryLimits, stamp } from '../../support/wire-fixture.ts';

const CONFIG = configWith({
  handshakeMs: 1_000,
  leaseMs: 1_000,
  pingMs: 3_000,
  lineBytesMax: 200,
  depthMax: 3,
  streamsMax: 2,
  agentsMax: 3,
});
const KEY = 7;

class Bench {
  readonly shard: Shard;
  readonly #encoders = new Map<number, FrameEncoder>();
  nowMs = 10_000;

  constructor(token: string | null = null) {
    const grant = { mayIngest: () => true };
    const authorize = (given: string | null): IngestGrant | null =>
      token === null || given === token ? grant : null;
    this.shard = new Shard({ shard: 0, config: CONFIG, nowMs: this.nowMs, authorize });
  }

  give(input: Parameters<Shard['handle']>[0]): ShardEffect[] {
    return this.shard.handle(input, this.nowMs);
  }

  open(connection: number, kind: 'agent' | 'json' = 'agent'): ShardEffect[] {
    return this.give({ type: 'open', connection, kind });
  }

  say(connection: number, message: object): ShardEffect[] {
    return this.give({ type: 'text', connection, text: JSON.stringify(message) });
  }

  frame(connection: number, frameSequence: number, stream = 'plays'): ShardEffect[] {
    const batch = batchOf(['a'], [{ a: 1 }, { a: 2 }]);
    const encoder = this.#encoders.get(connection) ?? new FrameEncoder(dictionaryLimits);
    this.#encoders.set(connection, encoder);
    const bytes = encoder.encode(batch, stamp({ stream, frameSequence }));
    return this.give({ type: 'binary', connection, bytes });
  }

  welcome(connection: number, evaluatedSequence = 0): ShardEffect[] {
    return this.give({
      ...{ type: 'verdict', connection, accepted: true, agentKey: KEY, evaluatedSequence },
      ...{ code: null, detail: null },
    });
  }

  /** An agent that is welcome. */
  live(connection = 1, evaluatedSequence = 0): void {
    this.open(connection);
    this.say(connection, hello());
    this.welcome(connection, evaluatedSequence);
  }
}

function hello(changes: object = {}): object {
  const agent = { id: 'a#1', incarnation: 1, service: 's', host: 'h', library: 'l', tags: {} };
  const time = { kind: 'publish', field: null, slackMs: 0 };
  const streams = [{ name: 'plays', time, fields: [] }];
  return { type: 'hello', version: 1, token: null, agent, streams, resendFrom: null, ...changes };
}

function said(effects: readonly ShardEffect[]): Record<string, unknown>[] {
  return effects.flatMap((effect) =>
    effect.type === 'send' ? [JSON.parse(effect.text) as Record<string, unknown>] : [],
  );
}

function told(effects: readonly ShardEffect[]): ShardOutput[] {
  return effects.flatMap((effect) => (effect.type === 'to-coordinator' ? [effect.message] : []));
}

function hungUp(effects: readonly ShardEffect[]): string | null {
  for (const effect of effects) if (effect.type === 'disconnect') return effect.reason;
  return null;
}

function reportIn(effects: readonly ShardOutput[]): Extract<ShardOutput, { type: 'agent-report' }> {
  const report = effects.find((message) => message.type === 'agent-report');
  if (report?.type !== 'agent-report') throw new Error('no report');
  return report;
}

describe('an agent session', () => {
  test('goes from hello over a claim to welcome and plans', () => {
    const bench = new Bench();
    bench.open(1);
    expect(told(bench.say(1, hello()))).toMatchObject([{ type: 'claim', connection: 1 }]);
    expect(said(bench.welcome(1))).toMatchObject([
      { type: 'welcome', agentKey: KEY },
      { type: 'plans', queries: [] },
    ]);
  });

  test('evaluates frames once, in order, and acknowledges what it evaluated', () => {
    const bench = new Bench();
    bench.live(1, 1);
    // Frame 1 was evaluated in the session before; it comes again and counts no second time.
    bench.frame(1, 1);
    bench.frame(1, 2);
    const effects = bench.shard.flush();
    expect(reportIn(told(effects)).streams).toMatchObject([{ received: 2, evaluated: 2 }]);
    expect(said(effects)).toStrictEqual([{ type: 'ack', sequence: 2 }]);
    expect(bench.shard.flush()).toStrictEqual([]);
  });

  test("does not offer the engine's own streams, neither at first nor later", () => {
    const time = { kind: 'publish', field: null, slackMs: 0 };
    const streams = [{ name: 'squilla.engine', time, fields: [] }];
    const bench = new Bench();
    bench.open(1);
    expect(said(bench.say(1, hello({ streams })))).toMatchObject([{ code: 'ENGINE_FORBIDDEN' }]);
    bench.live(2);
    expect(hungUp(bench.say(2, { type: 'offer', streams }))).toMatch(/ENGINE_FORBIDDEN/);
  });

  test('says how it left', () => {
    const bench = new Bench();
    bench.live(1);
    const left = told(bench.say(1, { type: 'bye', reason: 'done' }));
    expect(left).toContainEqual({ type: 'agent-gone', agentKey: KEY, connection: 1, bye: true });
    expect(told(bench.give({ type: 'closed', connection: 1 }))).toStrictEqual([]);
    bench.live(2);
    const lost = told(bench.give({ type: 'closed', connection: 2 }));
    expect(lost).toContainEqual({ type: 'agent-gone', agentKey: KEY, connection: 2, bye: false });
  });

  test('that hung up before it was welcome leaves the roster again', () => {
    const bench = new Bench();
    bench.open(1);
    bench.say(1, hello());
    bench.give({ type: 'closed', connection: 1 });
    expect(told(bench.welcome(1))).toStrictEqual([
      { type: 'agent-gone', agentKey: KEY, connection: 1, bye: false },
    ]);
  });

  test.each<[string, (bench: Bench) => ShardEffect[], RegExp]>([
    ['text that is no message', (b) => b.say(1, {}), /WIRE_BAD_MESSAGE/],
    ['a second hello', (b) => b.say(1, hello()), /WIRE_BAD_HELLO/],
    ['a frame of a stream not offered', (b) => b.frame(1, 1, 'other'), /WIRE_BAD_FRAME/],
    ['a hole in the frames', (b) => (b.frame(1, 1), b.frame(1, 3)), /WIRE_BAD_FRAME/],
    [
      'bytes that are no frame',
      (b) => b.give({ type: 'binary', connection: 1, bytes: new Uint8Array(9) }),
      /WIRE_BAD_FRAME/,
    ],
  ])('ends at %s, with a reason and without touching others', (_name, misbehave, reason) => {
    const bench = new Bench();
    bench.live(1);
    bench.live(2);
    const effects = misbehave(bench);
    expect(hungUp(effects)).toMatch(reason);
    expect(said(effects)).toMatchObject([{ type: 'refuse' }]);
    expect(told(effects)).toContainEqual(expect.objectContaining({ type: 'agent-gone' }));
    // Whatever the same peer still sends is not looked at.
    expect(bench.frame(1, 9)).toStrictEqual([]);
    expect(hungUp(bench.frame(2, 1))).toBeNull();
  });

  test.each<[string, (bench: Bench) => ShardEffect[], RegExp]>([
    ['a frame', (b) => b.frame(1, 1), /WIRE_BAD_HELLO/],
    ['a bad hello', (b) => b.say(1, { type: 'hello' }), /WIRE_BAD_HELLO/],
    ['another version', (b) => b.say(1, hello({ version: 0 })), /WIRE_BAD_VERSION/],
    ['a token that is wrong', (b) => b.say(1, hello({ token: 'x' })), /ENGINE_UNAUTHORIZED/],
    ['silence', (b) => ((b.nowMs += 1_500), b.give({ type: 'tick' })), /WIRE_BAD_HELLO/],
  ])('does not begin with %s', (_name, begin, reason) => {
    const bench = new Bench('secret');
    bench.open(1);
    expect(hungUp(begin(bench))).toMatch(reason);
  });

  test('that says nothing for long is let go, as half-open', () => {
    const bench = new Bench();
    bench.live(1);
    bench.nowMs += 2_900;
    expect(hungUp(bench.give({ type: 'tick' }))).toBeNull();
    bench.nowMs += 1_100;
    expect(hungUp(bench.give({ type: 'tick' }))).toBe('silent');
  });

  test('is refused where the engine is full or stopping', () => {
    const bench = new Bench();
    for (const connection of [1, 2, 3]) expect(hungUp(bench.open(connection))).toBeNull();
    expect(hungUp(bench.open(4))).toBe('LIMIT_AGENTS');
    const other = new Bench();
    other.live(1);
    const drained = other.give({ type: 'drain', reason: 'stop' });
    expect(said(drained)).toStrictEqual([{ type: 'bye', reason: 'stop' }]);
    expect(hungUp(other.open(2))).toBe('the engine is stopping');
  });

  test('attributes what an agent filtered since its last word, never what came before', () => {
    const bench = new Bench();
    bench.live(1);
    const beat = (filtered: number): ShardEffect[] => {
      const counts = {
        offered: filtered,
        filtered,
        sampledOut: 0,
        aggregated: 0,
        sent: 0,
        dropped: {},
      };
      const pulse = { stream: 'plays', watermarkMs: 9_000, counts };
      return bench.say(1, { type: 'heartbeat', sentAtMs: 9_990, pulse: null, streams: [pulse] });
    };
    expect(said(beat(50))).toMatchObject([{ type: 'pulse', heartbeatSentMs: 9_990 }]);
    beat(53);
    const report = reportIn(told(bench.shard.flush()));
    expect(report).toMatchObject({ offsetMs: -10, streams: [{ watermarkMs: 9_000 }] });
    expect(report.streams[0]?.counts?.filtered).toBe(53);
  });
});

describe('what an agent dropped', () => {
  test('is counted under reasons that the engine knows, all others together', () => {
    const bench = new Bench();
    bench.live(1);
    const dropped = JSON.parse('{"queue":1,"constructor":2,"__proto__":4,"new":8}') as object;
    const counts = { offered: 20, filtered: 0, sampledOut: 0, aggregated: 0, sent: 5, dropped };
    const pulse = { stream: 'plays', watermarkMs: 9_000, counts };
    bench.say(1, { type: 'heartbeat', sentAtMs: 9_990, pulse: null, streams: [pulse] });
    const [page] = reportIn(told(bench.shard.flush())).streams;
    expect(page?.counts?.dropped).toStrictEqual({ queue: 1, other: 14 });
  });
});

describe('a posted body', () => {
  function post(
    bench: Bench,
    body: string,
    changes: Partial<Pick<IngestRequest, 'stream' | 'format' | 'slackMs' | 'timeField'>> = {},
  ): ShardOutput[] {
    const head = { type: 'ingest', request: 5, stream: 's', format: 'ndjson' } as const;
    const bytes = new TextEncoder().encode(body);
    const rest = { body: bytes, timeField: null, slackMs: 0 };
    return told(bench.give({ ...head, ...rest, ...changes }));
  }

  test.each<[string, string, 'ndjson' | 'json', number, (readonly [number, RegExp])[]]>([
    ['lines', '{"a":1}\n\n{"a":2}', 'ndjson', 2, []],
    ['an array', '[{"a":1},{"a":2}]', 'json', 2, []],
    ['one object', '{"a":1}', 'json', 1, []],
    ['nothing', '', 'ndjson', 0, []],
    ['a bad line', '{"a":1}\n{"a"\n{"a":3}', 'ndjson', 2, [[2, /^not JSON/]]],
    ['what is no object', '[1]\n2\nnull', 'ndjson', 0, [1, 2, 3].map((n) => [n, /object/])],
    ['a bad array', '[{"a":1},', 'json', 0, [[1, /^not JSON/]]],
    ['a bad element', '[{"a":1},2]', 'json', 1, [[2, /object/]]],
    ['a long line', `{"a":"${'x'.repeat(200)}"}`, 'ndjson', 0, [[1, /longer than 200/]]],
    ['a deep one', '{"a":{"b":{"c":{"d":{}}}}}', 'ndjson', 0, [[1, /deeper than 3/]]],
  ])('of %s', (_name, ...[body, format, accepted, errors]) => {
    const [verdict] = post(new Bench(), body, { format });
    expect(verdict).toMatchObject({ type: 'ingested', request: 5, accepted });
    if (verdict?.type !== 'ingested') throw new Error('no verdict');
    expect(verdict.rejected).toBe(errors.length);
    expect(verdict.errors.map(({ line }) => line)).toStrictEqual(errors.map(([line]) => line));
    for (const [i, [, message]] of errors.entries()) {
      expect(verdict.errors[i]?.message).toMatch(message);
    }
  });

  test('counts as received and evaluated, also while nobody asks, and tells its fields', () => {
    const bench = new Bench();
    post(bench, '{"a":1,"b":"x"}\n{"a":2}');
    const outputs = told(bench.shard.flush());
    expect(reportIn(outputs)).toMatchObject({
      agentKey: 0,
      streams: [{ stream: 's', received: 2, evaluated: 2 }],
    });
    const fields = [
      { name: 'a', type: 'number' },
      { name: 'b', type: 'string' },
    ];
    expect(outputs).toContainEqual({ type: 'stream-fields', stream: 's', fields });
    const values = [
      { name: 'a', values: [1, 2] },
      { name: 'b', values: ['x'] },
    ];
    expect(outputs).toContainEqual({ type: 'stream-values', stream: 's', fields: values });
  });

  test('counts what is no event as received and malformed', () => {
    const bench = new Bench();
    post(bench, '{"a":1}\nno\n2');
    const page = { received: 3, evaluated: 1, dropped: { malformed: 2 } };
    expect(reportIn(told(bench.shard.flush()))).toMatchObject({ streams: [page] });
  });

  test('shows how late its events are, where nobody can say', () => {
    const bench = new Bench();
    const late = (ms: number): string =>
      JSON.stringify({ at: new Date(bench.nowMs - ms).toISOString() });
    const how = { timeField: 'at', slackMs: 'learned' } as const;
    const [first] = post(bench, `${late(4_200)}\n${late(100)}`, how);
    const time = { kind: 'field', field: 'at', slackMs: 5_000 };
    expect(first).toStrictEqual({ type: 'stream-time', stream: 's', time, isLearned: true });
    expect(post(bench, late(3_000), how)).toMatchObject([{ type: 'ingested' }]);
  });

  test('says how late its events may be, once', () => {
    const bench = new Bench();
    const time = { kind: 'arrival', field: null, slackMs: 500 };
    const outputs = post(bench, '{}', { slackMs: 500 });
    const said = { type: 'stream-time', stream: 's', time, isLearned: false };
    expect(outputs[0]).toStrictEqual(said);
    expect(post(bench, '{}', { slackMs: 500 })).toMatchObject([{ type: 'ingested' }]);
    expect(post(bench, '{}', { slackMs: 400 })).toMatchObject([{ type: 'ingested' }]);
  });

  test('says which field its times come from, also where they are never late', () => {
    const bench = new Bench();
    const [first] = post(bench, '{}', { timeField: 'at' });
    const time = { kind: 'field', field: 'at', slackMs: 0 };
    expect(first).toStrictEqual({ type: 'stream-time', stream: 's', time, isLearned: false });
    expect(post(bench, '{}', { timeField: 'at' })).toMatchObject([{ type: 'ingested' }]);
    expect(post(bench, '{}')).toMatchObject([{ type: 'ingested' }]);
    const [later] = post(bench, '{}', { slackMs: 300 });
    expect(later).toMatchObject({ time: { kind: 'field', field: 'at', slackMs: 300 } });
  });

  test('of one stream too many is refused', () => {
    const bench = new Bench();
    post(bench, '{}', { stream: 's1' });
    post(bench, '{}', { stream: 's2' });
    expect(post(bench, '{}', { stream: 's3' })).toMatchObject([
      { accepted: 0, errors: [{ message: 'more than 2 streams' }] },
    ]);
  });
});

describe('a JSON socket', () => {
  const EVENTS: readonly Event[] = [{ a: 1 }];

  test('takes events and answers what became of them', () => {
    const bench = new Bench();
    bench.open(1, 'json');
    const good = said(bench.say(1, { stream: 's', events: [...EVENTS, 5] }));
    expect(good).toMatchObject([{ accepted: 1, errors: [{ line: 2 }] }]);
    expect(said(bench.say(1, { stream: '', events: EVENTS }))).toMatchObject([{ accepted: 0 }]);
    expect(said(bench.say(1, { stream: 's' }))).toMatchObject([{ accepted: 0 }]);
    expect(said(bench.say(1, [1]))).toMatchObject([{ accepted: 0 }]);
  });

  test('refuses a deep event alone, as a posted body would', () => {
    const bench = new Bench();
    bench.open(1, 'json');
    const deep = { a: { b: { c: { d: {} } } } };
    expect(said(bench.say(1, { stream: 's', events: [{ a: 1 }, deep, { a: 2 }] }))).toStrictEqual([
      { accepted: 2, errors: [{ line: 2, message: 'nested deeper than 3 levels' }] },
    ]);
  });

  test("does not publish under the engine's own names", () => {
    const bench = new Bench();
    bench.open(1, 'json');
    const effects = bench.say(1, { stream: 'squilla.engine', events: EVENTS });
    expect(said(effects)).toStrictEqual([
      {
        accepted: 0,
        errors: [{ line: 1, message: "streams that begin with `squilla.` are the engine's own" }],
      },
    ]);
  });

  test('needs its token first, where one is needed, and takes no binary frames', () => {
    const bench = new Bench('secret');
    bench.open(1, 'json');
    expect(hungUp(bench.say(1, { stream: 's', events: EVENTS }))).toMatch(/ENGINE_UNAUTHORIZED/);
    bench.open(2, 'json');
    expect(bench.say(2, { token: 'secret' })).toStrictEqual([]);
    expect(said(bench.say(2, { stream: 's', events: EVENTS }))).toMatchObject([{ accepted: 1 }]);
    expect(hungUp(bench.frame(2, 1))).toMatch(/WIRE_BAD_MESSAGE/);
  });
});
