/** Functions over series in finite input, over weeks of virtual time. */
import { expect, test } from 'vitest';
import { evaluateTimed } from '../../../src/reference/evaluate.ts';

const DAY_MS = 86_400_000;
/** 1970 began on a Thursday. */
const MONDAY_MS = 4 * DAY_MS;

test('a weekday season expects quiet Sundays and is surprised by a quiet Wednesday', async () => {
  const quiet = new Set([6, 13, 16, 20]);
  const events = Array.from({ length: 21 }, (_, day) => ({
    stream: 'plays',
    timeMs: MONDAY_MS + day * DAY_MS,
    event: { n: quiet.has(day) ? 20 : 90 },
  }));
  const query = `select sum(n) as starts from plays window 1d
    having starts < 0.7 * holt_winters(starts, 0.2, 0, 0.2, 1w)`;
  const { rows, diagnostics } = await evaluateTimed(query, events);
  expect(diagnostics).toEqual([]);
  expect(rows).toEqual([
    {
      window_start: MONDAY_MS + 16 * DAY_MS,
      window_end: MONDAY_MS + 17 * DAY_MS,
      starts: 20,
    },
  ]);
});

test('a baseline of a day knows the night', async () => {
  const HOUR_MS = 3_600_000;
  const events = Array.from({ length: 72 }, (_, hour) => ({
    stream: 'plays',
    timeMs: hour * HOUR_MS,
    event: { n: hour % 24 < 6 ? 10 : hour === 60 ? 40 : 100 },
  }));
  const query = `select sum(n) as starts, round(deviation(sum(n)), 1) as d from plays window 1h
    having d <= -0.5`;
  const { rows } = await evaluateTimed(query, events);
  expect(rows.map((row) => Number(row['window_start']) / HOUR_MS)).toEqual([60]);
});
