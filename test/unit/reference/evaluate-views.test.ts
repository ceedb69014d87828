/** Views over finite input. */
import { expect, test } from 'vitest';
import { evaluate } from '../../../src/reference/evaluate.ts';

/** The start of a window of any size used here. */
const AT = 1_700_000_000_000;
const PLAYS = [
  { ts: AT + 1_000, region: 'eu' },
  { ts: AT + 2_000, region: 'eu' },
  { ts: AT + 3_000, region: 'us' },
  { ts: AT + 12_000, region: 'us' },
  { ts: AT + 13_000, region: 'us' },
  { ts: AT + 14_000, region: 'us' },
];
const RATES = 'select region, count(*) as n from plays window 10s group by region';

test('a view gives its rows, a millisecond before the end of their window', async () => {
  const query = 'select region, n, window_end, event_time() as t from rates where n > 1';
  const { rows, diagnostics } = await evaluate(query, PLAYS, { views: { rates: RATES } });
  expect(diagnostics).toEqual([]);
  expect(rows).toEqual([
    { region: 'eu', n: 2, window_end: AT + 10_000, t: AT + 9_999 },
    { region: 'us', n: 3, window_end: AT + 20_000, t: AT + 19_999 },
  ]);
});

test('views are windowed, grouped and nested like streams', async () => {
  const views = {
    rates: RATES,
    peaks: 'select region, max(n) as top from rates window 20s group by region',
    busy: {
      query: 'select region from peaks where top >= $least window 20s',
      params: { least: 3 },
    },
  };
  const peaks = await evaluate('select region, top from peaks', { plays: PLAYS }, { views });
  expect(peaks.rows).toEqual([
    { region: 'eu', top: 2 },
    { region: 'us', top: 3 },
  ]);
  const busy = await evaluate('select region from busy', { plays: PLAYS }, { views });
  expect(busy.rows).toEqual([{ region: 'us' }]);
  const own = 'select count(*) as c from busy, rates window 20s';
  expect((await evaluate(own, { plays: PLAYS }, { views })).rows).toMatchObject([{ c: 5 }]);
});

test('a view that cannot be read is a mistake with a position', async () => {
  const { rows, diagnostics } = await evaluate('select n from a', PLAYS, {
    views: { a: 'select n from b window 1s', b: 'select n from a window 1s' },
  });
  expect(rows).toEqual([]);
  expect(diagnostics).toMatchObject([{ code: 'MQL_VIEW_CYCLE', span: { start: 14, end: 15 } }]);
});
