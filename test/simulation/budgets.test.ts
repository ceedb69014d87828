/**
 * Queries that hold too much, in the whole system: they give up what they hold and say so, their
 * client is refused more, and nobody else notices.
 */
import { describe, expect, test } from 'vitest';
import { ledgerView, queryViews } from '../../src/coordinator/read-views.ts';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';

const CONFIG = {
  // What agents aggregate they hold themselves until a pane ends.
  edgeQueriesMax: 0,
  ...{ leaseMs: 3_000, heartbeatMs: 200, closeWaitMs: 300, shedCalmMs: 2_000 },
  ...{ queryStateBytesMax: 400 * 1_024, clientStateBytesMax: 600 * 1_024 },
};
const RULED = 'select count(*) as n from plays window 1s';

function heavy(i: number): string {
  return `select user, p99(v) as p from plays where v >= ${-i} group by user window 10s`;
}

function ask(world: World, subscription: string, query: string, by: string): void {
  world.received.set(subscription, []);
  const input = { subscription, client: by, by, query, params: {}, resume: null, planned: null };
  world.input({ type: 'subscribe', ...input });
}

describe('queries of a client that hold too much', () => {
  test('are suspended and say so; rules and other clients stay complete', () => {
    const world = new World({ config: CONFIG, shards: 2 });
    const agents = [world.agent('web-1'), world.agent('web-2')];
    const streams = agents.map((agent) => world.stream(agent, 'plays'));
    for (const agent of agents) world.start(agent);
    world.run(500);
    ask(world, 'rule', RULED, 'ops');
    world.input({ type: 'listen', listener: 'rule', query: RULED, params: {} });
    for (let i = 0; i < 4; i++) ask(world, `h${i}`, heavy(i), 'greedy');
    let published = 0;
    const publish = (nowMs: number): void => {
      if (nowMs % 5 !== 0) return;
      for (const stream of streams) {
        stream.publish({ user: `u${published % 1_500}`, v: published });
        published++;
      }
    };
    world.run(9_000, publish);
    const over = queryViews(world.engine, world.nowMs).filter((view) => view.overBudget !== null);
    expect(over.length).toBeGreaterThan(0);
    expect(over.every(({ owner }) => owner === 'greedy')).toBe(true);
    expect(over.every(({ dropped }) => (dropped['quota'] ?? 0) > 0)).toBe(true);
    ask(world, 'more', heavy(9), 'greedy');
    expect(world.received.get('more')![0]!.message).toMatchObject({
      problem: { code: 'LIMIT_CLIENT_BUDGET' },
    });
    ask(world, 'other', heavy(9), 'modest');
    expect(world.received.get('other')![0]!.message.type).toBe('schema');

    world.run(6_000, publish);
    const told = [0, 1, 2, 3].flatMap((i) => windowsOf(world.received.get(`h${i}`)!));
    const suspended = told.filter(({ completeness }) => completeness.reasons.includes('quota'));
    expect(suspended.length).toBeGreaterThan(0);
    for (const { completeness } of suspended) {
      expect(completeness.status).toBe('degraded');
      expect(completeness.events.dropped['quota']).toBeGreaterThan(0);
      // What was given up is neither matched nor forgotten.
      const { dropped, matched, seen } = completeness.events;
      expect(matched + dropped['quota']!).toBeLessThanOrEqual(seen);
    }
    const ruled = windowsOf(world.received.get('rule')!).slice(1);
    expect(ruled.every(({ completeness }) => completeness.status === 'complete')).toBe(true);
    const ledger = ledgerView(world.engine);
    expect(ledger.closes).toBe(true);
    expect(ledger.queries.quota).toBeGreaterThan(0);
  });

  test('are complete again once they hold less', () => {
    const world = new World({ config: CONFIG });
    const agent = world.agent('web-1');
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    world.run(500);
    ask(world, 'h', heavy(0), 'greedy');
    let users = 6_000;
    let published = 0;
    const publish = (): void => {
      for (let i = 0; i < 4; i++) plays.publish({ user: `u${published++ % users}`, v: 1 });
    };
    world.run(8_000, publish);
    expect(world.engine.registry.budgets.size).toBe(1);
    users = 5;
    world.run(40_000, publish);
    const last = windowsOf(world.received.get('h')!).at(-1)!;
    expect(last.completeness.status).toBe('complete');
    expect(last.rows).toHaveLength(5);
  });

  test('rows of windows beyond the rows of a second are cut and counted', () => {
    const config = { ...CONFIG, queryRowsPerSecondMax: 10 };
    const world = new World({ config });
    const agent = world.agent('web-1');
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    world.run(500);
    const received = world.subscribe(
      'q',
      'select k, count(*) as n from plays group by k window 2s',
    );
    let published = 0;
    world.run(7_000, () => void plays.publish({ k: published++ % 25 }));
    const cut = windowsOf(received).at(-1)!;
    expect(cut.rows).toHaveLength(10);
    expect(cut.completeness).toMatchObject({ status: 'degraded' });
    expect(cut.completeness.reasons).toContain('rows-per-second');
    const [view] = queryViews(world.engine, world.nowMs);
    expect(view!.refusedRows).toBeGreaterThanOrEqual(15);
    expect(ledgerView(world.engine).queries.rows).toBe(view!.refusedRows);
  });
});
