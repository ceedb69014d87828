/**
 * Rare moments that random schedules seldom meet: clocks that are off, processes that are replaced.
 */
import { describe, expect, test } from 'vitest';
import { LossTotals } from '../../src/coordinator/loss-totals.ts';
import { windowsOf } from '../support/told-windows.ts';
import { START_MS, World } from '../support/world.ts';

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
    const world = new World({ config: { edgeQueriesMax: 0 } });
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

describe('windows that are told together, after a wait', () => {
  test('all say what was lost meanwhile, for nobody knows of which it was', () => {
    const config = {
      agentQueueEvents: 50,
      closeWaitMs: 20_000,
      leaseMs: 20_000,
      edgeQueriesMax: 0,
    };
    const world = new World({ config });
    const agent = world.agent('a');
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    world.run(300);
    const received = world.subscribe('s', COUNT);
    const publish = (nowMs: number): void => void (nowMs % 10 === 0 && plays.publish({ v: 1 }));
    world.run(3_000, publish);
    // Its queue holds half a second of what it publishes.
    world.cut(agent);
    world.breakConnection(agent);
    world.run(4_000, publish);
    const told = windowsOf(received).length;
    world.heal(agent);
    world.run(6_000, publish);
    const after = windowsOf(received).slice(told);
    const [first] = after;
    const together = after.filter(
      ({ completeness }) => completeness.emittedAt === first?.completeness.emittedAt,
    );
    const short = together.filter(({ rows }) => rows[0]?.['n'] !== 100);
    expect(short.length).toBeGreaterThan(2);
    for (const { completeness } of short) {
      expect(completeness.status).toBe('degraded');
      expect(completeness.reasons).toContain('dropped');
    }
    expect(windowsOf(received).at(-1)?.completeness.status).toBe('complete');
  });

  test('all say that the query was shed', () => {
    let isBusy = false;
    let delayMs = 5;
    const world = new World({
      config: {
        ...{ closeWaitMs: 30_000, leaseMs: 30_000, heartbeatMs: 200, edgeQueriesMax: 0 },
        ...{ shedAfterMs: 1_000, shedCalmMs: 60_000, shedLagMs: 100 },
      },
      busy: () => (isBusy ? 1 : 0.1),
      delayMs: () => delayMs,
    });
    const agent = world.agent('a');
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    world.run(300);
    const received = world.subscribe('s', COUNT);
    const publish = (nowMs: number): void => void (nowMs % 10 === 0 && plays.publish({ v: 1 }));
    world.run(3_000, publish);
    isBusy = true;
    delayMs = 250;
    world.run(5_000, publish);
    expect(world.engine.shed).toHaveLength(1);
    world.cut(agent);
    world.run(4_000, publish);
    world.heal(agent);
    world.run(4_000, publish);
    const short = windowsOf(received).filter(
      ({ completeness: { events } }) => events.matched < events.seen,
    );
    expect(short.length).toBeGreaterThan(4);
    for (const { completeness } of short) {
      expect(completeness.status).toBe('degraded');
      expect(completeness.reasons).toContain('shed');
    }
  });
});

describe('an agent that comes back with a backlog', () => {
  const query = 'select count(*) as n from plays window 200ms';
  /** Small frames, one a step: a backlog takes a while to be sent. */
  const config = { agentFlushEvents: 4, sendQueueBytesMax: 1_024, closeWaitMs: 100, leaseMs: 500 };

  function countedAndSaid(world: World, away: (world: World) => void): void {
    const agent = world.agent('web-1');
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    // Windows wait for another agent, so that this one is back before they close.
    const patient = world.agent('web-2');
    world.stream(patient, 'plays', { slackMs: 200 });
    world.start(patient);
    world.run(300);
    world.subscribe('before', query);
    const published = new Map<number, number>();
    const publish = (nowMs: number): void => {
      const note = 'x'.repeat(200);
      for (let i = 0; i < 3; i++) {
        if (plays.publish({ note: `${note}${nowMs}${i}` }) !== 'accepted') continue;
        const endMs = (Math.floor((nowMs + agent.session.offsetMs) / 200) + 1) * 200;
        published.set(endMs, (published.get(endMs) ?? 0) + 1);
      }
    };
    world.run(1_000, publish);
    away(world);
    const received = world.subscribe('after', query);
    world.run(3_000, publish);
    world.run(6_000);
    const complete = windowsOf(received).filter(
      // Nobody can miss who is lost for longer than `rosterMs`, or was never met.
      ({ completeness: { status, agents } }) => status === 'complete' && agents.expected === 2,
    );
    expect(complete.length).toBeGreaterThan(0);
    for (const { rows, windowEnd } of complete) {
      expect(rows, `${windowEnd! - START_MS}`).toMatchObject([
        { n: published.get(windowEnd!) ?? 0 },
      ]);
    }
  }

  test('to an engine that was restarted makes no window complete that misses some of it', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = new World({
        seed,
        config: { ...config, startupMs: 2_000 },
        delayMs: (rng) => 1 + rng.int(20),
      });
      countedAndSaid(world, () => {
        const [agent] = world.agents;
        world.cut(agent!);
        world.restartEngine();
        world.after(1_000, () => world.heal(agent!));
      });
    }
  });

  test('to an engine that has forgotten it does not, either', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const forgetful = { ...config, rosterMs: 1_000 };
      const world = new World({ seed, config: forgetful, delayMs: (rng) => 1 + rng.int(20) });
      countedAndSaid(world, () => {
        const [agent] = world.agents;
        world.cut(agent!);
        world.breakConnection(agent!);
        world.run(50);
        world.after(2_950, () => world.heal(agent!));
      });
    }
  });
});

describe('a query that is stopped and asked again', () => {
  test('at once begins anew in the shards, too', () => {
    const world = new World();
    const agent = world.agent('a');
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    world.run(300);
    const [query] = [world.subscribe('first', COUNT)].map(([first]) => {
      if (first?.message.type !== 'schema') throw new Error('no schema');
      return first.message.query;
    });
    world.run(1_300, () => plays.publish({ v: 1 }));
    world.input({ type: 'stop-query', query: query!, reason: 'stopped' });
    const received = world.subscribe('second', COUNT);
    world.run(2_000, () => plays.publish({ v: 1 }));
    const [first, second] = windowsOf(received);
    // Of the first window what came after the question, 600 ms on, or waited in the agent then.
    expect(first?.completeness).toMatchObject({ status: 'partial', reasons: ['first-window'] });
    expect(Number(first?.rows[0]?.['n'])).toBeLessThan(100);
    expect(second?.completeness.status).toBe('complete');
    expect(second?.rows).toMatchObject([{ n: 200 }]);
  });
});

describe('a window that is still open', () => {
  test('is never complete, whatever is known of it', () => {
    const world = new World();
    const agent = world.agent('a');
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    world.run(300);
    const received = world.subscribe(
      's',
      'select count(*) as n from plays window 1s emit every 200ms',
    );
    world.run(4_000, () => plays.publish({ v: 1 }));
    const provisional = received.flatMap(({ message }) =>
      message.type === 'rows' && message.provisional ? [message.completeness] : [],
    );
    expect(provisional.length).toBeGreaterThan(10);
    for (const { status, reasons } of provisional) {
      expect(status).not.toBe('complete');
      expect(reasons).toContain('open-window');
    }
    expect(windowsOf(received).at(-1)?.completeness.status).toBe('complete');
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
    // Beyond `streamsMax` streams share what they lost; nothing is lost without a trace.
    expect([...totals.of('b')]).toStrictEqual([['queue', 3]]);
  });
});
