import { describe, expect, test } from 'vitest';
import type { TimePolicy } from '../../../src/wire/agent-messages.ts';
import { FakeEngine, queryOf, sourceOf } from '../../support/fake-engine.ts';
import { expectClosed, live, numbers, PUBLISH, streamOf } from '../../support/live-agent.ts';

describe('greeting', () => {
  test('the first message is a hello with the streams and their time policies', () => {
    const engine = new FakeEngine();
    streamOf(engine, 'plays');
    engine.input({ type: 'start' });
    expect(engine.connects).toStrictEqual(['ws://engine']);
    engine.input({ type: 'opened' });
    expect(engine.messages[0]).toMatchObject({
      type: 'hello',
      version: 2,
      resendFrom: null,
      framesSent: 0,
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
    engine.say({ type: 'welcome', version: 3, ...welcome });
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
    expect(engine.messages.slice(-2)).toMatchObject([
      { type: 'offer', streams: [{ name: 'errors' }] },
      { type: 'heartbeat', streams: [{ stream: 'plays' }, { stream: 'errors' }] },
    ]);
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

  test('change by what is added and removed, and only that is acknowledged', () => {
    const { engine, plays } = live();
    engine.advance(500);
    const added = [queryOf('plays', sourceOf(['m']), { query: 'q2' })];
    engine.say({ type: 'planChanges', epoch: 4, base: 1, added, removed: [] });
    const acks = engine.messages.filter((message) => message.type === 'plansAck');
    expect(acks.at(-1)).toStrictEqual({
      type: 'plansAck',
      epoch: 4,
      active: [{ query: 'q2', stream: 'plays', sinceMs: 1_000_500 }],
      refused: [],
    });
    const removed = ['q1', 'q2'].map((query) => ({ query, stream: 'plays' }));
    engine.say({ type: 'planChanges', epoch: 5, base: 4, added: [], removed });
    expect(plays.active).toBe(false);
    expect(engine.statuses.at(-1)).toStrictEqual({
      ...{ kind: 'plans', active: 0, refused: 0, evaluation: 'generated' },
    });
  });

  test.each([
    ['were lost', { epoch: 6, base: 5 }],
    ['come out of order', { epoch: 1, base: 0 }],
  ])('are fetched anew when changes %s', (_what, epochs) => {
    const { engine, plays } = live();
    engine.say({ type: 'planChanges', ...epochs, added: [], removed: [] });
    expect(engine.disconnects).toStrictEqual(['WIRE_BAD_MESSAGE: planChanges for another epoch']);
    engine.input({ type: 'closed', reason: 'left' });
    engine.advance(1_000);
    engine.welcome();
    engine.plans(7, [queryOf('plays', sourceOf(['n']))]);
    expect(plays.active).toBe(true);
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
    const all = { sample: null, where: null, fields: [], allFields: true };
    engine.plans(2, [queryOf('plays', all, { query: 'q2' })]);
    expect(plays.publish({ cycle })).toBe('dropped:malformed');
    expect(plays.publish({ text: 'x'.repeat(2_000) })).toBe('dropped:oversize');
    expect(plays.publish(() => throwing())).toBe('dropped:malformed');
    expect(plays.publish(() => null as never)).toBe('dropped:malformed');
    expectClosed(plays);
    engine.advance(100);
    expectClosed(plays);
    expect(plays.counts()).toStrictEqual({
      offered: 8,
      filtered: 2,
      sampledOut: 0,
      aggregated: 0,
      sent: 2,
      dropped: { malformed: 3, oversize: 1 },
    });
  });

  test('sends rows of a query without a window almost at once', () => {
    const { engine, plays } = live({ agentFlushMs: 20, agentTailFlushMs: 2 });
    plays.publish({ n: 1 });
    engine.advance(1);
    expect(engine.frames).toHaveLength(0);
    engine.advance(1);
    expect(numbers(engine)).toStrictEqual([1]);
  });

  test('flushes by age', () => {
    const { engine, plays } = live({ agentFlushMs: 20, agentTailFlushMs: 20 });
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

function field(name: string): { op: 'field'; path: [{ by: 'name'; name: string }] } {
  return { op: 'field', path: [{ by: 'name', name }] };
}

function throwing(): object {
  throw new Error('the publisher’s own mistake');
}
