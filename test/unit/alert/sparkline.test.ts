import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { sparklinePng } from '../../../src/alert/receivers/sparkline-png.ts';
import { sparklineText } from '../../../src/alert/receivers/sparkline.ts';
import { assert } from '../../../src/core/assert.ts';

const points = (...values: readonly (number | null)[]) =>
  values.map((value, index) => ({ atMs: index, value }));

test.each<[readonly (number | null)[], string]>([
  [[0, 1, 2, 3, 4, 5, 6, 7], '▁▂▃▄▅▆▇█'],
  [[5, 5, 5], '▄▄▄'],
  [[1, null, 0], '█·▁'],
  [[null, null], ''],
  [[], ''],
  [[-10, 10], '▁█'],
])('%j is drawn as %s', (values, text) => {
  expect(sparklineText(points(...values))).toBe(text);
});

test('only the last sixty windows are drawn', () => {
  const values = Array.from({ length: 100 }, (_, index) => (index < 40 ? 1_000 : index));
  const text = sparklineText(points(...values));
  expect(text).toHaveLength(60);
  expect(text.startsWith('▁')).toBe(true);
});

describe('the picture', () => {
  /** Dark pixels of each column, read back from the file. */
  function columns(png: Buffer): number[][] {
    expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
    const width = png.readUInt32BE(16);
    const height = png.readUInt32BE(20);
    const length = png.readUInt32BE(33);
    expect(png.subarray(37, 41).toString('latin1')).toBe('IDAT');
    const rows = inflateSync(png.subarray(41, 41 + length));
    expect(rows).toHaveLength((width + 1) * height);
    return Array.from({ length: width }, (_, x) =>
      [...Array(height).keys()].filter((y) => (rows[y * (width + 1) + 1 + x] ?? 255) < 128),
    );
  }

  test('rises with the value, and leaves gaps', () => {
    const png = sparklinePng(points(0, 1, null, null, 2, 3));
    assert(png !== null, () => 'no picture');
    const drawn = columns(png);
    const left = drawn.find((ys) => ys.length > 0)?.[0] ?? 0;
    const right = drawn.findLast((ys) => ys.length > 0)?.[0] ?? 0;
    expect(left).toBeGreaterThan(right);
    expect(drawn[120]).toEqual([]);
  });

  test('of one value is a dot in the middle', () => {
    const png = sparklinePng(points(7));
    assert(png !== null, () => 'no picture');
    expect(columns(png).flat()).toHaveLength(2);
  });

  test('of no number is none', () => {
    expect(sparklinePng(points(null))).toBeNull();
    expect(sparklinePng([])).toBeNull();
  });
});
