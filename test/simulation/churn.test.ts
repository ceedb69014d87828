/**
 * Queries that come and go while agents and shards do: everybody ends up with the same set, however
 * the changes met the faults. `SEED=` replays one schedule, `RUNS=` widens.
 */
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';

const RUNS = Number(process.env['RUNS'] ?? 40);
const SEED = process.env['SEED'];
const SEEDS = SEED === undefined ? Array.from({ length: RUNS }, (_, i) => i + 1) : [Number(SEED)];

const STREAMS = ['plays', 'logs', 'logs.web'];

function queryText(n: number): string {
  const from = ['plays', 'logs', '`logs*`', 'plays, logs'][n % 4]!;
  return `select count(*) as n from ${from} where v > ${n} window ${1 + (n % 3)}s`;
}

function churn(seed: number): World {
  const rng = createRng(seed);
  const world = new World({
    seed,
    shards: 2,
    config: { leaseMs: 700, heartbeatMs: 200, closeWaitMs: 300, lingerMs: 150 },
    delayMs: (delays) => 1 + delays.int(10),
  });
  for (let i = 0; i < 3; i++) {
    const agent = world.agent(`agent-${i}`);
    for (const name of STREAMS.slice(0, 1 + rng.int(3))) world.stream(agent, name);
    world.start(agent);
  }
  const open: string[] = [];
  let asked = 0;
  world.run(3_000, () => {
    const agent = world.agents[rng.int(3)]!;
    if (rng.next() < 0.06) {
      const subscription = `s${asked++}`;
      world.subscribe(subscription, queryText(rng.int(12)));
      open.push(subscription);
    }
    if (open.length > 0 && rng.next() < 0.05) {
      const [subscription = ''] = open.splice(rng.int(open.length), 1);
      world.input({ type: 'unsubscribe', subscription });
    }
    const stopped = [...world.engine.pipelines.keys()][rng.int(20)];
    if (stopped !== undefined && rng.next() < 0.02) {
      world.input({ type: 'stop-query', query: stopped, reason: 'test' });
    }
    if (rng.next() < 0.01) world.breakConnection(agent);
    if (rng.next() < 0.01) world.stream(agent, STREAMS[rng.int(3)]!);
    if (rng.next() < 0.005) {
      const shard = rng.int(2);
      world.crashShard(shard);
      world.after(20, () => world.startShard(shard));
    }
  });
  // Whoever lost its connection over and over takes a second or two to come back.
  world.run(9_000);
  return world;
}

describe('queries that come and go', () => {
  test.each(SEEDS)('are known to everybody alike in the end: seed %i', (seed) => {
    const world = churn(seed);
    for (const agent of world.engine.roster.agents()) {
      const expected = [...world.engine.pipelines.values()]
        .filter(({ group }) => group.streams.some((name) => agent.streams.has(name)))
        .map(({ stage }) => stage);
      expect([...agent.activeSinceMs.keys()].sort()).toStrictEqual(expected.sort());
    }
    for (const { audience, isWindowed } of world.engine.pipelines.values()) {
      expect(isWindowed).toBe(true);
      for (const id of audience.ids()) {
        const last = windowsOf(world.received.get(id)!).at(-1);
        expect(last?.completeness.status).toBe('complete');
        expect(last?.windowEnd).toBeGreaterThan(world.nowMs - 4_500);
      }
    }
  });
});
