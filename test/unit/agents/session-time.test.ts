import { describe, expect, test } from 'vitest';
import { FakeEngine, queryOf, sourceOf } from '../../support/fake-engine.ts';
import { expectClosed, live, streamOf } from '../../support/live-agent.ts';

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
    trip(200, 0, 50);
    // The welcome came back in no time and said 0.
    expect(engine.session.offsetMs).toBe(0);
    for (let i = 0; i < 15; i++) trip(200, 0, 50);
    expect(engine.session.offsetMs).toBe(150);
    trip(1, 1, 50);
    expect(engine.session.offsetMs).toBe(50);
    plays.publish({ n: 1 });
    engine.advance(20);
    const publishedMs = engine.clock.now() - 20;
    expect(engine.frames.at(-1)?.times).toStrictEqual([publishedMs + 50]);
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

  /** The engine's clock, as a pulse without delay shows it. */
  function pulse(engine: FakeEngine, aheadMs: number): void {
    const sentMs = engine.clock.now();
    const engineMs = sentMs + aheadMs;
    const times = { engineSentMs: engineMs, heartbeatReceivedMs: engineMs };
    engine.say({ type: 'pulse', heartbeatSentMs: sentMs, ...times });
  }

  test('a stamped time never lies behind a watermark that was promised', () => {
    const { engine, plays } = live();
    engine.advance(1_000);
    const promisedMs = engine.lastPulse('plays').watermarkMs;
    pulse(engine, -900);
    expect(engine.session.offsetMs).toBe(-900);
    plays.publish({ n: 1 });
    engine.advance(20);
    expect(engine.frames.at(-1)?.times[0]).toBeGreaterThanOrEqual(promisedMs);
    expect(engine.disconnects).toStrictEqual([]);
  });

  test('a clock that was set is believed at once, ahead and back', () => {
    const { engine, plays } = live();
    for (let i = 0; i < 20; i++) pulse(engine, 0);
    pulse(engine, 3_600_000);
    expect(engine.session.offsetMs).toBe(3_600_000);
    engine.advance(1_000);
    plays.publish({ n: 1 });
    engine.advance(20);
    expect(engine.frames.at(-1)?.times[0]).toBeGreaterThan(engine.clock.now() + 3_500_000);
    // What was promised an hour ahead binds until the next connection, which is made at once.
    pulse(engine, 0);
    expect(engine.session.offsetMs).toBe(0);
    engine.advance(1_000);
    expect(engine.disconnects).toStrictEqual(['a clock was set back']);
    engine.advance(5_000);
    engine.welcome(1);
    engine.plans(1, [queryOf('plays', sourceOf(['n']))]);
    const publishedMs = engine.clock.now();
    plays.publish({ n: 2 });
    engine.advance(20);
    expect(engine.frames.at(-1)?.times).toStrictEqual([publishedMs]);
    expectClosed(plays);
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
