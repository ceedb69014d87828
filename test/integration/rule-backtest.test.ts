/** Rules on saved queries, and backtests, in a real engine over HTTP. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { BacktestReport } from '../../src/alert/backtest.ts';
import { DEFAULTS } from '../../src/config.ts';
import { keptColumns } from '../../src/coordinator/series-measure.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { SeriesMeasures } from '../../src/store/series-measures.ts';
import { SeriesStore } from '../../src/store/series-store.ts';
import { openStore } from '../../src/store/store.ts';
import { endAll, squilla, startEngine, temporaryFolder, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';

afterEach(endAll);

const STEP_MS = 10_000;
const QUERY = 'select region, count(*) as n from plays window 10s group by region';
const RULE = `name: few\nquery: ${QUERY}\nwhen: n < 10\n`;

/** As if an engine on this directory had kept an hour in which plays fell twice. */
async function hourOfCounts(dataDir: string, endMs: number): Promise<void> {
  const store = await openStore({ dataDir, sync: 'normal', config: DEFAULTS });
  const query = 'f'.repeat(32);
  const buckets = Array.from({ length: 360 }, (_, i) => {
    const n = (i >= 100 && i < 110) || (i >= 200 && i < 230) ? 5 : 40;
    const startMs = endMs - 3_600_000 + i * STEP_MS;
    return { startMs, windows: 1, sum: n, min: n, max: n, doubtful: 0 };
  });
  const { plan } = planQuery(QUERY, { mode: 'live' });
  new SeriesMeasures(store.sql).put(query, keptColumns(plan!), endMs);
  const series = new SeriesStore(store.sql, { bytesMax: 1e8, linesMax: 10 });
  series.add([{ query, keys: '["eu"]', column: 'n', stepMs: STEP_MS, buckets }]);
  store.close();
}

interface Line {
  readonly type: string;
  readonly done?: number;
  readonly report?: BacktestReport;
  readonly problem?: { readonly code: string; readonly detail: string };
}

async function backtest(engine: EngineProcess, body: object): Promise<readonly Line[]> {
  const response = await ask(engine, body);
  expect(response.status).toBe(200);
  const text = await response.text();
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

function ask(engine: EngineProcess, body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${engine.url}/api/v1/rules/backtest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

function figuresOf(report: BacktestReport | undefined): unknown[] {
  return (report?.results ?? []).map(({ pages, threshold }) => [threshold, pages]);
}

test('a backtest over kept series and over events, swept, by API and command', async () => {
  const data = join(temporaryFolder(), 'data');
  const endMs = Math.floor(Date.now() / STEP_MS) * STEP_MS;
  await hourOfCounts(data, endMs);
  const engine = await startEngine({ flags: ['--data', data] });
  const series = { from: endMs - 3_600_000, to: endMs };

  const lines = await backtest(engine, { text: RULE, sweep: [3, 10, 50], series });
  expect(lines[0]).toEqual({ type: 'progress', done: 0 });
  const { report } = lines.at(-1) ?? {};
  expect(figuresOf(report)).toEqual([
    [3, 0],
    [10, 2],
    [50, 1],
  ]);
  expect(report?.windows).toBe(360);
  expect(report?.chart.lines[0]?.points).toHaveLength(360);

  const text = RULE.replace('n < 10', 'n < 0.5 * lag(n, 3)');
  const [falls] = (await backtest(engine, { text, series })).flatMap((line) => line.report ?? []);
  expect(falls?.results[0]?.pages).toBe(2);

  const ndjson = Array.from({ length: 300 }, (_, i) => JSON.stringify({ ts: endMs + i * 500 }));
  const events = { stream: 'plays', time: 'ts', ndjson: ndjson.join('\n') };
  const rule = 'name: many\nquery: select count(*) as n from plays window 10s\nwhen: n > 15\n';
  expect(figuresOf((await backtest(engine, { text: rule, events })).at(-1)?.report)).toEqual([
    [null, 1],
  ]);

  const file = join(temporaryFolder(), 'rule.yaml');
  writeFileSync(file, RULE);
  const command = await squilla([
    ...[
      'rules',
      'backtest',
      file,
      '--kept',
      '2h',
      '--sweep',
      '3,10',
      '--json',
      '--url',
      engine.url,
    ],
  ]);
  expect(command.code).toBe(0);
  expect(figuresOf(JSON.parse(command.out) as BacktestReport)).toEqual([
    [3, 0],
    [10, 2],
  ]);
}, 60_000);

test('what cannot be tested says why, and who hangs up ends it', async () => {
  const engine = await startEngine({ settings: { backtestsMax: 1 } });
  const unkept = (await backtest(engine, { text: RULE })).at(-1);
  expect(unkept?.problem).toMatchObject({ code: 'ENGINE_BAD_REQUEST' });
  expect(unkept?.problem?.detail).toContain('`n` was not kept');
  const broken = await ask(engine, { text: 'name: a\nquery: select\n' });
  expect(broken.status).toBe(400);
  const wrong = await ask(engine, { text: RULE, sweep: ['x'] });
  expect(wrong.status).toBe(400);

  const ndjson = Array.from({ length: 200_000 }, (_, i) => JSON.stringify({ ts: 1e12 + i * 50 }));
  const body = { text: RULE, events: { stream: 'plays', time: 'ts', ndjson: ndjson.join('\n') } };
  const hangsUp = new AbortController();
  const response = await ask(engine, body, hangsUp.signal);
  await response.body?.getReader().read();
  const second = (await backtest(engine, { text: RULE })).at(-1);
  expect(second?.problem?.code).toBe('ENGINE_BUSY');
  hangsUp.abort();
  const short = { ...body, events: { ...body.events, ndjson: ndjson.slice(0, 10).join('\n') } };
  await until(
    async () => (await backtest(engine, short)).at(-1)?.type === 'report',
    'the place of the first is free',
    20_000,
  );
}, 60_000);

test('a rule on a saved query follows its changes, and says so when it is gone', async () => {
  const engine = await startEngine({});
  const save = (query: string, version: string | null): Promise<Response> =>
    fetch(`${engine.url}/api/v1/saved-queries/by-region`, {
      method: 'PUT',
      headers: {
        'content-type': 'application/json',
        ...(version === null ? {} : { 'if-match': version }),
      },
      body: JSON.stringify({ query, text: query, params: {}, description: '', keep: false }),
    });
  const saved = await save(QUERY, null);
  expect(saved.status).toBe(201);
  const put = await fetch(`${engine.url}/api/v1/rules/few`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'few', saved: 'by-region', when: 'n < 0.5 * baseline(n)' }),
  });
  expect(put.status).toBe(201);
  const ruleNow = async (): Promise<{ query: string; health: string; trouble: string | null }> =>
    (await engine.get('/api/v1/rules/few')) as never;
  expect((await ruleNow()).query).toContain('baseline(count(*)) as `baseline(n)`');
  await save(QUERY.replace('10s', '5s'), saved.headers.get('etag'));
  expect((await ruleNow()).query).toContain('window 5s');
  const file = join(temporaryFolder(), 'rule.yaml');
  writeFileSync(file, 'name: few\nsaved: by-region\nwhen: n < 10\n');
  const alone = await squilla(['rules', 'check', file]);
  expect(alone.err).toContain('warning: few: there is no saved query `by-region`');
  expect(alone.code).toBe(0);
  const known = await squilla(['rules', 'check', file, '--url', engine.url]);
  expect(known).toMatchObject({ code: 0, out: '1 rule, no mistakes\n', err: '' });

  const data = join(temporaryFolder(), 'plays.ndjson');
  const lines = Array.from({ length: 100 }, (_, i) =>
    JSON.stringify({ ts: 1e12 + i * 1_000, region: 'eu' }),
  );
  writeFileSync(data, lines.join('\n'));
  const flags = [
    '--data',
    data,
    '--time',
    'ts',
    '--stream',
    'plays',
    '--json',
    '--url',
    engine.url,
  ];
  const tried = await squilla(['rules', 'backtest', file, ...flags]);
  expect(figuresOf(JSON.parse(tried.out) as BacktestReport)).toEqual([[null, 1]]);

  const gone = await fetch(`${engine.url}/api/v1/saved-queries/by-region`, { method: 'DELETE' });
  expect(gone.status).toBe(204);
  expect(await ruleNow()).toMatchObject({
    health: 'broken',
    trouble: 'saved: there is no saved query `by-region`',
  });
}, 60_000);
