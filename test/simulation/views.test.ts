/**
 * Queries that read other queries, under faults. Laws, for every schedule (`SEED=` replays one,
 * `RUNS=` widens): a reader's window is the oracle's answer over the rows that the view told, and
 * it never claims to have seen more of the truth than any of the view's windows in it.
 */
import { describe, expect, test } from 'vitest';
import { ledgerView } from '../../src/coordinator/read-views.ts';
import { createRng } from '../../src/core/rng.ts';
import type { ValueObject } from '../../src/model/value.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { runReference } from '../../src/reference/run.ts';
import { definitionsOf } from '../../src/reference/evaluate-views.ts';
import type { RowsMessage } from '../../src/wire/results.ts';
import type { Received } from '../support/world.ts';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';
import type { WorldAgent } from '../support/world-parts.ts';

const RUNS = Number(process.env['RUNS'] ?? 30);
const SEED = process.env['SEED'];
const SEEDS = SEED === undefined ? Array.from({ length: RUNS }, (_, i) => i + 1) : [Number(SEED)];

const COUNT = 'select count(*) as n from plays window 500ms';
const GROUPS = 'select region, count(*) as n, sum(v) as s from plays window 500ms group by region';

interface Case {
  readonly views: Readonly<Record<string, string>>;
  /** The query that reads `view`. */
  readonly outer: string;
}

const CASES: readonly Case[] = [
  { views: { view: COUNT }, outer: 'select max(n) as top, count(*) as c from view window 1s' },
  {
    views: { view: GROUPS },
    outer: 'select region, sum(s) as s from view window 2s group by region',
  },
  {
    views: { view: 'select avg(v) as m from plays window 1s slide 500ms' },
    outer: 'select count(m) as n, min(window_end) as e from view window 1s slide 500ms',
  },
  {
    views: { view: 'select v, region from plays where v > 60 window 500ms' },
    outer: "select count(*) as n from view where region != 'eu' window 1s",
  },
  {
    views: { base: GROUPS, view: 'select max(n) as top from base where n > 0 window 500ms' },
    outer: 'select sum(top) as t from view window 1s',
  },
  {
    views: { view: GROUPS },
    outer:
      'select count(*) as n, sum(b.n) as s from view a join view b within 700ms on a.region = b.region and a.n < b.n window 1s',
  },
];

interface Played {
  readonly world: World;
  readonly inner: readonly Received[];
  readonly outer: readonly Received[];
}

function play(seed: number, { views, outer }: Case, withFaults: boolean): Played {
  const rng = createRng(seed);
  const world = new World({
    seed,
    views,
    shards: 1 + rng.int(3),
    config: { leaseMs: 700, heartbeatMs: 200, closeWaitMs: 300, rosterMs: 60_000 },
    delayMs: (delays) => 1 + delays.int(10),
    flushMs: (delays) => delays.int(15),
  });
  const agents = Array.from({ length: 1 + rng.int(3) }, (_, i) => world.agent(`agent-${i}`));
  for (const agent of agents) {
    world.stream(agent, 'plays');
    world.start(agent);
  }
  world.run(300);
  const received = {
    inner: world.subscribe('i', views['view']!),
    outer: world.subscribe('o', outer),
  };
  const publish = (): void => {
    const agent = agents[rng.int(agents.length)]!;
    if (!agent.alive) return;
    const region = ['eu', 'us', 'ap'][rng.int(3)]!;
    world.stream(agent, 'plays').publish({ v: rng.int(100), region });
  };
  const endMs = world.nowMs + 5_000;
  while (world.nowMs < endMs) {
    if (withFaults && rng.next() < 0.012) fault(world, agents, rng.int(6));
    world.run(5, () => rng.next() < 0.6 && publish());
  }
  world.run(4_000);
  return { world, ...received };
}

function fault(world: World, agents: readonly WorldAgent[], kind: number): void {
  const agent = agents[0]!;
  if (kind === 0 && agent.alive) world.kill(agent);
  else if (kind === 1 && !agent.alive) world.revive(agent);
  else if (kind === 2) world.cut(agent);
  else if (kind === 3) world.heal(agent);
  else if (kind === 4) {
    const shard = world.shards.length - 1;
    world.crashShard(shard);
    world.after(200, () => world.startShard(shard));
  }
}

const RANK = { complete: 0, partial: 1, degraded: 2 } as const;

function inside({ windowStart, windowEnd }: RowsMessage, all: readonly RowsMessage[]) {
  return all.filter((inner) => inner.windowEnd! > windowStart! && inner.windowEnd! <= windowEnd!);
}

describe.each(CASES)('$outer', (one) => {
  test.each(SEEDS)('is never better than its view, seed %i', (seed) => {
    const { world, ...received } = play(seed, one, seed % 4 !== 0);
    const inner = windowsOf(received.inner).filter(({ revision }) => revision === 0);
    const outer = windowsOf(received.outer);
    expect(outer.length).toBeGreaterThan(2);
    const { plan } = planQuery(one.outer, { views: definitionsOf(one.views) });
    const [{ pattern: stream } = { pattern: '' }] = plan!.sources;
    const events = inner.flatMap(({ rows, windowEnd }) =>
      rows.map((event) => ({ stream, timeMs: windowEnd! - 1, event })),
    );
    const truth = runReference(plan!, events, { nowMs: 0 });
    for (const window of outer) {
      const { agents, reasons, source, status } = window.completeness;
      for (const { completeness } of inside(window, inner)) {
        expect(RANK[status]).toBeGreaterThanOrEqual(RANK[completeness.status]);
        expect(reasons).toEqual(expect.arrayContaining([...completeness.reasons]));
        expect(agents.missing).toEqual(expect.arrayContaining([...completeness.agents.missing]));
        if (completeness.source !== 'live') expect(source).not.toBe('live');
      }
      // Past the view's last row the oracle's input ends, and with it its windows.
      if (status !== 'complete' || !inside(window, inner).some(({ rows }) => rows.length > 0))
        continue;
      const expected = truth.windows.find(({ windowStart }) => windowStart === window.windowStart);
      expect(byText(window.rows.map(withoutWindow))).toEqual(byText(expected?.rows ?? []));
    }
    const { closes, streams } = ledgerView(world.engine);
    expect(closes).toBe(true);
    if (seed % 4 !== 0) return;
    expect(outer.at(-2)!.completeness.status).toBe('complete');
    expect(streams[stream]).toEqual({
      received: events.length,
      evaluated: events.length,
      dropped: {},
    });
  });
});

function withoutWindow({ window_start: _start, window_end: _end, ...row }: ValueObject): object {
  return row;
}

function byText(rows: readonly object[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

describe('a view', () => {
  const views = { rates: COUNT, tops: 'select max(n) as top from rates window 1s' };
  const reading = 'select max(n) as top from rates window 1s';

  function started(): World {
    const world = new World({ views, config: { lingerMs: 1_000 } });
    const agent = world.agent('web-1');
    const plays = world.stream(agent, 'plays');
    world.start(agent);
    world.run(300);
    const publish = (): void => {
      plays.publish({ v: 1 });
      world.after(10, publish);
    };
    publish();
    return world;
  }

  test('runs once for all who read it or ask it, and as long as there are any', () => {
    const world = started();
    world.subscribe('a', reading);
    world.subscribe('b', 'select top from tops');
    world.subscribe('c', `${COUNT};`);
    // `tops` is what `a` asks, and both read `rates`, which `c` asks.
    expect(world.engine.pipelines.size).toBe(3);
    for (const subscription of ['c', 'a']) world.input({ type: 'unsubscribe', subscription });
    world.run(3_000);
    expect(world.engine.pipelines.size).toBe(3);
    world.input({ type: 'unsubscribe', subscription: 'b' });
    world.run(5_000);
    expect(world.engine.pipelines.size).toBe(0);
    const { streams, closes } = ledgerView(world.engine);
    expect(closes).toBe(true);
    expect(Object.keys(streams).filter((name) => name.startsWith('view'))).toEqual(['view ended']);
    expect(streams['view ended']!.received).toBeGreaterThan(5);
  });

  test('that is stopped ends its readers, who hear why', () => {
    const world = started();
    const received = world.subscribe('b', 'select top from tops');
    world.run(500);
    const query = planQuery(COUNT).plan!.fingerprint;
    world.input({ type: 'stop-query', query, reason: 'stopped by ada' });
    const reason = 'its view tops was its view rates was stopped by ada';
    expect(received.at(-1)!.message).toEqual({ type: 'end', reason });
    expect(world.closed).toContain('b');
    expect(world.engine.pipelines.size).toBe(0);
  });

  test('does not pass on what it amends', () => {
    const world = new World({ views: { late: `${COUNT} lateness 2s` } });
    const agent = world.agent('web-1');
    const plays = world.stream(agent, 'plays', { kind: 'field', field: 't', slackMs: 50 });
    world.start(agent);
    world.run(300);
    const inner = world.subscribe('i', `${COUNT} lateness 2s`);
    const outer = world.subscribe('o', 'select sum(n) as n, count(*) as c from late window 1s');
    world.run(700);
    const lateMs = world.nowMs - 100;
    world.run(1_500, (nowMs) => void plays.publish({ t: nowMs }));
    plays.publish({ t: lateMs });
    world.run(4_000);
    expect(windowsOf(inner).some(({ revision }) => revision === 1)).toBe(true);
    for (const window of windowsOf(outer)) {
      const told = inside(
        window,
        windowsOf(inner).filter(({ revision }) => revision === 0),
      );
      const n = told.reduce((sum, { rows }) => sum + Number(rows[0]!['n']), 0);
      expect(window.rows).toMatchObject([{ n, c: told.length }]);
    }
  });

  test('can be tailed: its rows come as its windows close', () => {
    const world = started();
    const received = world.subscribe('t', 'select n, window_end from rates');
    world.run(3_000);
    const rows = received.flatMap(({ message }) => (message.type === 'rows' ? message.rows : []));
    expect(rows.length).toBeGreaterThan(3);
    const ends = rows.map((row) => Number(row['window_end']));
    expect(ends).toEqual(ends.map((_, i) => ends[0]! + i * 500));
  });

  test('and a running value over it remember what its windows missed', () => {
    const world = new World({ views, config: { leaseMs: 500, heartbeatMs: 100 } });
    const agents = ['a', 'b'].map((name) => world.agent(name));
    for (const agent of agents) {
      world.stream(agent, 'plays');
      world.start(agent);
    }
    world.run(300);
    const received = world.subscribe('r', 'select sum(n) as n from rates');
    world.run(2_000);
    world.kill(agents[0]!);
    world.run(2_000);
    world.revive(agents[0]!);
    world.run(4_000);
    const last = received.filter(({ message }) => message.type === 'rows').at(-1)!.message;
    expect(last).toMatchObject({ completeness: { status: 'degraded' } });
  });

  test('that cannot start because there are too many queries leaves nothing behind', () => {
    const world = new World({ views, config: { queriesMax: 2, lingerMs: 100 } });
    const received = world.subscribe('b', 'select top from tops');
    expect(received[0]!.message).toMatchObject({
      problem: { code: 'LIMIT_QUERIES', detail: expect.stringContaining('its views, too: tops') },
    });
    world.run(1_000);
    expect(world.engine.pipelines.size).toBe(0);
  });
});

describe('a view that reads more than may be read', () => {
  const wide = Array.from({ length: 12 }, (_none, i) => `max(f${i}) as m${i}`).join(', ');

  test('is refused by name', () => {
    const views = { wide: `select ${wide} from plays window 1s` };
    const world = new World({ views, config: { fieldsMax: 8 } });
    const received = world.subscribe('s', 'select m1 from wide');
    expect(received[0]!.message).toMatchObject({
      problem: { detail: expect.stringContaining('the view wide cannot run: the query reads 12') },
    });
    expect(world.engine.pipelines.size).toBe(0);
  });
});

test('a stream is joined with a view, window by window', () => {
  const views = { rates: GROUPS };
  const world = new World({ views, shards: 3, config: { leaseMs: 700, heartbeatMs: 200 } });
  const agents = ['a', 'b'].map((name) => world.agent(name));
  for (const agent of agents) {
    world.stream(agent, 'plays');
    world.start(agent);
  }
  world.run(500);
  const inner = world.subscribe('inner', 'select * from rates');
  const joined =
    'select p.id as id, p.region as region, r.n as n, r.window_end as until from plays p join rates r within 500ms on p.region = r.region';
  const outer = world.subscribe('outer', joined);
  const published: { readonly id: number; readonly region: string; readonly atMs: number }[] = [];
  world.run(4_000, (nowMs) => {
    if (nowMs % 50 !== 0) return;
    const id = published.length;
    const region = id % 3 === 0 ? 'us' : 'eu';
    world.stream(agents[id % 2]!, 'plays').publish({ id, region, v: 1 });
    published.push({ id, region, atMs: nowMs });
  });
  world.run(3_000);
  const rowsOf = (received: readonly Received[]): readonly ValueObject[] => {
    return received.flatMap(({ message }) => (message.type === 'rows' ? message.rows : []));
  };
  const told = rowsOf(inner);
  // A row of a view is at one millisecond before the end of its window.
  const wanted = published.flatMap(({ id, region, atMs }) =>
    told
      .filter((row) => row['region'] === region)
      .filter((row) => Math.abs(Number(row['window_end']) - 1 - atMs) < 500)
      .map((row) => ({ id, region, n: row['n'] ?? null, until: row['window_end'] ?? null })),
  );
  const text = (row: object): string => JSON.stringify(row);
  expect(wanted.length).toBeGreaterThan(100);
  expect(rowsOf(outer).map(text).toSorted()).toEqual(wanted.map(text).toSorted());
});

test('rows of a view that are too large are lost, and its readers say so', () => {
  const views = { view: 'select list(text) as texts, count(*) as n from plays window 1s' };
  const world = new World({ views, shards: 2, config: { frameBytesMax: 65_536, leaseMs: 700 } });
  const agent = world.agent('agent');
  const plays = world.stream(agent, 'plays');
  world.start(agent);
  world.run(500);
  const received = world.subscribe('o', 'select count(texts) as rows from view window 1s');
  const publish = (letters: number): void => void plays.publish({ text: 'x'.repeat(letters) });
  world.run(3_000, () => world.rng.next() < 0.2 && publish(10));
  const windowed = windowsOf(received).filter(({ rows }) => rows[0]!['rows'] === 1);
  expect(windowed.length).toBeGreaterThan(0);
  for (const { completeness } of windowed) expect(completeness.events.dropped).toEqual({});
  world.run(1_000, () => world.rng.next() < 0.5 && publish(2_000));
  world.run(4_000, () => world.rng.next() < 0.2 && publish(10));
  const lost = windowsOf(received).filter(
    ({ completeness }) => completeness.events.dropped['oversize'] !== undefined,
  );
  expect(lost.length).toBeGreaterThan(0);
  for (const { completeness } of lost) {
    expect(completeness).toMatchObject({ status: 'degraded', reasons: ['dropped'] });
  }
  expect(ledgerView(world.engine).closes).toBe(true);
});
