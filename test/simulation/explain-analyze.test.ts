/** EXPLAIN ANALYZE shares the running query and says what flows through it, second by second. */
import { expect, test } from 'vitest';
import type { Config } from '../../src/config.ts';
import { ledgerView, queryViews } from '../../src/coordinator/read-views.ts';
import type { ValueObject } from '../../src/model/value.ts';
import type { Received } from '../support/world.ts';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';

const COUNT = 'select region, count(*) as n from plays where v > 4 window 500ms group by region';

function started(
  views: Readonly<Record<string, string>> = {},
  config: Partial<Config> = {},
): World {
  const world = new World({ views, config: { lingerMs: 500, ...config } });
  const agent = world.agent('web-1');
  const plays = world.stream(agent, 'plays');
  world.start(agent);
  world.run(300);
  let i = 0;
  const publish = (): void => {
    plays.publish({ v: i++ % 10, region: i % 2 === 0 ? 'eu' : 'us' });
    world.after(10, publish);
  };
  publish();
  return world;
}

function pictures(received: readonly Received[]): (readonly ValueObject[])[] {
  return received.flatMap(({ message }) => (message.type === 'rows' ? [message.rows] : []));
}

function stage(rows: readonly ValueObject[], name: string): ValueObject {
  return rows.find(({ plan }) => String(plan).trim() === name)!;
}

test('each stage says what goes in and comes out, as the results and the ledger have it', () => {
  const world = started({}, { edgeQueriesMax: 0 });
  const results = world.subscribe('s', COUNT);
  const received = world.subscribe('x', `explain analyze ${COUNT}`);
  world.run(6_300);
  const told = pictures(received);
  expect(told.length).toBeGreaterThanOrEqual(6);
  const last = told.at(-1)!;
  expect(last.map(({ plan }) => plan)).toContain('├─ filter: (v > 4)');
  // One event in 10 ms, half of which pass.
  expect(stage(last, 'agent')['in_per_second']).toBeCloseTo(100, -1);
  expect(stage(last, 'agent')['out_per_second']).toBeCloseTo(50, -1);
  expect(stage(last, 'agent')['bytes']).toBeGreaterThan(1_000);
  expect(stage(last, 'shard')['in_per_second']).toBeCloseTo(100, -1);
  expect(stage(last, 'shard')['out_per_second']).toBeCloseTo(50, -1);
  const { received: arrived } = ledgerView(world.engine).engine;
  expect(stage(last, 'shard')['note']).toContain('evaluated for all queries');
  expect(arrived).toBeGreaterThan(200);
  const [query] = queryViews(world.engine, world.nowMs);
  const rows = windowsOf(results).reduce((sum, window) => sum + window.rows.length, 0);
  expect(query).toMatchObject({ rows, windows: windowsOf(results).length, owner: null });
  expect(query!.seenPerSecond).toBeCloseTo(100, -1);
  expect(query!.stateBytes).toBeGreaterThan(0);
  expect(last.map(({ plan }) => plan)).toContain('sharing: 1 subscriber');
});

test('it starts a query nobody runs, keeps it while it looks, and lets it go', () => {
  const world = started();
  const received = world.subscribe('x', `explain analyze ${COUNT}`);
  world.run(3_000);
  expect(world.engine.pipelines.size).toBe(1);
  expect(world.engine.subscriptionCount).toBe(1);
  expect(stage(pictures(received).at(-1)!, 'merge')['out']).toBeGreaterThan(0);
  world.input({ type: 'unsubscribe', subscription: 'x' });
  world.run(2_000);
  expect(world.engine.pipelines.size).toBe(0);
  expect(world.engine.subscriptionCount).toBe(0);
});

test('it ends with the query, and says why', () => {
  const world = started();
  const received = world.subscribe('x', `explain analyze ${COUNT}`);
  world.run(1_000);
  const [query] = world.engine.pipelines.keys();
  world.input({ type: 'stop-query', query: query!, reason: 'stopped by ada' });
  expect(received.at(-1)!.message).toEqual({ type: 'end', reason: 'stopped by ada' });
  expect(world.closed).toContain('x');
  world.subscribe('y', `explain analyze ${COUNT}`);
  world.input({ type: 'drain', reason: 'stopping' });
  expect(world.closed).toContain('y');
});

test('views are shown below the query that reads them, with figures of their own', () => {
  const world = started({ rates: COUNT });
  const reading = 'select sum(n) as n from rates window 1s';
  const plain = pictures(world.subscribe('p', `explain ${reading}`))[0]!;
  expect(plain.map(({ plan }) => plan)).toEqual(
    expect.arrayContaining(['├─ streams: rates (view)', 'view rates · version 1', '   agent']),
  );
  const received = world.subscribe('x', `explain analyze ${reading}`);
  world.run(5_000);
  const last = pictures(received).at(-1)!;
  const at = last.findIndex(({ plan }) => plan === 'view rates · version 1');
  const [outer, inner] = [last.slice(0, at), last.slice(at)];
  // What the view gives is what its reader gets, but for the window that is on its way.
  const given = Number(stage(inner, 'merge')['out']);
  expect(Number(stage(outer, 'shard')['in'])).toBeGreaterThan(given / 2);
  expect(Number(stage(outer, 'shard')['in'])).toBeLessThanOrEqual(given);
  expect(inner.map(({ plan }) => plan)).toContain(
    '   sharing: 0 subscribers, read by 1 inside the engine',
  );
});

test('EXPLAIN says what the catalogue expects of the streams', () => {
  const world = started();
  const lines = (): unknown[] =>
    pictures(world.subscribe(`e${world.nowMs}`, `explain ${COUNT}`))[0]!.map(({ plan }) => plan);
  expect(lines()).toContain('├─ estimate: plays rate unknown, 1 agent');
  world.subscribe('s', COUNT);
  world.run(7_000);
  expect(lines()).toContainEqual(
    expect.stringMatching(/^├─ estimate: plays about (?:9|10)\d(?:\.\d)? events\/s, 1 agent$/),
  );
});

test('what agents count and do not send is told of them', () => {
  const world = started();
  const received = world.subscribe('x', `explain analyze ${COUNT}`);
  world.run(6_300);
  const last = pictures(received).at(-1)!;
  const line = '├─ aggregates: by itself, and sends a partial for each pane of 500ms';
  expect(last.map(({ plan }) => plan)).toContain(line);
  expect(stage(last, 'agent')['in_per_second']).toBeCloseTo(100, -1);
  expect(stage(last, 'agent')['out_per_second']).toBeCloseTo(50, -1);
  expect(stage(last, 'agent')['note']).toContain('counted there and not sent');
  expect(stage(last, 'shard')['in_per_second']).toBeCloseTo(100, -1);
  expect(stage(last, 'shard')['out_per_second']).toBeCloseTo(50, -1);
  expect(ledgerView(world.engine)).toMatchObject({ closes: true, engine: { received: 0 } });
});
