/** Functions over series on the live engine: what teaches them, and what does not. */
import { describe, expect, test } from 'vitest';
import type { RowsMessage } from '../../src/wire/results.ts';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';
import type { Received } from '../support/world.ts';

const SECOND_MS = 1_000;

interface PlaysWorld {
  readonly world: World;
  /** Each live agent publishes so many plays a second while time goes on. */
  readonly run: (ms: number, perSecond: number) => void;
}

function playsWorld(agents: number): PlaysWorld {
  const world = new World({ config: { leaseMs: 1_000, rosterMs: 60_000 } });
  const streams = Array.from({ length: agents }, (_, i) => {
    const agent = world.agent(`agent-${i}`);
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    return { agent, plays };
  });
  world.run(500);
  return {
    world,
    run(ms, perSecond) {
      let nextMs = world.nowMs;
      world.run(ms, (nowMs) => {
        for (; nextMs <= nowMs; nextMs += SECOND_MS / perSecond) {
          for (const { agent, plays } of streams) if (agent.alive) plays.publish({ region: 'eu' });
        }
      });
    },
  };
}

function rowsOf(received: readonly Received[]): readonly RowsMessage[] {
  return received.flatMap(({ message }) => (message.type === 'rows' ? [message] : []));
}

describe('a telemetry gap', () => {
  test('teaches nothing: what was expected before it is expected after it', () => {
    const { world, run } = playsWorld(2);
    const query = 'select count(*) as n, ewma(count(*), 0.5) as usual from plays window 1s';
    const received = world.subscribe('s', query);
    run(8_000, 20);
    const known = windowsOf(received).at(-1)?.rows[0]?.['usual'];
    expect(known).toBeCloseTo(40, 0);
    for (const agent of world.agents) world.kill(agent);
    run(10_000, 0);
    const gap = rowsOf(received).slice(-5);
    expect(gap.map(({ completeness }) => completeness.status)).toEqual(Array(5).fill('degraded'));
    expect(gap.map(({ rows }) => rows[0]?.['n'])).toEqual(Array(5).fill(0));
    expect(gap.map(({ rows }) => rows[0]?.['usual'])).toEqual(
      Array(5).fill(gap[0]?.rows[0]?.['usual']),
    );
    expect(gap[0]?.rows[0]?.['usual']).toBeCloseTo(40, 0);
  });

  test('of one agent of two is not a drop that is learnt, either', () => {
    const { world, run } = playsWorld(2);
    const received = world.subscribe(
      's',
      'select previous(count(*)) as before from plays window 1s',
    );
    run(6_000, 20);
    world.kill(world.agents[0]!);
    run(6_000, 20);
    const last = rowsOf(received).at(-1);
    expect(last?.completeness.agents.missing).toEqual(['agent-0']);
    expect(last?.rows[0]?.['before'] ?? null).toBeNull();
  });

  test('is not what silence of live agents is: zero is a value', () => {
    const { world, run } = playsWorld(2);
    const received = world.subscribe(
      's',
      'select ewma(count(*), 0.5) as usual from plays window 1s',
    );
    run(4_000, 20);
    run(8_000, 0);
    const last = rowsOf(received).at(-1);
    expect(last?.completeness).toMatchObject({ status: 'complete', traffic: 'zero', warming: 0 });
    expect(Number(last?.rows[0]?.['usual'])).toBeLessThan(1);
  });
});

test('windows that are still open are compared and not learnt from', () => {
  const { world, run } = playsWorld(1);
  const query = 'select count(*) as n, change(count(*)) as step from plays window 1s';
  const closed = world.subscribe('closed', query);
  const open = world.subscribe('open', `${query} emit every 200ms`);
  run(8_000, 20);
  const final = (messages: readonly RowsMessage[]): readonly unknown[] =>
    messages.filter(({ provisional }) => !provisional).map(({ rows }) => rows);
  expect(rowsOf(open).filter(({ provisional }) => provisional).length).toBeGreaterThan(20);
  expect(final(rowsOf(open))).toEqual(final(rowsOf(closed)));
});

test('a revision is compared with what was expected of its window the first time', () => {
  const { world, run } = playsWorld(1);
  const query =
    'select count(*) as n, previous(count(*)) as before, change(count(*)) as step from plays window 1s lateness 3s';
  const late = world.agent('late');
  const plays = world.stream(late, 'plays', { kind: 'field', field: 'ts', slackMs: 50 });
  world.start(late);
  run(500, 10);
  const received = world.subscribe('s', query);
  run(6_000, 10);
  const [first] = rowsOf(received).slice(-1);
  plays.publish({ ts: first!.windowStart! + 100 });
  run(4_000, 10);
  const told = rowsOf(received).filter(({ windowStart }) => windowStart === first!.windowStart);
  expect(told.map(({ revision }) => revision)).toEqual([0, 1]);
  const [before, after] = told.map(({ rows }) => rows[0]!);
  expect(after!['n']).toBe(Number(before!['n']) + 1);
  expect(after!['before']).toBe(before!['before']);
  expect(after!['step']).toBe(Number(before!['step']) + 1);
  // The windows after it were compared with its first answer, and are not told again.
  const next = rowsOf(received).find(({ windowStart }) => windowStart === first!.windowEnd);
  expect(next?.rows[0]?.['before']).toBe(before!['n']);
});
