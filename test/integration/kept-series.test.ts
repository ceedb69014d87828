/** Kept queries and their past, in a real engine that is killed. */
import { afterEach, expect, test } from 'vitest';
import { DEFAULTS } from '../../src/config.ts';
import { keptColumns } from '../../src/coordinator/series-measure.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { SeriesMeasures } from '../../src/store/series-measures.ts';
import { SeriesStore } from '../../src/store/series-store.ts';
import { openStore } from '../../src/store/store.ts';
import {
  endAll,
  publish,
  signalTo,
  squilla,
  startEngine,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';

afterEach(endAll);

const LONG_MS = 600_000;
const WEEK_MS = 7 * 86_400_000;
const COUNT = 'select region, count(*) as n from plays window 250ms group by region';
const WEEK =
  'select region, count(*) as n, offset(count(*), 7d) as week, baseline(count(*)) as usual, ' +
  'ewma(count(*), 0.5) as recent from plays window 250ms group by region';

/** As if an engine on this directory had kept the counts of a week: 40 in each window. */
async function weekOfCounts(dataDir: string): Promise<void> {
  const store = await openStore({ dataDir, sync: 'normal', config: DEFAULTS });
  const query = 'f'.repeat(32);
  const nowMs = Math.floor(Date.now() / LONG_MS) * LONG_MS;
  const windows = LONG_MS / 250;
  const buckets = [];
  for (let startMs = nowMs - WEEK_MS - 2 * LONG_MS; startMs < nowMs; startMs += LONG_MS) {
    buckets.push({ startMs, windows, sum: 40 * windows, min: 40, max: 40, doubtful: 0 });
  }
  const { plan } = planQuery(COUNT, { mode: 'live' });
  new SeriesMeasures(store.sql).put(query, keptColumns(plan!), nowMs);
  const series = new SeriesStore(store.sql, { bytesMax: 1e8, linesMax: 10 });
  series.add([{ query, keys: '["eu"]', column: 'n', stepMs: LONG_MS, buckets }]);
  store.close();
}

interface Line {
  readonly keys: readonly string[];
  readonly column: string;
  readonly sumIsTotal: boolean;
  readonly buckets: readonly { startMs: number; windows: number; sum: number; max: number }[];
}

/** The kept windows of a column so far; undefined: none, or the engine does not answer now. */
async function kept(engine: EngineProcess, column: string): Promise<Line | undefined> {
  try {
    const path = `/api/v1/series?query=week&column=${column}&step=600000`;
    const { lines } = (await engine.get(path)) as { lines: readonly Line[] };
    return lines[0];
  } catch {
    return undefined;
  }
}

/** Also while the engine is away. */
async function keepPlaying(engine: EngineProcess, whileTrue: () => boolean): Promise<void> {
  while (whileTrue()) await publish(engine, 'plays', [{ region: 'eu' }]).catch(() => undefined);
}

function windowsOf(line: Line | undefined): number {
  return line?.buckets.reduce((sum, { windows }) => sum + windows, 0) ?? 0;
}

test('a kept query runs by itself, sees a week back, and a kill changes none of its numbers', async () => {
  const dataDir = temporaryFolder();
  await weekOfCounts(dataDir);
  const settings = { seriesFlushMs: 200, seriesSaveBytes: 1_048_576 };
  const engine = await startEngine({ flags: ['--data', dataDir], settings });
  const at = (...args: readonly string[]) => squilla([...args, '--url', engine.url]);
  expect(await at('saved', 'put', 'week', WEEK, '--keep')).toMatchObject({ code: 0 });
  let isOver = false;
  const playing = keepPlaying(engine, () => !isOver);

  const before = await until(async () => {
    const line = await kept(engine, 'week');
    return windowsOf(line) > 4 ? line : undefined;
  }, 'windows with what was a week ago');
  expect(before.buckets.at(-1)).toMatchObject({ max: 40 });
  expect(before.keys).toEqual(['eu']);
  const listed = (await engine.get('/api/v1/queries')) as { queries: readonly object[] };
  expect(listed.queries).toMatchObject([{ standing: true, kept: ['week'], subscribers: 0 }]);

  const pid = engine.enginePid();
  signalTo(pid, 'SIGKILL');
  const told = windowsOf(before);
  const after = await until(
    async () => {
      const line = engine.enginePid() === pid ? undefined : await kept(engine, 'week');
      return windowsOf(line) > told + 4 ? line : undefined;
    },
    'more windows after the kill',
    20_000,
  );
  isOver = true;
  await playing;
  expect(after.buckets.every(({ max, sum, windows }) => max === 40 && sum === 40 * windows)).toBe(
    true,
  );
  expect((await kept(engine, 'n'))?.sumIsTotal).toBe(true);
  expect((await kept(engine, 'recent'))?.sumIsTotal).toBe(false);
  const shown = await at('series', 'week', '--column', 'n', '--from', '1h');
  expect(shown).toMatchObject({ code: 0 });
  expect(shown.out).toMatch(/group +column +min .*\neu +n +/);
  const metrics = await (await fetch(`${engine.url}/metrics`)).text();
  expect(metrics).toMatch(/squilla_kept_queries 1\n/);
  expect(await engine.get('/api/v1/status')).toMatchObject({
    series: { queries: 1, refused: 0, writeFailures: 0, problem: null },
  });

  expect(await at('saved', 'rm', 'week')).toMatchObject({ code: 0 });
  expect((await at('series')).out).toContain('Nothing is kept yet');
});

test('what nobody can run alone, or too many, cannot be kept', async () => {
  const engine = await startEngine({ settings: { standingQueriesMax: 1 } });
  const put = (name: string, mql: string) =>
    squilla(['saved', 'put', name, mql, '--keep', '--url', engine.url]);
  expect((await put('a', 'select count(*) as n from plays')).err).toContain('WINDOW');
  expect((await put('b', 'select count(*) as n from plays where v > $v window 1s')).err).toContain(
    'parameters',
  );
  expect((await put('c', COUNT)).code).toBe(0);
  expect((await put('d', COUNT)).err).toContain('Too many kept queries');
  // Changed without a word about it, it stays kept; it is let go when that is said.
  const again = await squilla(['saved', 'put', 'c', `${COUNT} `, '--url', engine.url]);
  expect(again.code).toBe(0);
  expect(await engine.get('/api/v1/saved-queries')).toMatchObject({ queries: [{ keep: true }] });
  await squilla(['saved', 'put', 'c', COUNT, '--no-keep', '--url', engine.url]);
  expect(await engine.get('/api/v1/series')).toEqual({ queries: [], standing: [] });
});
