import { describe, expect, test } from 'vitest';
import { FakeEngine, queryOf, sourceOf } from '../../support/fake-engine.ts';
import { expectClosed, live, numbers, streamOf } from '../../support/live-agent.ts';

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
    expect(engine.messages.at(-1)).toMatchObject({ type: 'hello', resendFrom: 2, framesSent: 3 });
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

  test('a frame that is refused twice is given up and counted, and the rest goes on', () => {
    const { engine, plays } = live({ agentFlushEvents: 1 });
    for (let n = 1; n <= 3; n++) plays.publish({ n });
    const refuse = (): void => {
      const code = 'WIRE_BAD_FRAME';
      engine.say({ type: 'refuse', code, detail: 'nested too deeply', retryAfterMs: null });
      engine.input({ type: 'closed', reason: 'refused' });
      engine.advance(6_000);
      engine.frames.length = 0;
    };
    refuse();
    engine.welcome(0);
    engine.advance(20);
    expect(numbers(engine)).toStrictEqual([1, 2, 3]);
    refuse();
    engine.welcome(0);
    engine.advance(20);
    expect(numbers(engine)).toStrictEqual([2, 3]);
    expect(plays.counts()).toMatchObject({ sent: 2, dropped: { malformed: 1 } });
    expectClosed(plays);
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

  test('on a connection sequences have no holes, however full the queue', () => {
    const limits = { agentQueueEvents: 4, agentFlushEvents: 1, agentResendFrames: 2 };
    const { engine, plays } = live(limits);
    for (let n = 1; n <= 6; n++) plays.publish({ n });
    engine.input({ type: 'closed', reason: 'reset' });
    engine.advance(200);
    engine.frames.length = 0;
    engine.welcome();
    for (let n = 7; n <= 20; n++) plays.publish({ n });
    for (let sequence = 3; sequence < 20; sequence++) engine.say({ type: 'ack', sequence });
    const sequences = engine.frames.map(({ header }) => header.frameSequence);
    const [first = 0] = sequences;
    expect(sequences).toStrictEqual(sequences.map((_sequence, i) => first + i));
    expect(numbers(engine).slice(-4)).toStrictEqual([17, 18, 19, 20]);
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

describe('a moveTo without an address', () => {
  test('leads to the same one at once, with all that was published before', () => {
    const { engine, plays } = live();
    plays.publish({ n: 1 });
    engine.say({ type: 'moveTo', url: null });
    expect(numbers(engine)).toStrictEqual([1]);
    expect(engine.disconnects).toStrictEqual(['moved']);
    plays.publish({ n: 2 });
    engine.advance(0);
    expect(engine.connects).toStrictEqual(['ws://engine', 'ws://engine']);
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
