/**
 * Rare moments that random schedules seldom meet: clocks that are off, processes that are replaced.
 */
import { describe, expect, test } from 'vitest';
import { LossTotals } from '../../src/coordinator/loss-totals.ts';
import { START_MS, windowsOf, World } from '../support/world.ts';

const COUNT = 'select count(*) as n from plays window 1s';

describe('a window', () => {
  test.each([0, 60_000, -60_000])(
    'is partial if an agent was asked after it began, whatever its clock says (%i ms ahead)',
    (offsetMs) => {
      const world = new World({ delayMs: () => 60 });
      const agent = world.agent('a', { offsetMs });
      const plays = world.stream(agent, 'plays');
      world.start(agent);
      world.run(3_945);
      const received = world.subscribe('s', COUNT);
      let skipped = 0;
      world.run(3_000, (nowMs) => {
        if (nowMs < START_MS + 4_000) return;
        if (plays.publish({ v: 1 }) === 'skipped') skipped++;
      });
      expect(skipped).toBeGreaterThan(0);
      const statusOf = (endMs: number): string | undefined =>
        windowsOf(received).find(({ windowEnd }) => windowEnd === endMs)?.completeness.status;
      expect(statusOf(START_MS + 5_000)).toBe('partial');
      expect(statusOf(START_MS + 6_000)).toBe('complete');
    },
  );
});

describe('a shard that dies', () => {
  test('may have held events whose own time lies ahead, so that windows to come say so', () => {
    const world = new World();
    const agent = world.agent('a');
    const plays = world.stream(agent, 'plays', { kind: 'field', field: 'ts' });
    world.start(agent);
    world.run(300);
    const received = world.subscribe('s', COUNT);
    world.run(700);
    for (let i = 0; i < 10; i++) plays.publish({ ts: world.nowMs + 5_500 });
    world.run(700);
    world.crashShard(0);
    world.run(100);
    world.startShard(0);
    world.run(7_000);
    const window = windowsOf(received).find(({ windowEnd }) => windowEnd === START_MS + 7_000);
    expect(window?.rows).toMatchObject([{ n: 0 }]);
    expect(window?.completeness).toMatchObject({ status: 'partial', reasons: ['shard-restart'] });
  });
});

describe('a running value', () => {
  test('is a rate over what it counted, also for who joins late in a pane', () => {
    const world = new World();
    const agent = world.agent('a');
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    world.run(300);
    const query = 'select rate() as r from plays';
    world.subscribe('first', query);
    world.run(1_680, () => plays.publish({ v: 1 }));
    const received = world.subscribe('second', query);
    world.run(1_000, () => plays.publish({ v: 1 }));
    const rates = received.flatMap(({ message }) =>
      message.type === 'rows' ? message.rows.map((row) => Number(row['r'])) : [],
    );
    // One event each 5 ms.
    expect(rates[0]).toBeGreaterThan(150);
    expect(rates[0]).toBeLessThanOrEqual(200);
  });
});

describe('losses', () => {
  test('of one agent do not hide behind another that starts anew', () => {
    const world = new World();
    const agents = ['a', 'b'].map((name) => world.agent(name));
    const streams = agents.map((agent) => world.stream(agent, 'plays'));
    for (const agent of agents) world.start(agent);
    world.run(300);
    const received = world.subscribe('s', COUNT);
    world.run(1_000);
    const lose = (stream: number, events: number): void => {
      for (let i = 0; i < events; i++) {
        streams[stream]?.publish(() => {
          throw new Error('of the publisher');
        });
      }
    };
    lose(0, 50);
    world.run(2_500);
    // The successor of the first process counts from zero while the second loses some more.
    lose(1, 7);
    world.kill(agents[0]!);
    world.revive(agents[0]!);
    world.stream(agents[0]!, 'plays');
    world.run(2_500);
    const told = windowsOf(received).map(({ completeness }) => completeness.events.dropped);
    const total = told.reduce((sum, dropped) => sum + (dropped['malformed'] ?? 0), 0);
    expect(total).toBe(57);
  });

  test('are counted once each, over new sessions and new processes', () => {
    const totals = new LossTotals(1);
    totals.add('a', {}, { queue: 5 });
    totals.add('a', { queue: 5 }, { queue: 5, constructor: 2 });
    totals.add('a', { queue: 5 }, { queue: 1 });
    totals.add('a', {}, { queue: 3 });
    totals.add('b', {}, { queue: 3 });
    expect([...totals.of('a')]).toStrictEqual([
      ['queue', 8],
      ['constructor', 2],
    ]);
    expect([...totals.of('b')]).toStrictEqual([]);
  });
});
