/** SAMPLE RPS over a simulated fleet: never more than was asked for, dealt fairly, dealt anew. */
import { describe, expect, test } from 'vitest';
import type { RowsMessage } from '../../src/wire/results.ts';
import { World } from '../support/world.ts';
import type { WorldAgent } from '../support/world-parts.ts';
import type { Received } from '../support/world.ts';

const CONFIG = { leaseMs: 700, heartbeatMs: 200, closeWaitMs: 300 };
const SAMPLE = 'sample {"strategy": "RPS", "threshold": 20}';

interface Fleet {
  readonly world: World;
  readonly agents: readonly WorldAgent[];
  readonly received: readonly Received[];
}

function fleetOf(agents: number, shards: number, query: string, name = 'agent'): Fleet {
  const world = new World({ seed: agents * 10 + shards, shards, config: CONFIG });
  const made = Array.from({ length: agents }, (_none, i) => world.agent(`${name}-${i}`));
  for (const agent of made) {
    world.stream(agent, 'plays');
    world.start(agent);
  }
  world.run(500);
  const received = world.subscribe('s', query);
  // To the start of a second, so that whole seconds are counted.
  world.run(3_000 - (world.nowMs % 1_000));
  return { world, agents: made, received };
}

function publishAll({ world, agents }: Fleet): void {
  for (const agent of agents) {
    if (agent.alive) world.stream(agent, 'plays').publish({ agent: agent.name, v: 1 });
  }
}

function rowsMessages(received: readonly Received[]): RowsMessage[] {
  return received.map(({ message }) => message).filter((message) => message.type === 'rows');
}

/** Counts of the windows that end after `fromMs`. */
function countsOf(received: readonly Received[], fromMs: number): number[] {
  return rowsMessages(received)
    .filter(({ windowStart }) => windowStart !== null && windowStart >= fromMs)
    .map(({ rows }) => Number(rows[0]!['n']));
}

/** Agents of different rates publish; every third event is bad, and now and then there are many. */
function publishUnevenly({ world, agents }: Fleet, ms: number): void {
  const everyMs = agents.map((_, i) => 5 + 5 * ((i * 3) % 5));
  world.run(ms, (nowMs) => {
    const times = nowMs % 4_000 < 700 ? 5 : 1;
    agents.forEach((agent, i) => {
      if (!agent.alive || nowMs % everyMs[i]! !== 0) return;
      const stream = world.stream(agent, 'plays');
      for (let k = 0; k < times; k++) stream.publish({ bad: (nowMs / 5 + k) % 3 === 0, v: 1 });
    });
  });
}

/** The first row of each window, by its start. */
function rowsByWindow(received: readonly Received[]): Map<number, RowsMessage['rows'][number]> {
  return new Map(
    rowsMessages(received).flatMap(({ rows, windowStart }) =>
      windowStart === null || rows[0] === undefined ? [] : [[windowStart, rows[0]]],
    ),
  );
}

test.each([1, 3])('of a join it is over all its streams, with %i shards', (shards) => {
  const query = `select p.id as p, x.id as x, x.agent as agent from plays p join errors x within 10s on p.id = x.id ${SAMPLE}`;
  const world = new World({ seed: shards, shards, config: CONFIG });
  const agents = ['a', 'b', 'c'].map((name) => world.agent(name));
  for (const agent of agents) {
    for (const stream of ['plays', 'errors']) world.stream(agent, stream);
    world.start(agent);
  }
  world.run(500);
  const received = world.subscribe('s', query);
  world.run(3_000 - (world.nowMs % 1_000));
  let id = 0;
  // Every 20 ms each agent publishes a pair, 300 events a second in all.
  world.run(4_000, (nowMs) => {
    if (nowMs % 20 !== 0) return;
    for (const agent of agents) {
      world.stream(agent, 'plays').publish({ id, agent: agent.name });
      world.stream(agent, 'errors').publish({ id, agent: agent.name });
      id++;
    }
  });
  world.run(2_000);
  const rows = rowsMessages(received).flatMap((message) => message.rows);
  // A pair is two of the twenty events of its second.
  expect(rows.length).toBeGreaterThan(8);
  expect(rows.length).toBeLessThanOrEqual(5 * 10);
  expect(rows.every(({ p, x }) => p === x)).toBe(true);
});

describe('extrapolated', () => {
  const rps = (threshold: number): string =>
    `sample {"strategy": "RPS", "threshold": ${threshold}, "extrapolate": true}`;

  test.each([1, 4])('few events are all there, over %i shards', (shards) => {
    const list = 'select count(*) as n, sum(v) as s, rate() as r from plays window 1s';
    const fleet = fleetOf(3, shards, `${list} ${rps(20_000)}`);
    const whole = fleet.world.subscribe('whole', list);
    fleet.world.run(3_000, () => publishAll(fleet));
    fleet.world.run(2_000);
    const truth = rowsByWindow(whole);
    const told = rowsByWindow(fleet.received);
    expect(truth.size).toBeGreaterThan(2);
    for (const [start, row] of [...truth].slice(1)) {
      expect(told.get(start)).toEqual({ ...row, 'n ±': 0, 's ±': 0, 'r ±': 0 });
    }
  });

  test('the truth is within the bounds, as agents of different rates come and go', () => {
    let inside = 0;
    let windows = 0;
    for (let seed = 0; seed < 20; seed++) {
      const query = 'select count(*) as n from plays where bad window 1s';
      const fleet = fleetOf(2 + (seed % 5), 1 + (seed % 3), `${query} ${rps(120)}`, `web${seed}`);
      const whole = fleet.world.subscribe('whole', query);
      publishUnevenly(fleet, 8_000);
      fleet.world.kill(fleet.agents[0]!);
      publishUnevenly(fleet, 8_000);
      fleet.world.revive(fleet.agents[0]!);
      publishUnevenly(fleet, 4_000);
      fleet.world.run(2_000);
      const told = rowsByWindow(fleet.received);
      for (const [start, { n: truth }] of rowsByWindow(whole)) {
        const row = told.get(start);
        if (row === undefined) continue;
        windows++;
        if (Math.abs(Number(row['n']) - Number(truth)) <= Number(row['n ±'])) inside++;
      }
      const pipeline = [...fleet.world.engine.pipelines.values()][0]!;
      expect(pipeline.matched).toBeLessThanOrEqual(120 * 24);
    }
    expect(windows).toBeGreaterThan(350);
    expect(inside / windows).toBeGreaterThanOrEqual(0.95);
  });

  test('more agents than events a second: home draws once more, and the sum is right', () => {
    const query = `select count(*) as n from plays window 1s ${rps(4)}`;
    const fleet = fleetOf(16, 2, query);
    const fromMs = fleet.world.nowMs;
    fleet.world.run(30_000, (nowMs) => {
      if (nowMs % 10 === 0) publishAll(fleet);
    });
    fleet.world.run(2_000);
    const counts = countsOf(fleet.received, fromMs).slice(0, 30);
    const mean = counts.reduce((sum, n) => sum + n, 0) / counts.length;
    // 1,600 a second; one event of four stands for hundreds.
    expect(mean).toBeGreaterThan(800);
    expect(mean).toBeLessThan(2_400);
    const pipeline = [...fleet.world.engine.pipelines.values()][0]!;
    expect(pipeline.matched).toBeLessThanOrEqual(34 * 4);
  });
});

describe.each([1, 4])('over %i shards', (shards) => {
  test.each([1, 3, 7])('%i agents together send what was asked for, and no more', (agents) => {
    const query = `select count(*) as n from plays window 1s ${SAMPLE}`;
    const fleet = fleetOf(agents, shards, query);
    const fromMs = fleet.world.nowMs;
    fleet.world.run(4_000, () => publishAll(fleet));
    fleet.world.run(2_000);
    const counts = countsOf(fleet.received, fromMs).slice(0, 4);
    expect(counts).toEqual([20, 20, 20, 20]);
  });

  test('more agents than events a second: each may send one, home takes what was asked', () => {
    const query =
      'select count(*) as n from plays window 1s sample {"strategy": "RPS", "threshold": 2}';
    const fleet = fleetOf(5, shards, query);
    const fromMs = fleet.world.nowMs;
    fleet.world.run(3_000, () => publishAll(fleet));
    fleet.world.run(2_000);
    expect(countsOf(fleet.received, fromMs).slice(0, 3)).toEqual([2, 2, 2]);
  });

  test('each agent has its share', () => {
    const query = `select agent, count(*) as n from plays window 1s group by agent ${SAMPLE}`;
    const fleet = fleetOf(4, shards, query);
    const fromMs = fleet.world.nowMs;
    fleet.world.run(2_000, () => publishAll(fleet));
    fleet.world.run(2_000);
    const [first] = rowsMessages(fleet.received).filter((m) => m.windowStart === fromMs);
    expect(first!.rows.map((row) => row['n'])).toEqual([5, 5, 5, 5]);
  });

  test('is dealt anew when agents leave and come, and queries stay as they were', () => {
    const query = `select count(*) as n from plays window 1s ${SAMPLE}`;
    const fleet = fleetOf(4, shards, query);
    const { world, agents, received } = fleet;
    for (const agent of agents.slice(1)) world.kill(agent);
    world.run(3_000);
    world.run(1_000 - (world.nowMs % 1_000));
    const aloneMs = world.nowMs;
    world.run(2_000, () => publishAll(fleet));
    world.run(1_000);
    // The one that is left may send all of it.
    expect(countsOf(received, aloneMs).slice(0, 2)).toEqual([20, 20]);
    for (const agent of agents.slice(1)) {
      world.revive(agent);
      world.stream(agent, 'plays');
    }
    world.run(3_000 - (world.nowMs % 1_000));
    const againMs = world.nowMs;
    world.run(2_000, () => publishAll(fleet));
    world.run(2_000);
    expect(countsOf(received, againMs).slice(0, 2)).toEqual([20, 20]);
    const last = rowsMessages(received).findLast((message) => message.windowStart === againMs);
    expect(last!.completeness.reasons).not.toContain('first-window');
  });
});

test('rows as they come are capped too, and the rest is counted as seen', () => {
  const fleet = fleetOf(3, 2, `select agent from plays ${SAMPLE}`);
  // Short of the third second.
  fleet.world.run(1_990, () => publishAll(fleet));
  fleet.world.run(1_000);
  const rows = rowsMessages(fleet.received).flatMap((message) => message.rows);
  expect(rows.length).toBe(40);
  const pipeline = [...fleet.world.engine.pipelines.values()][0]!;
  expect(pipeline.matched).toBe(40);
  expect(pipeline.seen).toBeGreaterThan(40);
});
