/** Session windows on the simulated engine: equal to the oracle, whatever the shards and delays. */
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { runReference } from '../../src/reference/run.ts';
import type { ReferenceEvent } from '../../src/reference/run.ts';
import type { RowsMessage } from '../../src/wire/results.ts';
import { World } from '../support/world.ts';

const CONFIG = { leaseMs: 700, heartbeatMs: 200, closeWaitMs: 300 };
const TIME = { kind: 'field', field: 'ts', slackMs: 50 } as const;

interface Run {
  readonly told: readonly RowsMessage[];
  readonly accepted: readonly ReferenceEvent[];
  readonly world: World;
}

function play(query: string, how: { seed: number; shards: number; lateMs: number }): Run {
  const { seed, shards, lateMs } = how;
  const world = new World({ seed, shards, config: CONFIG, delayMs: (rng) => 1 + rng.int(10) });
  const rng = createRng(seed);
  const agents = Array.from({ length: 4 }, (_none, i) => world.agent(`agent-${i}`));
  for (const agent of agents) {
    world.stream(agent, 'plays', TIME);
    world.start(agent);
  }
  world.run(300);
  const received = world.subscribe('s', query);
  world.run(1_000);
  const accepted: ReferenceEvent[] = [];
  let sequence = 0;
  world.run(4_000, (nowMs) => {
    if (rng.next() > 0.1) return;
    const agent = agents[rng.int(agents.length)]!;
    const timeMs = nowMs - rng.int(1 + lateMs);
    const event = { ts: timeMs, user: `u${rng.int(5)}`, v: rng.int(10) };
    world.stream(agent, 'plays', TIME).publish(event);
    accepted.push({ event, timeMs, stream: 'plays', agentId: agent.name, sequence: ++sequence });
  });
  world.run(4_000);
  const told = received.map(({ message }) => message).filter((message) => message.type === 'rows');
  return { told, accepted, world };
}

function oracleRows(query: string, accepted: readonly ReferenceEvent[]): string[] {
  const { plan } = planQuery(query, { mode: 'live' });
  const { windows } = runReference(plan!, [...accepted], { nowMs: 0 });
  return windows.flatMap(({ rows, windowStart, windowEnd }) =>
    rows.map((row) => JSON.stringify({ window_start: windowStart, window_end: windowEnd, ...row })),
  );
}

function rowsOf(told: readonly RowsMessage[]): string[] {
  return told.flatMap(({ rows }) => rows.map((row) => JSON.stringify(row)));
}

describe.each([1, 2, 4])('over %i shards', (shards) => {
  test.each([
    'select user, count(*) as n, sum(v) as s from plays window session 200ms group by user',
    'select count(*) as n, first(v) as f, last(v) as l from plays window session 60ms',
    'select user, v from plays where v > 2 window session 150ms group by user',
  ])('%s', (query) => {
    for (const seed of [1, 2, 3, 4]) {
      const { told, accepted } = play(query, { seed, shards, lateMs: 40 });
      expect(rowsOf(told), `seed ${seed}`).toEqual(oracleRows(query, accepted));
      expect(told.every(({ append }) => append)).toBe(true);
      const { status } = told.at(-1)!.completeness;
      expect(status).toBe('complete');
    }
  });

  test('LATENESS waits for events that join sessions late', () => {
    const query =
      'select user, count(*) as n from plays window session 200ms group by user lateness 500ms';
    for (const seed of [1, 2, 3]) {
      const { told, accepted, world } = play(query, { seed, shards, lateMs: 400 });
      expect(rowsOf(told), `seed ${seed}`).toEqual(oracleRows(query, accepted));
      expect(world.engine.lateTotal).toBe(0);
    }
  });

  test('events behind the watermark are late, counted, and said', () => {
    const query = 'select user, count(*) as n from plays window session 200ms group by user';
    const { told, accepted, world } = play(query, { seed: 5, shards, lateMs: 400 });
    const counted = told.flatMap(({ rows }) => rows.map((row) => Number(row['n'])));
    const total = counted.reduce((sum, n) => sum + n, 0);
    expect(world.engine.lateTotal).toBeGreaterThan(0);
    expect(total + world.engine.lateTotal).toBe(accepted.length);
    expect(told.some(({ completeness }) => completeness.reasons.includes('late'))).toBe(true);
  });
});

test('sessions that may have begun before the query did say so', () => {
  const world = new World({ config: CONFIG });
  const agent = world.agent('agent-0');
  world.stream(agent, 'plays');
  world.start(agent);
  world.run(300);
  const received = world.subscribe('s', 'select count(*) as n from plays window session 200ms');
  world.run(50);
  world.stream(agent, 'plays').publish({ v: 1 });
  world.run(1_000);
  world.stream(agent, 'plays').publish({ v: 1 });
  world.run(2_000);
  const told = received.map(({ message }) => message).filter((message) => message.type === 'rows');
  expect(told.map(({ completeness }) => completeness.status)).toEqual(['partial', 'complete']);
});
