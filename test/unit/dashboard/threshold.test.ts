/** The chart of a backtest: where numbers stand, and what moving the threshold writes. */
import { describe, expect, test } from 'vitest';
import {
  outlineOf,
  placeOf,
  rounded,
  scaleOf,
  sweepOf,
  valueAt,
} from '../../../dashboard/alerts/threshold-scale.ts';
import { withThreshold } from '../../../dashboard/alerts/threshold-text.ts';
import type { ChartPoint } from '../../../src/alert/backtest-chart.ts';

function chartOf(values: readonly number[]) {
  const points = values.map((value, i): ChartPoint => [i * 1_000, value, value]);
  return { column: 'n', omitted: 0, lines: [{ key: '{}', points }] };
}

describe('the scale', () => {
  test('holds all values and the threshold, and begins at 0 where nothing is below', () => {
    const scale = scaleOf(chartOf([20, 90]), 10);
    expect(scale.low).toBe(0);
    expect(scale.high).toBeGreaterThan(90);
    expect(placeOf(scale.high, scale)).toBe(0);
    expect(placeOf(0, scale)).toBe(1);
    expect(scaleOf(chartOf([-5, 90]), null).low).toBeLessThan(-5);
    expect(scaleOf(chartOf([]), null)).toEqual({ low: 0, high: 1, step: 0.01 });
  });

  test('gives numbers that people would write', () => {
    expect(rounded(12.3456, { step: 0.1 })).toBe(12.3);
    expect(rounded(1_234, { step: 10 })).toBe(1_230);
    const scale = scaleOf(chartOf([0, 100]), 50);
    expect(valueAt(placeOf(70, scale), scale)).toBe(70);
    expect(valueAt(-3, scale)).toBe(rounded(scale.high, scale));
  });

  test('sweeps over the whole height, the threshold among it, ascending', () => {
    const scale = scaleOf(chartOf([0, 100]), 12.5);
    const sweep = sweepOf(scale, 12.5);
    expect(sweep).toContain(12.5);
    expect(sweep.length).toBeLessThanOrEqual(12);
    expect(sweep).toEqual(sweep.toSorted((a, b) => a - b));
  });
});

test('a hole in time parts the outline', () => {
  const points: ChartPoint[] = [0, 1, 2, 3, 40, 41].map((s) => [s * 1_000, 5, 6]);
  const scale = { low: 0, high: 10, step: 0.1 };
  const outline = outlineOf({ key: '{}', points }, scale, { fromMs: 0, toMs: 41_000 });
  expect(outline.match(/M/g)).toHaveLength(2);
  expect(outline).toMatch(/^M0\.0 80\.0L/);
});

describe('another threshold', () => {
  const threshold = { value: 12, start: 6, end: 8, column: 'sps' };

  test.each([
    ['when: sps < 12', 'when: sps < 7.5'],
    ['when: sps < 12 and n > 12', 'when: sps < 7.5 and n > 12'],
    ['when: sps < 130.5 and n > 12', 'when: sps < 7.5 and n > 12'],
    ["  when: 'sps < 12'", "  when: 'sps < 7.5'"],
    ['  - when: "sps < 12"', '  - when: "sps < 7.5"'],
  ])('is written in the place of the first: %s', (line, changed) => {
    const text = `name: a\nquery: select 12\n${line}\nfor: 12s\n`;
    expect(withThreshold(text, threshold, 7.5)).toBe(text.replace(line, changed));
  });

  test.each(['when: |\n  sps < 12', 'when: sps  < 12', 'for: 12s'])(
    'is not written where its place cannot be told: %j',
    (text) => {
      expect(withThreshold(text, threshold, 7.5)).toBeNull();
    },
  );
});
