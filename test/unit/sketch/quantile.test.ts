import { describe, expect, test } from 'vitest';
import {
  EXACT_VALUES_MAX,
  QUANTILE_RELATIVE_ERROR_MAX,
  QuantileSketch,
} from '../../../src/sketch/quantile.ts';

function sketchOf(values: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

function range(count: number, at: (i: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => at(i));
}

describe('few values', () => {
  test('are answered exactly up to the limit', () => {
    const sketch = sketchOf(range(EXACT_VALUES_MAX, (i) => i * 1.001));
    expect(sketch.exact).toBe(true);
    expect(sketch.quantile(0.5)).toBe(128 * 1.001);
    sketch.add(1);
    expect(sketch.exact).toBe(false);
  });

  test('none give null', () => {
    expect(new QuantileSketch().quantile(0.5)).toBeNull();
  });
});

describe('many values', () => {
  test.each([
    { name: 'positive', values: range(10_000, (i) => 0.001 * 1.002 ** i) },
    { name: 'negative', values: range(10_000, (i) => -0.001 * 1.002 ** i) },
    { name: 'both signs', values: range(10_000, (i) => (i - 5_000) / 7) },
    {
      name: 'huge and tiny',
      values: range(10_000, (i) => (i % 2 === 0 ? 1e300 : 1e-300) * (i + 1)),
    },
  ])('$name stay within the stated error', ({ values }) => {
    const sketch = sketchOf(values);
    const sorted = values.toSorted((a, b) => a - b);
    for (const q of [0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999]) {
      const truth = sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length))]!;
      const error = Math.abs(sketch.quantile(q)! - truth);
      expect(error).toBeLessThanOrEqual(Math.abs(truth) * QUANTILE_RELATIVE_ERROR_MAX);
    }
  });

  test('zeros are zero, of either sign', () => {
    expect(sketchOf(range(1_000, (i) => (i % 2 === 0 ? 0 : -0))).quantile(0.5)).toBe(0);
  });

  test('one value only is that value, and the largest is exact', () => {
    expect(sketchOf(range(1_000, () => 3.3)).quantile(0.5)).toBe(3.3);
    expect(sketchOf(range(1_000, (i) => i + 0.123)).quantile(0.9999)).toBe(999.123);
  });

  test('a vector adds what its values add one by one, and leaves NaN out', () => {
    const values = range(5_000, (i) =>
      i % 7 === 0 ? Number.NaN : Math.sin(i) * 1.01 ** (i % 900),
    );
    const vector = Float64Array.from(values);
    const sketch = new QuantileSketch();
    sketch.addVector(vector, new Uint32Array(vector.buffer), 0, vector.length);
    const numbers = values.filter((value) => !Number.isNaN(value));
    const oneByOne = sketchOf(numbers);
    expect([sketch.count, sketch.min, sketch.max]).toEqual([
      numbers.length,
      Math.min(...numbers),
      Math.max(...numbers),
    ]);
    expect(sketch.bucketCount).toBe(oneByOne.bucketCount);
    for (const q of [0.01, 0.5, 0.99]) expect(sketch.quantile(q)).toBe(oneByOne.quantile(q));
  });
});
