/**
 * Queries that need all their events in one place, on the simulated engine: what shards exchange,
 * what happens when the home shard dies, and that nothing is counted twice or lost unsaid.
 */
import { describe, expect, test } from 'vitest';
import type { ValueObject } from '../../src/model/value.ts';
import type { RowsMessage } from '../../src/wire/results.ts';
import { World } from '../support/world.ts';
import type { WorldOptions } from '../support/world-parts.ts';
import type { Received } from '../support/world.ts';

const AGENTS = 4;
const CONFIG = { leaseMs: 700, heartbeatMs: 200, closeWaitMs: 300, publishSlackMs: 50 };

interface Scene {
  readonly world: World;
  readonly received: readonly Received[];
  /** Publishes one event at some agent; its number is its id. */
  readonly publish: (fields?: ValueObject) => void;
  readonly published: () => number;
}

function sceneOf(query: string, options: WorldOptions): Scene {
  const world = new World({ ...options, config: { ...CONFIG, ...options.config } });
  for (let i = 0; i < AGENTS; i++) {
    const agent = world.agent(`agent-${i}`);
    world.stream(agent, 'plays');
    world.start(agent);
  }
  world.run(300);
  const received = world.subscribe('s', query);
  world.run(100);
  let id = 0;
  const publish = (fields: ValueObject = {}): void => {
    const alive = world.agents.filter((agent) => agent.alive);
    world.stream(alive[id % alive.length]!, 'plays').publish({ id: id++, ...fields });
  };
  return { world, received, publish, published: () => id };
}

function rowsOf(received: readonly Received[]): RowsMessage[] {
  return received.map(({ message }) => message).filter((message) => message.type === 'rows');
}

function idsOf(messages: readonly RowsMessage[]): number[] {
  return messages.flatMap(({ rows }) => rows.flatMap((row) => row['ids'] as number[]));
}

describe.each([1, 2, 4])('windows of a number of events over %i shards', (shards) => {
  test('hold every event once, and as many as they say', () => {
    const query = 'select count(*) as n, list(id) as ids from plays window |7|';
    const { world, received, publish, published } = sceneOf(query, { seed: shards, shards });
    world.run(2_000, () => {
      if (world.rng.next() < 0.3) publish();
    });
    world.run(500);
    const told = rowsOf(received);
    expect(told.map(({ rows }) => rows[0]!['n'])).toEqual(told.map(() => 7));
    expect(told.length).toBe(Math.floor(published() / 7));
    expect(new Set(idsOf(told)).size).toBe(told.length * 7);
    expect(told.every(({ append, windowStart }) => append && windowStart === null)).toBe(true);
    expect(told.at(-1)!.completeness).toMatchObject({ status: 'complete', traffic: 'flowing' });
  });

  test('count what did not match as seen', () => {
    const query = 'select count(*) as n from plays where v > 0 window |10|';
    const { world, received, publish } = sceneOf(query, { shards });
    world.run(1_000, () => publish({ v: world.rng.int(2) }));
    world.run(2_000);
    world.run(1_000, () => publish({ v: 1 }));
    const events = rowsOf(received).map(({ completeness }) => completeness.events);
    const [seen, matched] = [
      events.reduce((sum, one) => sum + one.seen, 0),
      events.reduce((sum, one) => sum + one.matched, 0),
    ];
    expect(matched).toBe(events.length * 10);
    expect(seen).toBeGreaterThan(matched + 50);
  });

  test('tell how full one is that does not fill', () => {
    const { world, received, publish } = sceneOf('select count(*) from plays window |100|', {
      shards,
    });
    for (let i = 0; i < 3; i++) publish();
    world.run(3_000);
    expect(rowsOf(received)).toEqual([]);
    const progress = received.filter(({ message }) => message.type === 'progress').at(-1);
    expect(progress?.message).toMatchObject({ window: { filled: 3, of: 100 } });
  });

  test('end unfilled after their timeout', () => {
    const query = 'select count(*) as n from plays window |100| timeout 500ms';
    const { world, received, publish } = sceneOf(query, { shards });
    for (let i = 0; i < 3; i++) publish();
    world.run(450);
    expect(rowsOf(received)).toEqual([]);
    world.run(250);
    expect(rowsOf(received).map(({ rows }) => rows[0]!['n'])).toEqual([3]);
  });
});

test('a lost home shard moves the stage, and the window it broke says so', () => {
  const query = 'select list(id) as ids from plays window |5|';
  const { world, received, publish } = sceneOf(query, { shards: 4 });
  const homeOf = (): number => [...world.engine.pipelines.values()][0]!.home!;
  const first = homeOf();
  world.run(500, () => publish());
  const before = rowsOf(received).length;
  world.crashShard(first);
  expect(homeOf()).not.toBe(first);
  world.run(500, () => publish());
  world.startShard(first);
  expect(homeOf()).not.toBe(first);
  world.run(3_000, () => publish());
  const told = rowsOf(received);
  expect(told.length).toBeGreaterThan(before + 10);
  expect(told[before]!.completeness.status).not.toBe('complete');
  expect(told[before]!.completeness.reasons).toContain('shard-restart');
  expect(told.at(-1)!.completeness.status).toBe('complete');
  const ids = idsOf(told);
  expect(new Set(ids).size).toBe(ids.length);
});

test('with the only shard gone the stage waits for it', () => {
  const { world, received, publish } = sceneOf('select count(*) as n from plays window |5|', {});
  world.crashShard(0);
  expect([...world.engine.pipelines.values()][0]!.home).toBeNull();
  world.run(200);
  world.startShard(0);
  world.run(3_000, () => publish());
  expect(rowsOf(received).length).toBeGreaterThan(50);
});

test('what does not fit between two shards is dropped, counted and said', () => {
  const query = 'select count(*) as n, list(id) as ids from plays window |10|';
  const { world, received, publish, published } = sceneOf(query, {
    shards: 4,
    // Acknowledgements take so long that a second batch finds the way full.
    delayMs: () => 200,
    config: { exchangeBytesMax: 1_024 },
  });
  world.run(2_000, () => {
    for (let i = 0; i < 20; i++) publish({ text: 'x'.repeat(100) });
  });
  world.run(2_000);
  const told = rowsOf(received);
  const dropped = told.reduce(
    (sum, { completeness }) => sum + (completeness.events.dropped['exchange'] ?? 0),
    0,
  );
  expect(dropped).toBeGreaterThan(0);
  expect(told.length * 10 + dropped).toBeLessThanOrEqual(published());
  expect(told.some(({ completeness }) => completeness.status === 'degraded')).toBe(true);
});

test('what an agent sends again after a shard died is not counted again at home', () => {
  const query = 'select count(*) as n, list(id) as ids from plays window |7|';
  let crashes = 0;
  for (let seed = 1; seed <= 30; seed++) {
    const { world, received, publish } = sceneOf(query, {
      seed,
      shards: 3,
      // Time in which a shard has evaluated what it has not reported.
      flushMs: (rng) => rng.int(50),
    });
    const { home } = [...world.engine.pipelines.values()][0]!;
    const others = [0, 1, 2].filter((shard) => shard !== home);
    for (let round = 0; round < 6; round++) {
      world.run(200 + world.rng.int(40), () => publish());
      const shard = others[world.rng.int(others.length)]!;
      world.crashShard(shard);
      crashes++;
      world.run(100, () => publish());
      world.startShard(shard);
      world.run(600);
    }
    world.run(1_000);
    const ids = idsOf(rowsOf(received));
    expect(ids.length - new Set(ids).size, `SEED=${seed}`).toBe(0);
    expect(ids.length).toBeGreaterThan(100);
  }
  expect(crashes).toBe(180);
});

test('a shard that dies before its agents heard of it leaves no event seen twice', () => {
  const query = 'select count(*) as n from plays where ok window |4|';
  const counts = [0, 1].map((shard) => {
    // What a shard has taken is acknowledged late: after it told home what it looked at.
    const { received, world } = sceneOf(query, { shards: 2, flushMs: () => 400 });
    let published = 0;
    const publish = (ok: boolean): void => {
      for (const agent of world.agents)
        world.stream(agent, 'plays').publish({ ok, id: published++ });
    };
    for (let round = 0; round < 3; round++) {
      publish(false);
      publish(true);
      world.run(45);
      world.crashShard(shard);
      world.startShard(shard);
      world.run(3_000);
    }
    const told = rowsOf(received);
    return { published, seen: told.reduce((sum, row) => sum + row.completeness.events.seen, 0) };
  });
  for (const { published, seen } of counts) expect(seen).toBeLessThanOrEqual(published);
  // What was looked at after the last window was full is told with the next.
  expect(Math.max(...counts.map(({ seen }) => seen))).toBeGreaterThan(12);
});
