import { describe, expect, test } from 'vitest';
import type { StreamState } from '../../../agents/stream-state.ts';
import type { Config } from '../../../src/config.ts';
import type { TimePolicy } from '../../../src/wire/agent-messages.ts';
import { FakeEngine, queryOf, sourceOf } from '../../support/fake-engine.ts';

const PUBLISH: TimePolicy = { kind: 'publish', field: null, slackMs: 50 };

interface Setup {
  readonly engine: FakeEngine;
  readonly plays: StreamState;
}

/** A live agent with one query for `n` on `plays`. */
function live(limits: Partial<Config> = {}, paneMs = 0): Setup {
  const engine = new FakeEngine(limits);
  const plays = streamOf(engine, 'plays');
  engine.welcome();
  engine.plans(1, [queryOf('plays', sourceOf(['n']), { paneMs })]);
  return { engine, plays };
}

function streamOf(engine: FakeEngine, name: string, time = PUBLISH): StreamState {
  const stream = engine.session.stream(name, time);
  if (stream === null) throw new Error('too many streams');
  return stream;
}

function numbers(engine: FakeEngine): readonly unknown[] {
  return engine.frames.flatMap((frame) => frame.rows.map((row) => row['n']));
}

/** offered = filtered + sampledOut + sent + dropped + queued. */
function expectClosed(stream: StreamState): void {
  const { offered, filtered, sampledOut, sent, dropped } = stream.counts();
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  expect(filtered + sampledOut + sent + lost + stream.queued()).toBe(offered);
}

describe('greeting', () => {
  test('the first message is a hello with the streams and their time policies', () => {
    const engine = new FakeEngine();
    streamOf(engine, 'plays');
    engine.input({ type: 'start' });
    expect(engine.connects).toStrictEqual(['ws://engine']);
    engine.input({ type: 'opened' });
    expect(engine.messages[0]).toMatchObject({
      type: 'hello',
      version: 1,
      resendFrom: null,
      streams: [{ name: 'plays', time: PUBLISH, fields: [] }],
    });
  });

  test('an engine that does not answer the hello is left after handshakeMs', () => {
    const engine = new FakeEngine({ handshakeMs: 300 });
    engine.input({ type: 'start' });
    engine.input({ type: 'opened' });
    engine.advance(299);
    expect(engine.disconnects).toStrictEqual([]);
    engine.advance(1);
    expect(engine.disconnects).toStrictEqual(['no welcome']);
  });

  test('an engine of another version is left', () => {
    const engine = new FakeEngine();
    engine.input({ type: 'start' });
    engine.input({ type: 'opened' });
    const welcome = { agentKey: 1, nowMs: 0, evaluatedSequence: 0, heartbeatMs: 1_000 };
    engine.say({ type: 'welcome', version: 2, ...welcome });
    expect(engine.disconnects[0]).toContain('WIRE_BAD_VERSION');
  });

  test('a refused agent waits at least as long as it is told', () => {
    const engine = new FakeEngine();
    engine.input({ type: 'start' });
    engine.input({ type: 'opened' });
    engine.say({ type: 'refuse', code: 'LIMIT_AGENTS', detail: 'full', retryAfterMs: 60_000 });
    engine.advance(59_999);
    expect(engine.connects).toHaveLength(1);
    engine.advance(1);
    expect(engine.connects).toHaveLength(2);
  });

  test('streams that appear later are offered at once, new fields with the next heartbeat', () => {
    const { engine } = live();
    const errors = streamOf(engine, 'errors');
    engine.input({ type: 'tick' });
    expect(engine.messages.at(-1)).toMatchObject({ type: 'offer', streams: [{ name: 'errors' }] });
    errors.publish({ code: 7, text: 'x', tags: [], at: null });
    engine.advance(1_000);
    const offers = engine.messages.filter((message) => message.type === 'offer');
    expect(offers.at(-1)?.streams[0]?.fields).toStrictEqual([
      { name: 'code', type: 'number' },
      { name: 'text', type: 'string' },
      { name: 'tags', type: 'list' },
    ]);
  });

  test('an idle stream looks at one event a heartbeat and builds none', () => {
    const engine = new FakeEngine();
    const plays = streamOf(engine, 'plays');
    let built = 0;
    const make = (): object => {
      built++;
      return { n: 1 };
    };
    expect(plays.publish(make)).toBe('skipped');
    expect(plays.publish({ a: 1 })).toBe('skipped');
    expect(plays.publish({ b: 1 })).toBe('skipped');
    expect(built).toBe(0);
    expect(plays.offer().fields).toStrictEqual([{ name: 'a', type: 'number' }]);
    expect(plays.counts().offered).toBe(0);
  });
});

describe('plans', () => {
  test('are acknowledged with the time from which they see events', () => {
    const { engine } = live();
    expect(engine.messages.find((message) => message.type === 'plansAck')).toStrictEqual({
      type: 'plansAck',
      epoch: 1,
      active: [{ query: 'q1', stream: 'plays', sinceMs: 1_000_000 }],
      refused: [],
    });
  });

  test('a query that goes on keeps its since', () => {
    const { engine } = live();
    engine.advance(500);
    const source = sourceOf(['n']);
    engine.plans(2, [queryOf('plays', source), queryOf('plays', source, { query: 'q2' })]);
    const acks = engine.messages.filter((message) => message.type === 'plansAck');
    expect(acks.at(-1)?.active.map(({ sinceMs }) => sinceMs)).toStrictEqual([1_000_000, 1_000_500]);
  });

  test('one that is not understood is refused alone', () => {
    const { engine, plays } = live();
    const hostile = JSON.parse('{"where":{"op":"launch"},"fields":[],"allFields":false}');
    engine.plans(2, [
      queryOf('plays', sourceOf(['n'])),
      queryOf('plays', hostile, { query: 'bad' }),
      queryOf('unknown', sourceOf([]), { query: 'stray' }),
    ]);
    const acks = engine.messages.filter((message) => message.type === 'plansAck');
    expect(acks.at(-1)).toMatchObject({
      active: [{ query: 'q1' }],
      refused: [
        { query: 'bad', code: 'ENGINE_BAD_QUERY' },
        { query: 'stray', code: 'ENGINE_NOT_FOUND' },
      ],
    });
    expect(plays.active).toBe(true);
  });

  test('of an older epoch are ignored', () => {
    const { engine, plays } = live();
    engine.plans(5, []);
    engine.plans(4, [queryOf('plays', sourceOf(['n']))]);
    expect(plays.active).toBe(false);
  });

  test('events built under an old epoch leave under it', () => {
    const { engine, plays } = live();
    plays.publish({ n: 1 });
    engine.plans(2, [queryOf('plays', sourceOf(['m']), { query: 'q2' })]);
    plays.publish({ m: 2 });
    engine.advance(20);
    expect(engine.frames.map(({ header, rows }) => [header.epoch, rows])).toStrictEqual([
      [1, [{ n: 1 }]],
      [2, [{ m: 2 }]],
    ]);
  });
});

describe('publishing', () => {
  test('tells what became of the event, and the counts close', () => {
    const engine = new FakeEngine({ frameBytesMax: 2_048 });
    const plays = streamOf(engine, 'plays');
    engine.welcome();
    expect(plays.publish({ n: 1 })).toBe('skipped');
    const big = {
      op: 'call',
      name: 'gt',
      args: [field('n'), { op: 'literal', value: 5 }],
    } as const;
    engine.plans(1, [queryOf('plays', sourceOf(['n'], big))]);
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(plays.publish({ n: 9 })).toBe('accepted');
    expect(plays.publish({ n: 1 })).toBe('filtered');
    expect(plays.publish(() => ({ n: 7 }))).toBe('accepted');
    expect(plays.publish({ n: 'x'.repeat(2_000) })).toBe('filtered');
    const all = { where: null, fields: [], allFields: true };
    engine.plans(2, [queryOf('plays', all, { query: 'q2' })]);
    expect(plays.publish({ cycle })).toBe('dropped:malformed');
    expect(plays.publish({ text: 'x'.repeat(2_000) })).toBe('dropped:oversize');
    expect(plays.publish(() => throwing())).toBe('dropped:malformed');
    expect(plays.publish((() => null) as unknown as () => object)).toBe('dropped:malformed');
    expectClosed(plays);
    engine.advance(100);
    expectClosed(plays);
    expect(plays.counts()).toStrictEqual({
      offered: 8,
      filtered: 2,
      sampledOut: 0,
      sent: 2,
      dropped: { malformed: 3, oversize: 1 },
    });
  });

  test('flushes by age', () => {
    const { engine, plays } = live({ agentFlushMs: 20 });
    plays.publish({ n: 1 });
    engine.advance(10);
    plays.publish({ n: 2 });
    engine.advance(9);
    expect(engine.frames).toHaveLength(0);
    engine.advance(1);
    expect(numbers(engine)).toStrictEqual([1, 2]);
  });

  test('flushes by size', () => {
    const { engine, plays } = live({ agentFlushEvents: 3 });
    for (let n = 1; n <= 7; n++) plays.publish({ n });
    expect(
      engine.frames.map(({ header }) => [header.frameSequence, header.firstSequence]),
    ).toStrictEqual([
      [1, 1],
      [2, 4],
    ]);
    expect(plays.queued()).toBe(1);
  });

  test('flushes right after a pane end of an active query, and says so', () => {
    const { engine, plays } = live({ agentFlushMs: 10_000 }, 1_000);
    engine.advance(100);
    plays.publish({ n: 1 });
    engine.advance(949);
    expect(engine.frames).toHaveLength(0);
    // Pane end 1,001,000 + slack 50 + at most 20 of spread.
    engine.advance(21);
    expect(numbers(engine)).toStrictEqual([1]);
    expect(engine.lastPulse('plays').watermarkMs).toBeGreaterThanOrEqual(1_001_000);
  });

  test('reads the time from a field, and takes the time of publishing if it cannot be read', () => {
    const engine = new FakeEngine();
    const time: TimePolicy = { kind: 'field', field: 'at', slackMs: 250 };
    const logs = streamOf(engine, 'logs', time);
    engine.welcome();
    engine.plans(1, [queryOf('logs', sourceOf(['at']))]);
    logs.publish({ at: 1_700_000_000.5 });
    logs.publish({ at: '2023-11-14T22:13:21.250Z' });
    logs.publish({ at: 'yesterday' });
    engine.advance(20);
    expect(engine.frames[0]?.times).toStrictEqual([
      1_700_000_000_500, 1_700_000_001_250, 1_000_000,
    ]);
    expect(logs.badTimes).toBe(1);
  });
});

describe('delivery', () => {
  test('acknowledged frames are forgotten, others are sent again after a reconnect', () => {
    const { engine, plays } = live({ agentFlushEvents: 2 });
    for (let n = 1; n <= 6; n++) plays.publish({ n });
    engine.say({ type: 'ack', sequence: 1 });
    engine.input({ type: 'closed', reason: 'reset' });
    plays.publish({ n: 7 });
    engine.advance(200);
    expect(engine.connects).toHaveLength(2);
    engine.frames.length = 0;
    engine.input({ type: 'opened' });
    expect(engine.messages.at(-1)).toMatchObject({ type: 'hello', resendFrom: 2 });
    engine.welcome(2);
    engine.advance(20);
    // Frame 2 was evaluated before the connection broke, frame 3 was not.
    expect(engine.frames.map(({ header }) => header.frameSequence)).toStrictEqual([3, 4]);
    expect(numbers(engine)).toStrictEqual([5, 6, 7]);
    expectClosed(plays);
  });

  test('what is sent again can be read without what the old connection knew', () => {
    const { engine, plays } = live({ agentFlushEvents: 1 });
    for (const n of ['a', 'b', 'a']) plays.publish({ n });
    engine.advance(50);
    engine.say({ type: 'ack', sequence: 1 });
    engine.input({ type: 'closed', reason: 'reset' });
    engine.advance(200);
    engine.frames.length = 0;
    engine.welcome(1);
    expect(numbers(engine)).toStrictEqual(['b', 'a']);
  });

  test('a full queue drops the oldest and counts it', () => {
    const engine = new FakeEngine({ agentQueueEvents: 4, agentFlushEvents: 2 });
    const plays = streamOf(engine, 'plays');
    engine.welcome();
    engine.plans(1, [queryOf('plays', sourceOf(['n']))]);
    engine.input({ type: 'closed', reason: 'reset' });
    for (let n = 1; n <= 9; n++) expect(plays.publish({ n })).toBe('accepted');
    expectClosed(plays);
    expect(plays.counts().dropped).toStrictEqual({ queue: 4 });
    engine.advance(200);
    engine.welcome();
    engine.advance(20);
    expect(numbers(engine)).toStrictEqual([5, 6, 7, 8, 9]);
    expect(engine.frames[0]?.header).toMatchObject({ frameSequence: 1, firstSequence: 5 });
    expectClosed(plays);
  });

  test('sent frames that no longer fit after a disconnect count as resend', () => {
    const { engine, plays } = live({ agentQueueEvents: 4, agentFlushEvents: 2 });
    for (let n = 1; n <= 8; n++) plays.publish({ n });
    expect(plays.counts().sent).toBe(8);
    engine.input({ type: 'closed', reason: 'reset' });
    expect(plays.counts()).toMatchObject({ sent: 4, dropped: { resend: 4 } });
    expectClosed(plays);
    engine.advance(200);
    engine.frames.length = 0;
    engine.welcome();
    expect(numbers(engine)).toStrictEqual([5, 6, 7, 8]);
    expectClosed(plays);
  });

  test('no more than agentResendFrames are in flight', () => {
    const { engine, plays } = live({ agentResendFrames: 2, agentFlushEvents: 1 });
    for (let n = 1; n <= 4; n++) plays.publish({ n });
    engine.advance(50);
    expect(numbers(engine)).toStrictEqual([1, 2]);
    engine.say({ type: 'ack', sequence: 2 });
    expect(numbers(engine)).toStrictEqual([1, 2, 3, 4]);
  });

  test('attempts to connect are spread out and further and further apart', () => {
    const engine = new FakeEngine({ reconnectMinMs: 100, reconnectMaxMs: 1_000 });
    engine.input({ type: 'start' });
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      engine.input({ type: 'closed', reason: 'refused' });
      waits.push(engine.session.wakeAtMs - engine.clock.now());
      engine.advance(1_000);
    }
    [100, 200, 400, 800, 1_000, 1_000].forEach((stepMs, i) => {
      expect(waits[i]).toBeGreaterThanOrEqual(stepMs / 2);
      expect(waits[i]).toBeLessThanOrEqual(stepMs);
    });
  });

  test('an engine that says nothing for five heartbeats is left', () => {
    const { engine } = live();
    engine.advance(4_000);
    expect(engine.disconnects).toStrictEqual([]);
    engine.advance(3_000);
    expect(engine.disconnects).toStrictEqual(['the engine is silent']);
  });

  test('a process that stood still does not blame the engine', () => {
    const { engine } = live();
    engine.clock.advance(60_000);
    engine.input({ type: 'tick' });
    expect(engine.disconnects).toStrictEqual([]);
  });

  test('an engine that talks nonsense is left', () => {
    const { engine } = live();
    engine.input({ type: 'text', text: '{"type":"plans","epoch":"x"}' });
    expect(engine.disconnects[0]).toContain('WIRE_BAD_MESSAGE');
    expect(engine.session.live).toBe(false);
  });

  test('moveTo leads to the named address at once, and back if it is not there', () => {
    const { engine } = live();
    engine.say({ type: 'moveTo', url: 'ws://other' });
    engine.advance(0);
    expect(engine.connects.at(-1)).toBe('ws://other');
    engine.input({ type: 'closed', reason: 'refused' });
    engine.advance(5_000);
    expect(engine.connects[2]).toBe('ws://engine');
  });
});

describe('clocks', () => {
  test('the offset is that of the shortest of the last 16 round trips', () => {
    const { engine, plays } = live();
    const trip = (outMs: number, backMs: number, aheadMs: number): void => {
      const sentMs = engine.clock.now();
      const engineMs = sentMs + outMs + aheadMs;
      engine.clock.advance(outMs + backMs);
      engine.say({
        type: 'pulse',
        engineSentMs: engineMs,
        heartbeatSentMs: sentMs,
        heartbeatReceivedMs: engineMs,
      });
    };
    trip(200, 0, 5_000);
    // The welcome came back in no time and said 0.
    expect(engine.session.offsetMs).toBe(0);
    for (let i = 0; i < 15; i++) trip(200, 0, 5_000);
    expect(engine.session.offsetMs).toBe(5_100);
    trip(1, 1, 5_000);
    expect(engine.session.offsetMs).toBe(5_000);
    plays.publish({ n: 1 });
    engine.advance(20);
    const publishedMs = engine.clock.now() - 20;
    expect(engine.frames.at(-1)?.times).toStrictEqual([publishedMs + 5_000]);
  });

  test('field times are left as they are, watermarks are corrected', () => {
    const engine = new FakeEngine();
    const logs = streamOf(engine, 'logs', { kind: 'field', field: 'at', slackMs: 250 });
    engine.input({ type: 'start' });
    engine.input({ type: 'opened' });
    const welcome = { agentKey: 1, evaluatedSequence: 0, heartbeatMs: 1_000 };
    engine.say({ type: 'welcome', version: 1, nowMs: engine.clock.now() + 5_000, ...welcome });
    engine.plans(1, [queryOf('logs', sourceOf(['at']))]);
    logs.publish({ at: 1_700_000_000 });
    engine.advance(20);
    expect(engine.frames[0]?.times).toStrictEqual([1_700_000_000_000]);
    expect(engine.lastPulse('logs').watermarkMs).toBe(1_000_000 + 5_000 - 250);
  });

  test('a stamped time never lies behind a watermark that was promised', () => {
    const { engine, plays } = live();
    engine.advance(1_000);
    const promisedMs = engine.lastPulse('plays').watermarkMs;
    const sentMs = engine.clock.now();
    engine.say({
      type: 'pulse',
      engineSentMs: sentMs - 9_000,
      heartbeatSentMs: sentMs,
      heartbeatReceivedMs: sentMs - 9_000,
    });
    for (let i = 0; i < 17; i++) {
      const nowMs = engine.clock.now();
      engine.say({
        type: 'pulse',
        engineSentMs: nowMs - 9_000,
        heartbeatSentMs: nowMs,
        heartbeatReceivedMs: nowMs - 9_000,
      });
    }
    expect(engine.session.offsetMs).toBe(-9_000);
    plays.publish({ n: 1 });
    engine.advance(20);
    expect(engine.frames.at(-1)?.times[0]).toBeGreaterThanOrEqual(promisedMs);
  });
});

describe('watermarks', () => {
  test('are the clock less the slack while nothing waits', () => {
    const { engine } = live();
    engine.advance(1_000);
    expect(engine.lastPulse('plays').watermarkMs).toBe(1_001_000 - 50);
  });

  test('stay at the oldest event that was not sent', () => {
    const { engine, plays } = live({ agentResendFrames: 1, agentFlushEvents: 1 });
    plays.publish({ n: 1 });
    engine.advance(20);
    plays.publish({ n: 2 });
    engine.advance(3_000);
    expect(engine.frames).toHaveLength(1);
    expect(engine.lastPulse('plays').watermarkMs).toBe(1_000_020);
    engine.say({ type: 'ack', sequence: 1 });
    expect(engine.frames[1]?.header.watermarkMs).toBe(engine.clock.now() - 50);
  });

  test('after a reconnect stay at the oldest event that is sent again', () => {
    const { engine, plays } = live({ agentResendFrames: 1, agentFlushEvents: 1 });
    plays.publish({ n: 1 });
    engine.advance(100);
    plays.publish({ n: 2 });
    engine.advance(2_000);
    engine.input({ type: 'closed', reason: 'reset' });
    engine.advance(200);
    engine.welcome();
    // Frame 1 is in flight again, event 2 still waits.
    expect(engine.lastPulse('plays').watermarkMs).toBe(1_000_100);
  });

  test('are held by a source that knows of more to come', () => {
    const { engine, plays } = live();
    plays.hold(1_000_100);
    engine.advance(2_000);
    expect(engine.lastPulse('plays').watermarkMs).toBe(1_000_100);
    plays.hold(null);
    engine.advance(1_000);
    expect(engine.lastPulse('plays').watermarkMs).toBe(1_003_000 - 50);
  });

  test('never go back on one connection', () => {
    const { engine, plays } = live();
    engine.advance(1_000);
    plays.hold(5);
    engine.advance(1_000);
    expect(engine.lastPulse('plays').watermarkMs).toBe(1_001_000 - 50);
  });
});

describe('closing', () => {
  test('flushes, waits for the acknowledgement and says bye', () => {
    const { engine, plays } = live();
    plays.publish({ n: 1 });
    engine.input({ type: 'close', reason: 'done' });
    expect(numbers(engine)).toStrictEqual([1]);
    expect(engine.disconnects).toStrictEqual([]);
    engine.say({ type: 'ack', sequence: 1 });
    expect(engine.messages.at(-1)).toStrictEqual({ type: 'bye', reason: 'done' });
    expect(engine.disconnects).toStrictEqual(['closed']);
    expect(engine.session.closed).toBe(true);
    expect(plays.publish({ n: 2 })).toBe('skipped');
  });

  test('waits no longer than agentCloseMs and counts what it could not send', () => {
    const { engine, plays } = live({ agentCloseMs: 500 });
    engine.input({ type: 'closed', reason: 'reset' });
    plays.publish({ n: 1 });
    engine.input({ type: 'close', reason: 'done' });
    engine.advance(500);
    expect(engine.session.closed).toBe(true);
    expect(plays.counts().dropped).toStrictEqual({ closed: 1 });
    expectClosed(plays);
  });

  test('an idle agent closes at once', () => {
    const engine = new FakeEngine();
    engine.input({ type: 'start' });
    engine.input({ type: 'close', reason: 'done' });
    expect(engine.session.closed).toBe(true);
    expect(engine.session.wakeAtMs).toBe(Infinity);
  });
});

function field(name: string): { op: 'field'; path: [{ by: 'name'; name: string }] } {
  return { op: 'field', path: [{ by: 'name', name }] };
}

function throwing(): object {
  throw new Error('the publisher’s own mistake');
}
