import { describe, expect, test } from 'vitest';
import { DistinctSketch, EXACT_TEXTS_MAX } from '../../../src/sketch/distinct.ts';
import { HyperLogLog } from '../../../src/sketch/hyper-log-log.ts';
import { TopKSketch } from '../../../src/sketch/top-k.ts';

describe('distinct', () => {
  test('is exact up to the limit and says so', () => {
    const sketch = new DistinctSketch();
    for (let i = 0; i < 3 * EXACT_TEXTS_MAX; i++) sketch.add(`v${i % EXACT_TEXTS_MAX}`);
    expect([sketch.count(), sketch.exact]).toEqual([EXACT_TEXTS_MAX, true]);
    sketch.add('one more');
    expect(sketch.exact).toBe(false);
  });

  test.each([300, 1_000, 5_000, 20_000, 200_000])('%d values are within four errors', (count) => {
    const sketch = new DistinctSketch();
    for (let i = 0; i < count; i++) sketch.add(`user-${i}`);
    expect(Math.abs(sketch.count() - count) / count).toBeLessThan(4 * 0.0163);
  });

  test('an empty HyperLogLog estimates nothing', () => {
    expect(new HyperLogLog().estimate()).toBe(0);
  });
});

describe('top-k', () => {
  test('is exact while it has room', () => {
    const sketch = new TopKSketch(3);
    for (const text of ['a', 'b', 'b', 'c', 'c', 'c']) sketch.add(text);
    expect(sketch.frequencies()).toEqual([
      { text: 'c', count: 3, error: 0 },
      { text: 'b', count: 2, error: 0 },
      { text: 'a', count: 1, error: 0 },
    ]);
  });

  test('keeps heavy hitters among many, within the error it states', () => {
    const sketch = new TopKSketch(50);
    for (let i = 0; i < 20_000; i++) sketch.add(i % 4 === 0 ? 'heavy' : `light-${i}`);
    const [first] = sketch.frequencies();
    expect(first!.text).toBe('heavy');
    expect(first!.count).toBeGreaterThanOrEqual(5_000);
    expect(first!.count - first!.error).toBeLessThanOrEqual(5_000);
  });
});
