/** Kept series of a live engine: what rules read is rolled, and functions go on after a restart. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULTS } from '../../src/config.ts';
import { SeriesKeeper } from '../../src/coordinator/series-keeper.ts';
import { SeriesMemory } from '../../src/store/series-memory.ts';
import { SeriesStore } from '../../src/store/series-store.ts';
import type { KeptLine } from '../../src/store/series-store.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';

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
  const world = new World({ seriesStates: (query) => keeper?.remembered(query) ?? new Map() });
  keeper = new SeriesKeeper({
    config: world.config,
    store: new SeriesStore(store.sql, { bytesMax: 1e8, linesMax: 100 }),
    memory: new SeriesMemory(store.sql),
    nowMs: world.nowMs,
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
