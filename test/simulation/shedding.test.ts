/**
 * A shard that cannot keep up, in the whole system: ad hoc queries go unevaluated and say so, alert
 * rules go on, and when the load is over everything is complete again.
 */
import { describe, expect, test } from 'vitest';
import { ledgerView, queryViews } from '../../src/coordinator/read-views.ts';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';

const CONFIG = {
  ...{ leaseMs: 3_000, heartbeatMs: 200, closeWaitMs: 300 },
  // What agents aggregate costs a shard next to nothing.
  edgeQueriesMax: 0,
  ...{ shedAfterMs: 1_000, shedCalmMs: 5_000, shedLagMs: 100 },
};
const WATCHED = "select count(*) as n from plays where region = 'eu' window 1s";
const RULED = 'select count(*) as n from plays window 1s';
const TAILED = 'select v from plays where v >= 0';

describe('a shard that is busy and behind', () => {
  test('sheds what is watched, not what stands, and says so until all is well', () => {
    let isLoaded = false;
    const busy = (): number => (isLoaded && world.engine.shed.length < 2 ? 1 : 0.3);
    // Events wait on their way, as they do before a shard that cannot take more.
    let delayMs = 2;
    const world = new World({ config: CONFIG, busy, delayMs: () => delayMs });
    const agent = world.agent('web-1');
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    world.run(300);
    const watched = world.subscribe('w', WATCHED);
    const tailed = world.subscribe('t', TAILED);
    const ruled = world.subscribe('r', RULED);
    world.input({ type: 'listen', listener: 'rule', query: RULED, params: {} });
    let published = 0;
    const publish = (nowMs: number): void => {
      if (nowMs % 20 !== 0) return;
      plays.publish({ region: 'eu', v: published++ });
    };
    world.run(4_000, publish);
    expect(world.engine.shed).toStrictEqual([]);

    isLoaded = true;
    delayMs = 250;
    world.run(6_000, publish);
    const shed = queryViews(world.engine, world.nowMs).filter((view) => view.shed);
    expect(shed.map(({ standing }) => standing)).toStrictEqual([false, false]);
    expect(shed.every(({ dropped }) => (dropped['shed'] ?? 0) > 0)).toBe(true);
    const during = windowsOf(watched).at(-1)!;
    expect(during.completeness.status).toBe('degraded');
    expect(during.completeness.reasons).toContain('shed');
    expect(during.completeness.events.dropped['shed']).toBeGreaterThan(0);
    expect(during.completeness.events.seen).toBeGreaterThan(0);
    const drops = tailed.map(({ message }) => message).filter(({ type }) => type === 'drop');
    expect(drops[0]).toMatchObject({ reason: 'shed' });
    expect(windowsOf(ruled).at(-1)!.completeness.reasons).not.toContain('shed');
    expect(Number(windowsOf(ruled).at(-1)!.rows[0]?.['n'])).toBeGreaterThan(30);

    isLoaded = false;
    delayMs = 2;
    world.run(25_000, publish);
    expect(world.engine.shed).toStrictEqual([]);
    const after = windowsOf(watched).at(-1)!;
    expect(after.completeness.status).toBe('complete');
    expect(after.rows[0]).toMatchObject({ n: 50 });
    const ledger = ledgerView(world.engine);
    expect(ledger.closes).toBe(true);
  });

  test('keeps what is shed over the restart of a shard', () => {
    const world = new World({ config: CONFIG, busy: () => 1, delayMs: () => 250 });
    const agent = world.agent('web-1');
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    world.run(2_000);
    const received = world.subscribe('w', WATCHED);
    const publish = (): void => void plays.publish({ region: 'eu' });
    world.run(5_000, publish);
    expect(world.engine.shed).toHaveLength(1);
    world.crashShard(0);
    world.startShard(0);
    world.run(2_500, publish);
    expect(windowsOf(received).at(-1)!.completeness.events.matched).toBe(0);
  });
});
