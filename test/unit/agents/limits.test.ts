/** Limits of an agent: bounded, and changed while it runs. */
import { describe, expect, test } from 'vitest';
import { boundedLimits } from '../../../agents/bounded-limits.ts';
import { configWith, DEFAULTS } from '../../../src/config.ts';
import type { Config } from '../../../src/config.ts';
import { FakeEngine, queryOf, sourceOf } from '../../support/fake-engine.ts';
import { expectClosed, live, numbers, streamOf } from '../../support/live-agent.ts';

describe('limits that a service gives', () => {
  test('are moved within the bounds of their settings, and said', () => {
    const given = { agentQueueEvents: -5, agentFlushMs: Infinity, agentCpuPercent: 3 };
    const { complaints, limits } = boundedLimits(given);
    expect(limits).toMatchObject({
      agentQueueEvents: 1,
      agentFlushMs: 60_000,
      agentCpuPercent: 3,
      agentFlushEvents: DEFAULTS.agentFlushEvents,
    });
    expect(complaints).toStrictEqual([
      'agentQueueEvents goes from 1 to 10000000 events',
      'agentFlushMs goes from 1 to 60000 ms',
    ]);
  });

  test('that are none change nothing, and are said', () => {
    const given = { agentFlushMs: 'soon', nothing: 1, agentQueueEvents: Number.NaN };
    const before = configWith({ agentQueueEvents: 7 });
    const { complaints, limits } = boundedLimits(given as unknown as Partial<Config>, before);
    expect(limits).toStrictEqual(before);
    expect(complaints).toHaveLength(3);
  });
});

describe('limits that change', () => {
  test('hold for what comes then: batches, queue, flush', () => {
    const { engine, plays } = live({ agentFlushEvents: 100, agentFlushMs: 1_000 });
    plays.publish({ n: 1 });
    engine.session.reload(configWith({ agentFlushEvents: 2, agentTailFlushMs: 1_000 }));
    plays.publish({ n: 2 });
    expect(numbers(engine)).toStrictEqual([1, 2]);
    engine.session.reload(configWith({ agentFlushMs: 5, agentTailFlushMs: 5 }));
    plays.publish({ n: 3 });
    engine.advance(5);
    expect(numbers(engine)).toStrictEqual([1, 2, 3]);
    engine.input({ type: 'closed', reason: 'reset' });
    engine.session.reload(configWith({ agentQueueEvents: 3, agentFlushEvents: 1 }));
    for (let n = 4; n <= 9; n++) plays.publish({ n });
    expect(plays.queued()).toBe(3);
    expectClosed(plays);
  });

  test('hold for the share of a core', () => {
    const { engine, plays } = live({ agentCpuPercent: 2 });
    engine.session.reload(configWith({ agentCpuPercent: 0 }));
    for (let n = 0; n < 1_000; n++) {
      plays.publish(() => {
        engine.clock.advance(10);
        return { n };
      });
    }
    expect(plays.counts().dropped).toStrictEqual({});
  });
});

describe('a queue that is full', () => {
  function full(whenFull: 'drop-newest' | 'sample') {
    const engine = new FakeEngine({ agentQueueEvents: 100, agentFlushEvents: 4 }, 1_000_000, {
      whenFull,
    });
    const plays = streamOf(engine, 'plays');
    engine.welcome();
    engine.plans(1, [queryOf('plays', sourceOf(['n']))]);
    engine.input({ type: 'closed', reason: 'reset' });
    return { engine, plays };
  }

  test('keeps what came first, if the newest is to go', () => {
    const { engine, plays } = full('drop-newest');
    const outcomes = Array.from({ length: 150 }, (_none, n) => plays.publish({ n: n + 1 }));
    expect(outcomes.indexOf('dropped:queue')).toBe(100);
    expect(plays.counts().dropped).toStrictEqual({ queue: 50 });
    expectClosed(plays);
    engine.advance(200);
    engine.welcome();
    engine.advance(20);
    expect(numbers(engine)).toStrictEqual(Array.from({ length: 100 }, (_none, n) => n + 1));
    expectClosed(plays);
  });

  test('takes a share that shrinks as it fills, if a sample is to stay', () => {
    const { engine, plays } = full('sample');
    const outcomes = Array.from({ length: 5_000 }, (_none, n) => plays.publish({ n: n + 1 }));
    expect(outcomes.slice(0, 50).every((outcome) => outcome === 'accepted')).toBe(true);
    expect(new Set(outcomes)).toContain('dropped:queue_sample');
    expectClosed(plays);
    engine.advance(200);
    engine.welcome();
    engine.advance(20);
    const last = numbers(engine).at(-1) as number;
    // What stayed reaches far beyond the hundred events that fit.
    expect(last).toBeGreaterThan(150);
    expect(numbers(engine).length).toBeLessThanOrEqual(100);
  });
});

describe('memory', () => {
  test('of many streams with batches half built stays within the bound of all bytes', () => {
    const bytesMax = 64 * 1_024;
    const engine = new FakeEngine({ agentQueueBytes: bytesMax });
    const streams = Array.from({ length: 50 }, (_none, i) => streamOf(engine, `s${i}`));
    engine.welcome();
    engine.plans(
      1,
      streams.map(({ name }) => queryOf(name, sourceOf(['text']))),
    );
    engine.input({ type: 'closed', reason: 'reset' });
    for (let n = 0; n < 2_000; n++) {
      for (const stream of streams) stream.publish({ text: `${n} ${'x'.repeat(100)}` });
    }
    expect(engine.session.fill).toBeLessThanOrEqual(1.05);
    for (const stream of streams) expectClosed(stream);
  });
});

describe('plans', () => {
  test('beyond what an agent runs are refused, and run once others have ended', () => {
    const engine = new FakeEngine({ agentQueriesMax: 2 });
    streamOf(engine, 'plays');
    engine.welcome();
    const plan = (query: string) => queryOf('plays', sourceOf(['n']), { query });
    engine.plans(1, [plan('a'), plan('b'), plan('c')]);
    const refused = [{ query: 'c', code: 'LIMIT_AGENT_PLANS' }];
    expect(engine.messages.at(-1)).toMatchObject({ type: 'plansAck', refused });
    const removed = [{ query: 'a', stream: 'plays' }];
    engine.say({ type: 'planChanges', base: 1, epoch: 2, removed, added: [plan('c')] });
    expect(engine.messages.at(-1)).toMatchObject({ type: 'plansAck', refused: [] });
  });

  test('that are too long together are refused', () => {
    const engine = new FakeEngine({ agentPlanNodes: 100 });
    streamOf(engine, 'plays');
    engine.welcome();
    const long = sourceOf(Array.from({ length: 100 }, (_none, i) => `f${i}`));
    engine.plans(1, [queryOf('plays', long), queryOf('plays', sourceOf(['n']), { query: 'q2' })]);
    expect(engine.messages.at(-1)).toMatchObject({
      active: [{ query: 'q2' }],
      refused: [{ query: 'q1', code: 'LIMIT_AGENT_PLANS' }],
    });
  });
});

describe('an engine that breaks off', () => {
  test('right after its welcome is tried less and less often', () => {
    const engine = new FakeEngine({ reconnectMinMs: 100, reconnectMaxMs: 5_000 });
    engine.input({ type: 'start' });
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      engine.welcome();
      engine.input({ type: 'closed', reason: 'broken off' });
      waits.push(engine.session.wakeAtMs - engine.clock.now());
      engine.advance(5_000);
    }
    expect(waits.at(-1)).toBeGreaterThan(1_500);
    // One that stood for a while is tried again at once.
    engine.welcome();
    engine.advance(6_000);
    engine.input({ type: 'closed', reason: 'restarted' });
    expect(engine.session.wakeAtMs - engine.clock.now()).toBeLessThanOrEqual(100);
  });
});
