/** `GET /api/v1/series` over a real socket and a real database. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../src/config.ts';
import { SeriesStore } from '../../src/store/series-store.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { startHarness } from '../support/gateway-harness.ts';

const QUERY = '0123456789abcdef0123456789abcdef';
const MINUTE_MS = 60_000;

let store: Store;
let gateway: Awaited<ReturnType<typeof startHarness>>;

beforeEach(async () => {
  store = await openStore({ dataDir: null, sync: 'normal', config: DEFAULTS });
  const series = new SeriesStore(store.sql, { bytesMax: 1e8, linesMax: 10 });
  const part = { windows: 6, min: 1, max: 4, sum: 15, doubtful: 1 };
  for (const keys of ['["eu"]', '["us"]']) {
    const buckets = [0, 1, 2].map((i) => ({ startMs: i * MINUTE_MS, ...part }));
    series.add([{ query: QUERY, keys, column: 'n', stepMs: MINUTE_MS, buckets }]);
  }
  gateway = await startHarness({});
  gateway.engine.series = {
    queries: [QUERY],
    read: (range) => series.read(range),
    totals: () => new Set(['n']),
  };
});

afterEach(async () => {
  await gateway.close();
  store.close();
});

describe('kept series', () => {
  test('are listed, and read in buckets with the mean of their windows', async () => {
    expect((await gateway.call({ path: '/api/v1/series' })).json).toEqual({
      queries: [QUERY],
      standing: [],
    });
    const path = `/api/v1/series?query=${QUERY}&from=60000&to=180000&step=60000&keys=["us"]`;
    const { status, json } = await gateway.call({ path: encodeURI(path) });
    expect(status).toBe(200);
    const bucket = { windows: 6, mean: 2.5, min: 1, max: 4, sum: 15, doubtful: 1 };
    expect(json).toMatchObject({
      stepMs: MINUTE_MS,
      lines: [
        {
          keys: ['us'],
          column: 'n',
          sumIsTotal: true,
          buckets: [
            { startMs: 60_000, ...bucket },
            { startMs: 120_000, ...bucket },
          ],
        },
      ],
    });
  });

  test('of a query that nobody kept are empty', async () => {
    const { json } = await gateway.call({ path: `/api/v1/series?query=${'f'.repeat(32)}` });
    expect(json).toMatchObject({ lines: [] });
  });

  test.each(['step=7', 'from=yesterday', 'to=1e400'])(
    'say what is wrong with %s',
    async (wrong) => {
      const { status, json } = await gateway.call({
        path: `/api/v1/series?query=${QUERY}&${wrong}`,
      });
      expect(status).toBe(400);
      expect(json).toMatchObject({ code: 'ENGINE_BAD_REQUEST' });
    },
  );

  test('are not there in an engine that keeps none', async () => {
    delete gateway.engine.series;
    expect((await gateway.call({ path: '/api/v1/series' })).status).toBe(404);
  });
});
