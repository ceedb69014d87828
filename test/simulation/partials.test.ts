/**
 * Queries that agents aggregate against the same ones that agents ship: one schedule of faults, two
 * engines, equal answers; and what becomes of counts that were still in an agent when it was lost.
 */
import { describe, expect, test } from 'vitest';
import { ledgerView } from '../../src/coordinator/read-views.ts';
import type { RowsMessage } from '../../src/wire/results.ts';
import { windowsOf } from '../support/told-windows.ts';
import { START_MS, World } from '../support/world.ts';
import type { WorldOptions } from '../support/world-parts.ts';

const QUERIES = [
  'select region, count(*) as n, p90(v) as p, first(v) as f from plays window 1s group by region',
  'select sum(v) as s, count_distinct(v) as d from plays where v > 3 window 2s slide 500ms',
  'select count(*) as n from plays window 1s lateness 2s',
];

type Answer = Pick<RowsMessage, 'windowEnd' | 'rows'> & { readonly status: string };

function answersOf(edgeQueriesMax: number, options: WorldOptions): readonly (readonly Answer[])[] {
  const world = new World({ ...options, config: { ...options.config, edgeQueriesMax } });
  const agents = ['a', 'b', 'c'].map((id) => world.agent(id));
  const streams = agents.map((agent) =>
    world.stream(agent, 'plays', { kind: 'field', field: 'ts', slackMs: 100 }),
  );
  for (const agent of agents) world.start(agent);
  world.run(300);
  const received = QUERIES.map((query, i) => world.subscribe(`s${i}`, query));
  let n = 0;
  world.run(4_000, (nowMs) => {
    if (nowMs % 20 !== 0) return;
    // At first some events are late for the watermark, and one for its window as well.
    const behindMs = n === 55 ? 1_200 : n < 60 && n % 7 === 6 ? 150 : n % 2 === 0 ? 60 : 0;
    const event = { region: `r${n % 3}`, v: n % 11, ts: nowMs - behindMs };
    streams[n++ % 3]!.publish(event);
    // A new epoch in the middle of windows.
    if (n === 90) world.subscribe('late', 'select max(v) as m from plays window 1s');
  });
  world.run(3_000);
  const { closes } = ledgerView(world.engine);
  expect(closes).toBe(true);
  return received.map((messages) => {
    const last = new Map<number, Answer>();
    for (const { completeness, rows, windowEnd } of windowsOf(messages)) {
      if (windowEnd === null || windowEnd > START_MS + 5_000) continue;
      last.set(windowEnd, { windowEnd, rows, status: completeness.status });
    }
    return [...last.values()];
  });
}

describe('queries that agents aggregate', () => {
  test.each([1, 4])('answer what shipped ones do, with %i shards', (shards) => {
    const shipped = answersOf(0, { shards });
    const counted = answersOf(16, { shards });
    for (const [i, windows] of counted.entries()) {
      expect(windows.length).toBeGreaterThan(2);
      const byEnd = new Map(shipped[i]!.map((window) => [window.windowEnd, window]));
      for (const window of windows) {
        const other = byEnd.get(window.windowEnd)!;
        // Which late events still make it depends on who closes when; both say so.
        if (window.status !== 'complete' || other.status !== 'complete') continue;
        expect(window.rows, `${QUERIES[i]} at ${window.windowEnd}`).toStrictEqual(other.rows);
      }
      expect(windows.some(({ status }) => status === 'complete')).toBe(true);
    }
  });

  test('say that a window is not whole when an agent dies in the middle of it', () => {
    const world = new World();
    const agent = world.agent('a');
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    world.run(300);
    const received = world.subscribe('s', 'select count(*) as n from plays window 1s');
    world.run(2_200, (nowMs) => void (nowMs % 100 === 0 && plays.publish({ v: 1 })));
    world.kill(agent);
    world.run(100);
    world.revive(agent);
    const more = world.stream(agent, 'plays');
    world.run(3_000, (nowMs) => void (nowMs % 100 === 0 && more.publish({ v: 1 })));
    const windows = windowsOf(received);
    const short = windows.filter(({ rows }) => Number(rows[0]?.['n']) < 10);
    expect(windows.some(({ completeness }) => completeness.status === 'complete')).toBe(true);
    for (const { completeness } of short) expect(completeness.status).not.toBe('complete');
    expect(short.length).toBeGreaterThan(0);
  });
});

test('an agent that has used its share of a core says how much it looked at', () => {
  const world = new World({ config: { agentCpuPercent: 2 } });
  const agent = world.agent('a');
  const plays = world.stream(agent, 'plays');
  world.start(agent);
  world.run(300);
  const received = world.subscribe('s', 'select count(*) as n from plays window 1s');
  // An event that takes 2 ms to make, at least 50 times a second: a tenth of a core.
  const costly = (): object => {
    agent.clock.advance(2);
    return { v: 1 };
  };
  world.run(8_000, (nowMs) => {
    if (nowMs % 10 !== 0) return;
    const beganMs = agent.clock.now();
    plays.publish(costly);
    // The world keeps the time.
    agent.clock.set(beganMs);
  });
  const told = windowsOf(received).at(-1)!;
  const n = Number(told.rows[0]?.['n']);
  const { completeness } = told;
  expect(completeness.status).toBe('degraded');
  expect(completeness.reasons).toContain('agent-shed');
  const shed = completeness.events.dropped['agent_shed'] ?? 0;
  expect(shed).toBeGreaterThan(n);
  expect(completeness.sampleFactor).toBeCloseTo(n / (n + shed), 6);
});

describe('an agent that has used its share of a core', () => {
  test.each([
    { name: 'aggregated', watching: 'select sum(v) as s, count(*) as n from plays window 1s' },
    { name: 'shipped', watching: 'select v from plays where v > 0 window 1s' },
  ])('leaves out what is merely watched, $name, before an alert', ({ watching }) => {
    const world = new World({ config: { agentCpuPercent: 2 } });
    const agent = world.agent('a');
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    world.run(300);
    const standing = 'select count(*) as n from plays window 1s';
    const watched = world.subscribe('w', watching);
    const ruled = world.subscribe('r', standing);
    // It stands from some time on, and the agent hears of it.
    world.run(500);
    world.input({ type: 'listen', listener: 'rule', query: standing, params: {} });
    // A field that takes 2 ms to read, at least 50 times a second: a tenth of a core.
    const costly = {
      get v(): number {
        agent.clock.advance(2);
        return 1;
      },
    };
    world.run(9_000, (nowMs) => {
      if (nowMs % 10 !== 0) return;
      const beganMs = agent.clock.now();
      plays.publish(costly);
      // The world keeps the time.
      agent.clock.set(beganMs);
    });
    const rule = windowsOf(ruled).at(-1)!;
    expect(rule.rows).toMatchObject([{ n: 100 }]);
    expect(rule.completeness).toMatchObject({ status: 'complete', sampleFactor: 1 });
    const { completeness } = windowsOf(watched).at(-1)!;
    expect(completeness.status).toBe('degraded');
    expect(completeness.reasons).toContain('agent-shed');
    const shed = completeness.events.dropped['agent_shed'] ?? 0;
    expect(shed).toBeGreaterThan(50);
    // Heartbeats that tell of it and windows do not end together.
    const { seen } = completeness.events;
    expect(Math.abs(seen + shed - 100)).toBeLessThan(20);
    expect(completeness.sampleFactor).toBeCloseTo(seen / (seen + shed), 6);
    expect(completeness.sampleFactor).toBeLessThan(0.5);
    expect(ledgerView(world.engine).closes).toBe(true);
  });
});
