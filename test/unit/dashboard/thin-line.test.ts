/** Lines are thinned to what a screen shows, and no spike is lost. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { thinLine, verticesMax } from '../../../dashboard/thin-line.ts';
import type { LinePoints, PixelScale } from '../../../dashboard/thin-line.ts';

/** A unit of time is a pixel, a unit of value too, upwards. */
const PLAIN: PixelScale = { time: 0, left: 0, perTime: 1, zero: 0, perValue: -1 };

function thinned(
  points: LinePoints,
  columnPx: number,
  scale = PLAIN,
): (readonly [number, number])[] {
  const into = new Float64Array(verticesMax(points.xs.length));
  const used = thinLine(points, scale, columnPx, into);
  expect(used).toBeLessThanOrEqual(into.length);
  return Array.from({ length: used / 2 }, (_, i) => [into[i * 2] ?? 0, into[i * 2 + 1] ?? 0]);
}

function line(ys: readonly number[], step = 1): LinePoints {
  return { xs: Float64Array.from(ys, (_, i) => i * step), ys: Float64Array.from(ys) };
}

const BREAK = [Number.NaN, Number.NaN] as const;

describe('a line', () => {
  test('whose points are further apart than a column keeps all of them', () => {
    expect(thinned(line([1, 5, 2], 10), 2)).toEqual([[0, -1], [10, -5], [20, -2], BREAK]);
  });

  test('keeps of a column the lowest and the highest, in the order in which they came', () => {
    const spike = thinned(line([3, 9, 1, 4, 5, 5, 5, 5]), 4);
    expect(spike.slice(0, 3)).toEqual([
      [0, -3],
      [1, -9],
      [2, -1],
    ]);
  });

  test('breaks at holes, and a value between two of them stands alone', () => {
    const points = line([1, Number.NaN, 2, Number.NaN, Number.NaN, 3, 4], 10);
    expect(thinned(points, 2)).toEqual([
      ...[[0, -1], BREAK, [20, -2], BREAK],
      ...[[50, -3], [60, -4], BREAK],
    ]);
  });

  test('without a value is nothing', () => {
    expect(thinned(line([Number.NaN, Number.NaN]), 2)).toEqual([]);
    expect(thinned(line([]), 2)).toEqual([]);
  });

  test('stands where its scale puts it', () => {
    const scale: PixelScale = { time: 1_000, left: 50, perTime: 2, zero: 300, perValue: -3 };
    const points = { xs: Float64Array.of(1_010), ys: Float64Array.of(20) };
    expect(thinned(points, 1, scale)).toEqual([[70, 240], BREAK]);
  });
});

describe('whatever the values are', () => {
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -50, max: 50 }) },
    { weight: 1, arbitrary: fc.constant(Number.NaN) },
  );
  const values = fc.array(value, { maxLength: 200 });
  const columns = fc.integer({ min: 1, max: 20 });

  test('every column has the least and the greatest of its points, and time goes on', () => {
    fc.assert(
      fc.property(values, columns, (ys, columnPx) => {
        const seen = thinned(line(ys), columnPx).filter(([x]) => !Number.isNaN(x));
        const xs = seen.map(([x]) => x);
        expect(xs).toEqual(xs.toSorted((a, b) => a - b));
        for (let from = 0; from < ys.length; from += columnPx) {
          const all = ys.slice(from, from + columnPx).filter((y) => !Number.isNaN(y));
          const kept = seen.filter(([x]) => x >= from && x < from + columnPx).map(([, y]) => 0 - y);
          if (all.length === 0) expect(kept).toEqual([]);
          else {
            expect(Math.min(...kept)).toBe(Math.min(...all));
            expect(Math.max(...kept)).toBe(Math.max(...all));
          }
        }
      }),
    );
  });

  test('all vertices are points, and each piece keeps its ends', () => {
    fc.assert(
      fc.property(values, columns, (ys, columnPx) => {
        const vertices = thinned(line(ys), columnPx);
        for (const [x, y] of vertices) if (!Number.isNaN(x)) expect(y).toBe(0 - (ys[x] ?? 0));
        const ends = ys.flatMap((y, i) => {
          const isEnd =
            Number.isNaN(ys[i - 1] ?? Number.NaN) || Number.isNaN(ys[i + 1] ?? Number.NaN);
          return !Number.isNaN(y) && isEnd ? [i] : [];
        });
        expect(vertices.map(([x]) => x)).toEqual(expect.arrayContaining(ends));
      }),
    );
  });

  test('there are at most two vertices a column, and two ends a piece', () => {
    fc.assert(
      fc.property(values, columns, (ys, columnPx) => {
        const vertices = thinned(line(ys), columnPx);
        const pieces = vertices.filter(([x]) => Number.isNaN(x)).length;
        const columnsSeen = Math.ceil(ys.length / columnPx);
        // A hole within a column makes it two.
        expect(vertices.length - pieces).toBeLessThanOrEqual(
          2 * (columnsSeen + pieces) + 2 * pieces,
        );
      }),
    );
  });
});
