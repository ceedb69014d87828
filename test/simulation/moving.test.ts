/**
 * Shards that are unevenly busy ask agents to connect to another. Nothing is lost, counted twice or
 * late for it, also while connections break, processes die and shards fail at the same time.
 */
import { describe, expect, test } from 'vitest';
import { agentViews, ledgerView, shardViews } from '../../src/coordinator/read-views.ts';
import { expectHeld, QUERIES } from '../support/fault-invariants.ts';
import { play, SEEDS as ALL_SEEDS, SEEDS_TIMEOUT_MS } from '../support/fault-schedule.ts';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';

/** More agents, and more to do, than in schedules without moves. */
const SEEDS = ALL_SEEDS.slice(0, Math.ceil(ALL_SEEDS.length / 10));
const QUERY = 'select count(*) as n from plays window 1s';

function sentAway(world: World): number {
  return [...world.engine.roster.sentAway.values()].reduce((sum, count) => sum + count, 0);
}

describe.each([
  { name: 'without faults', withFaults: false },
  { name: 'with faults', withFaults: true },
])('agents that are asked to move, $name', ({ withFaults }) => {
  test(
    `keep every promise (${SEEDS.length} seeds)`,
    () => {
      let checked = 0;
      let moved = 0;
      for (const seed of SEEDS) {
        const query = QUERIES[seed % QUERIES.length]!;
        const shards = 2 + (seed % 2);
        const run = play(seed, query, shards, { withFaults, isRough: true, isUneven: true });
        try {
          checked += expectHeld(query, run);
        } catch (error) {
          throw new Error(`SEED=${seed} (${shards} shards, ${query}): ${String(error)}`, {
            cause: error,
          });
        }
        moved += sentAway(run.world);
      }
      // With so many agents some window or other is always broken by a fault.
      expect(checked).toBeGreaterThan(SEEDS.length / 4);
      expect(moved).toBeGreaterThan(SEEDS.length / 4);
    },
    SEEDS_TIMEOUT_MS,
  );
});

describe('the busiest of two shards', () => {
  const CONFIG = { moveAfterMs: 2_000, heartbeatMs: 200, edgeQueriesMax: 0 };

  /** A shard is as busy as the agents it has; each publishes every 10 ms. */
  function crowded(agents: number, delayMs = 1): World {
    const world = new World({
      ...{ shards: 2, config: CONFIG, delayMs: () => delayMs },
      busy: (shard) => world.agents.filter((agent) => agent.shard === shard).length / agents,
    });
    for (let i = 0; i < agents; i++) {
      const agent = world.agent(`web-${i}`, { shard: 0 });
      world.stream(agent, 'plays');
      world.start(agent);
    }
    return world;
  }

  function publish(world: World): (nowMs: number) => void {
    return (nowMs) => {
      if (nowMs % 10 !== 0) return;
      for (const agent of world.agents) world.stream(agent, 'plays').publish({ v: 1 });
    };
  }

  test('sends agents to the other until both have as much to do, and leaves it at that', () => {
    // Slow enough that many a window ends while an agent is on its way.
    const world = crowded(6, 30);
    world.run(500);
    const received = world.subscribe('s', 'select count(*) as n from plays window 100ms');
    world.run(20_000, publish(world));
    const views = shardViews(world.engine, 2);
    expect(views.map(({ agents }) => agents)).toStrictEqual([3, 3]);
    expect(views.map(({ sentAway: count }) => count)).toStrictEqual([3, 0]);
    world.run(2_000);
    const whole = windowsOf(received).slice(2, 198);
    expect(whole.map(({ rows }) => rows[0]?.['n'])).toStrictEqual(whole.map(() => 60));
    expect(new Set(whole.map(({ completeness }) => completeness.status))).toStrictEqual(
      new Set(['complete']),
    );
    expect(ledgerView(world.engine).closes).toBe(true);
  });

  test('keeps an agent that is most of its work: it would only be the other then', () => {
    const world = crowded(1);
    world.run(500);
    world.subscribe('s', QUERY);
    world.run(10_000, publish(world));
    expect(shardViews(world.engine, 2).map(({ agents }) => agents)).toStrictEqual([1, 0]);
    expect(sentAway(world)).toBe(0);
  });

  test('asks again whom the kernel gave back to it, and rests whoever has moved', () => {
    const world = new World({
      ...{ shards: 2, config: CONFIG, movesAstray: 0.7, seed: 3 },
      busy: (shard) => (shard === 0 ? 0.9 : 0.1),
    });
    for (let i = 0; i < 4; i++) {
      const agent = world.agent(`web-${i}`, { shard: 0 });
      world.stream(agent, 'plays');
      world.start(agent);
    }
    world.run(500);
    world.subscribe('s', QUERY);
    world.run(60_000, publish(world));
    const onTheOther = world.agents.filter((agent) => agent.shard === 1).length;
    expect(onTheOther).toBeGreaterThan(0);
    expect(sentAway(world)).toBeGreaterThan(onTheOther);
    const before = sentAway(world);
    world.run(30_000, publish(world));
    expect(sentAway(world) - before, 'all rest, or are too much to move').toBe(0);
  });

  test('an agent on its way is live, and windows wait for it; one that never arrives is missed', () => {
    const world = crowded(4);
    world.run(500);
    const received = world.subscribe('s', QUERY);
    world.run(1_000, publish(world));
    // What is sent on its way from now on comes to nothing.
    world.run(10_000, (nowMs) => {
      publish(world)(nowMs);
      if (sentAway(world) > 0) for (const agent of world.agents) world.cut(agent);
    });
    const states = agentViews(world.engine, world.nowMs).map(({ state }) => state);
    expect(states).toContain('silent');
    const last = windowsOf(received).at(-1)!;
    expect(last.completeness.reasons).toContain('agents-missing');
    for (const agent of world.agents) world.heal(agent);
    world.run(10_000, publish(world));
    expect(new Set(agentViews(world.engine, world.nowMs).map(({ state }) => state))).toStrictEqual(
      new Set(['live']),
    );
    expect(windowsOf(received).at(-1)!.completeness.status).toBe('complete');
  });
});
