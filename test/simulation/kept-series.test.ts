/** Kept series of a live engine: what rules read is rolled, and functions go on after a restart. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../src/config.ts';
import { SeriesKeeper } from '../../src/coordinator/series-keeper.ts';
import { SeriesMeasures } from '../../src/store/series-measures.ts';
import { SeriesMemory } from '../../src/store/series-memory.ts';
import { SeriesStore } from '../../src/store/series-store.ts';
import { SERIES_LEVELS } from '../../src/store/series-store.ts';
import type { KeptLine } from '../../src/store/series-store.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import type { ValueObject } from '../../src/model/value.ts';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';
import type { Received } from '../support/world.ts';

let store: Store;
beforeEach(async () => {
  store = await openStore({ dataDir: null, sync: 'normal', config: DEFAULTS });
});
afterEach(() => store.close());

interface KeptWorld {
  readonly world: World;
  readonly keeper: SeriesKeeper;
  readonly run: (ms: number, regions: readonly string[]) => void;
}

function keptWorld(): KeptWorld {
  let keeper: SeriesKeeper | null = null;
  const world = new World({ seriesStates: (plan) => keeper?.remembered(plan) ?? new Map() });
  keeper = new SeriesKeeper({
    config: world.config,
    store: new SeriesStore(store.sql, { bytesMax: 1e8, linesMax: 100 }),
    memory: new SeriesMemory(store.sql),
    measures: new SeriesMeasures(store.sql),
    clock: world.clock,
    statesOf: (query) => world.engine.pipelines.get(query)?.series?.states ?? null,
    isRunning: (query) => world.engine.pipelines.has(query),
    handle: (input) => world.input(input),
  });
  world.onListener = (effect) => keeper?.hear(effect);
  const agent = world.agent('a');
  const plays = world.stream(agent, 'plays');
  world.start(agent);
  world.run(300);
  return {
    world,
    keeper,
    run(ms, regions) {
      let nextMs = world.nowMs;
      world.run(ms, (nowMs) => {
        keeper?.tick(nowMs);
        for (; nextMs <= nowMs; nextMs += 100)
          for (const region of regions) plays.publish({ region });
      });
    },
  };
}

function readAll(keeper: SeriesKeeper, query: string, stepMs: number): readonly KeptLine[] {
  const range = { query, column: null, keys: null, fromMs: 0, toMs: 1e15, stepMs, linesMax: 100 };
  return keeper.read(range);
}

const BY_REGION = 'select count(*) as n from plays window 1s group by region';

test('every window of a standing query is in one bucket of each level, by group', () => {
  const { world, keeper, run } = keptWorld();
  keeper.keep('sps', BY_REGION, {});
  const [query = ''] = keeper.queries;
  const received = world.subscribe('s', BY_REGION);
  run(25_000, ['eu', 'us']);
  keeper.close(world.nowMs);
  const told = windowsOf(received).flatMap(({ rows }) => rows);
  const total = told.reduce((sum, row) => sum + (row['region'] === 'eu' ? Number(row['n']) : 0), 0);
  for (const stepMs of [10_000, 60_000, 600_000]) {
    const lines = readAll(keeper, query, stepMs);
    expect(lines.map(({ keys, column }) => [keys, column])).toEqual([
      ['["eu"]', 'n'],
      ['["us"]', 'n'],
    ]);
    const [eu] = lines;
    expect(eu?.buckets.reduce((sum, { windows }) => sum + windows, 0)).toBe(told.length / 2);
    expect(eu?.buckets.reduce((sum, one) => sum + one.sum, 0)).toBe(total);
    expect(Math.max(...(eu?.buckets ?? []).map(({ max }) => max))).toBe(10);
  }
});

test('a rule keeps its series without being asked; who leaves is kept no longer', () => {
  const { world, keeper, run } = keptWorld();
  world.input({ type: 'listen', listener: 'rule', query: BY_REGION, params: {} });
  keeper.keep('sps', BY_REGION, {});
  expect(keeper.queries).toHaveLength(1);
  const [query = ''] = keeper.queries;
  run(4_000, ['eu']);
  keeper.close(world.nowMs);
  const windows = readAll(keeper, query, 60_000)[0]?.buckets.reduce((n, one) => n + one.windows, 0);
  expect(windows).toBeGreaterThan(2);
  expect(windows).toBeLessThan(5);
});

test('functions over series go on after a restart where they stood', () => {
  const { world, keeper, run } = keptWorld();
  const query = 'select count(*) as n, ewma(count(*), 0.5) as usual from plays window 1s';
  keeper.keep('sps', query, {});
  run(8_000, ['eu']);
  keeper.close(world.nowMs);
  world.restartEngine();
  const received = world.subscribe('s', query);
  run(5_000, ['eu']);
  const first = windowsOf(received)[0];
  expect(first?.rows[0]?.['usual']).toBeCloseTo(10, 0);
  expect(first?.completeness.warming).toBe(0);
});

describe('a query that begins over series that were kept', () => {
  const HOUR_MS = 3_600_000;
  const DAY_MS = 24 * HOUR_MS;
  const LONG_MS = 600_000;

  /** As if the query had run for a week: `valueAt` of each window that began at a time. */
  function pastWeek(
    keptQuery: string,
    valueAt: (startMs: number, region: string) => number,
  ): KeptWorld {
    const kept = keptWorld();
    const { keeper, world } = kept;
    keeper.keep('sps', keptQuery, {});
    const [query = ''] = keeper.queries;
    const series = new SeriesStore(store.sql, { bytesMax: 1e8, linesMax: 100 });
    const slideMs = world.engine.pipelines.get(query)?.schema.slideMs ?? 0;
    for (const region of ['eu', 'us']) {
      for (const { keptMs, stepMs } of SERIES_LEVELS) {
        const fromMs = Math.max(world.nowMs - keptMs, world.nowMs - 8 * DAY_MS);
        const buckets = [];
        for (let at = Math.ceil(fromMs / stepMs) * stepMs; at < world.nowMs; at += stepMs) {
          const x = valueAt(at, region);
          const windows = Math.max(1, stepMs / slideMs);
          const doubtful = 0;
          buckets.push({ startMs: at, windows, sum: x * windows, min: x, max: x, doubtful });
        }
        series.add([{ query, keys: JSON.stringify([region]), column: 'n', stepMs, buckets }]);
      }
    }
    return kept;
  }

  const KEPT = 'select region, count(*) as n from plays window 10s group by region';

  function firstRows(received: readonly Received[]): Record<string, ValueObject> {
    const rows = windowsOf(received)[0]?.rows ?? [];
    return Object.fromEntries(rows.map((row) => [String(row['region']), row]));
  }

  test('sees what was a week ago, of each group, over windows too many to remember', () => {
    const { world, run } = pastWeek(
      KEPT,
      (startMs, region) => (Math.floor(startMs / LONG_MS) % 1_000) + (region === 'eu' ? 5_000 : 0),
    );
    const query =
      'select offset(count(*), 7d) as before, offset(count(*), 1h) as hour from plays window 10s group by region';
    const received = world.subscribe('s', query);
    run(21_000, ['eu', 'us']);
    const rows = firstRows(received);
    const [window] = windowsOf(received);
    const weekAgo = Math.floor((window!.windowStart! - 7 * DAY_MS) / LONG_MS) % 1_000;
    expect(rows['us']?.['before']).toBeCloseTo(weekAgo, 6);
    expect(rows['eu']?.['before']).toBeCloseTo(weekAgo + 5_000, 6);
    expect(rows['us']?.['hour']).toBe(
      Math.floor((window!.windowStart! - HOUR_MS) / LONG_MS) % 1_000,
    );
    expect(window?.completeness.warming).toBe(0);
    const [running] = [...world.engine.pipelines.values()].filter(({ series }) => series !== null);
    expect(running?.series?.bytes).toBeLessThan(2 * 13_000);
  });

  test('knows the season and the band, and what was not told taught nothing', () => {
    const rhythm = (startMs: number): number =>
      startMs % DAY_MS >= DAY_MS / 2 ? 1_000 : 100 + ((startMs / 10_000) % 2);
    const known = pastWeek(KEPT, rhythm);
    const query =
      'select baseline(count(*)) as b, deviation(count(*)) as d from plays window 10s group by region';
    const received = known.world.subscribe('s', query);
    known.run(11_000, ['eu', 'us']);
    const rows = firstRows(received);
    const usual = rhythm(windowsOf(received)[0]!.windowStart!);
    expect(rows['eu']?.['b']).toBeCloseTo(usual, -1);
    expect(rows['eu']?.['d']).toBeLessThan(-0.5);
    expect(windowsOf(received)[0]?.completeness.warming).toBe(0);
  });

  test('begins anew over anything that measures something else', () => {
    const { world, run } = pastWeek(KEPT, () => 7);
    for (const [name, query] of Object.entries({
      where:
        "select offset(count(*), 7d) as b from plays where region != 'xx' window 10s group by region",
      window: 'select offset(count(*), 7d) as b from plays window 20s group by region',
      groups: 'select offset(count(*), 7d) as b from plays window 10s',
      aggregate: 'select offset(sum(v), 7d) as b from plays window 10s group by region',
    })) {
      const received = world.subscribe(name, query);
      run(21_000, ['eu']);
      expect(
        windowsOf(received).flatMap(({ rows }) => rows.map((row) => row['b'])),
        name,
      ).toEqual(expect.arrayContaining([null]));
    }
  });

  test('learns nothing from groups that HAVING left out', () => {
    const { world, run } = pastWeek(`${KEPT} having n > 5`, () => 7);
    const received = world.subscribe(
      's',
      'select offset(count(*), 7d) as b from plays window 10s group by region',
    );
    run(11_000, ['eu']);
    expect(firstRows(received)['eu']?.['b']).toBeNull();
  });
});
