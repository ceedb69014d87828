/**
 * Kept series in the database: buckets that merge, what is read of them, and what is thinned out.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import { SeriesMemory } from '../../../src/store/series-memory.ts';
import { SeriesStore } from '../../../src/store/series-store.ts';
import type { KeptLine, SeriesBucket, SeriesRange } from '../../../src/store/series-store.ts';
import { openStore } from '../../../src/store/store.ts';
import type { Store } from '../../../src/store/store.ts';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let store: Store;
beforeEach(async () => {
  store = await openStore({ dataDir: null, sync: 'normal', config: DEFAULTS });
});
afterEach(() => store.close());

function bucket(startMs: number, x: number, doubtful = 0): SeriesBucket {
  return { startMs, windows: 1, sum: x, min: x, max: x, doubtful };
}

function line(buckets: readonly SeriesBucket[], own: Partial<KeptLine> = {}): KeptLine {
  return { query: 'q', keys: '["eu"]', column: 'n', stepMs: 10_000, buckets, ...own };
}

const ALL: SeriesRange = {
  query: 'q', column: null, keys: null, fromMs: 0, toMs: 1e15, stepMs: 10_000, linesMax: 100,
}; // prettier-ignore

describe('buckets', () => {
  test('merge what is added to them', () => {
    const series = new SeriesStore(store.sql, { bytesMax: MIB, linesMax: 10 });
    expect(series.add([line([bucket(0, 4), bucket(10_000, 9)])])).toBe(0);
    series.add([line([bucket(0, -2, 1)])]);
    expect(series.read(ALL)).toEqual([
      line([{ startMs: 0, windows: 2, sum: 2, min: -2, max: 4, doubtful: 1 }, bucket(10_000, 9)]),
    ]);
  });

  test('are read by query, column, group, step and time', () => {
    const series = new SeriesStore(store.sql, { bytesMax: MIB, linesMax: 10 });
    const one = [bucket(0, 1), bucket(10_000, 2), bucket(20_000, 3)];
    const lines = [
      line(one),
      line(one, { keys: '["us"]' }),
      line(one, { column: 'p99' }),
      line([bucket(0, 6)], { stepMs: 60_000 }),
      line(one, { query: 'other' }),
    ];
    series.add(lines);
    const named = (range: Partial<SeriesRange>): unknown[] =>
      series.read({ ...ALL, ...range }).map(({ keys, column }) => [keys, column]);
    expect(named({})).toHaveLength(3);
    expect(named({ column: 'n' })).toEqual([
      ['["eu"]', 'n'],
      ['["us"]', 'n'],
    ]);
    expect(named({ keys: '["eu"]', column: 'p99' })).toEqual([['["eu"]', 'p99']]);
    expect(named({ linesMax: 1 })).toHaveLength(1);
    expect(named({ stepMs: 60_000 })).toEqual([['["eu"]', 'n']]);
    const part = series.read({ ...ALL, keys: '["us"]', fromMs: 10_000, toMs: 20_000 });
    expect(part.map(({ buckets }) => buckets)).toEqual([[bucket(10_000, 2)]]);
  });

  test('beyond the bound on lines are refused and counted, known lines go on', () => {
    const series = new SeriesStore(store.sql, { bytesMax: MIB, linesMax: 1 });
    expect(series.add([line([bucket(0, 1)]), line([bucket(0, 1)], { column: 'm' })])).toBe(1);
    expect(series.add([line([bucket(0, 1)])])).toBe(0);
    expect(series.read(ALL)).toHaveLength(1);
  });

  test('go when they are older than their level is kept, coarse ones later', () => {
    const series = new SeriesStore(store.sql, { bytesMax: MIB, linesMax: 10 });
    for (const stepMs of [10_000, 60_000, 600_000]) {
      series.add([line([bucket(0, 1), bucket(30 * DAY_MS, 2)], { stepMs })]);
    }
    const kept = (stepMs: number): unknown => series.read({ ...ALL, stepMs })[0]?.buckets.length;
    series.prune(30 * DAY_MS + HOUR_MS);
    expect([kept(10_000), kept(60_000), kept(600_000)]).toEqual([1, 1, 2]);
    series.prune(32 * DAY_MS);
    expect([kept(10_000), kept(60_000), kept(600_000)]).toEqual([undefined, 1, 2]);
    series.prune(90 * DAY_MS);
    expect(series.read({ ...ALL, stepMs: 600_000 })).toEqual([]);
    // Lines without buckets make room for others.
    expect(new SeriesStore(store.sql, { bytesMax: MIB, linesMax: 1 }).add([line([])])).toBe(0);
  });

  test('beyond the bound on bytes lose their finest and oldest', () => {
    const series = new SeriesStore(store.sql, { bytesMax: 96 * 4, linesMax: 10 });
    const six = [0, 1, 2, 3, 4].map((i) => bucket(i * 10_000, i));
    series.add([line(six), line([bucket(0, 9)], { stepMs: 60_000 })]);
    series.prune(60_000);
    expect(series.read(ALL)[0]?.buckets.map(({ sum }) => sum)).toEqual([2, 3, 4]);
    expect(series.read({ ...ALL, stepMs: 60_000 })).toHaveLength(1);
  });
});

describe('what functions over series remember', () => {
  test('comes back as it was, by query, the newest value of each group', () => {
    const memory = new SeriesMemory(store.sql);
    memory.save('q', new Map([['eu', Float64Array.of(1, NaN, 3)]]), 1.25);
    memory.save('q', new Map([['us', Float64Array.of(-0.5)]]), 2);
    memory.save('q', new Map([['eu', Float64Array.of(4, NaN, 6)]]), 3);
    memory.save('other', new Map([['eu', Float64Array.of(9)]]), 3);
    expect([...memory.load('q')]).toEqual([
      ['us', Float64Array.of(-0.5)],
      ['eu', Float64Array.of(4, NaN, 6)],
    ]);
    memory.prune(3);
    expect([...memory.load('q').keys()]).toEqual(['eu']);
    expect(memory.load('unknown').size).toBe(0);
  });
});
