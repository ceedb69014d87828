import { describe, expect, test } from 'vitest';
import { LATENCY_BOUNDS_MS, LatencyRecorder } from '../../../src/observe/latency.ts';

function recorderOf(...values: readonly number[]): LatencyRecorder {
  const recorder = new LatencyRecorder();
  for (const value of values) recorder.record(value);
  return recorder;
}

describe('quantiles of the interval', () => {
  test('nothing recorded has no quantiles', () => {
    expect(new LatencyRecorder().quantileMs(0.5)).toBeNull();
    expect(new LatencyRecorder().summary()).toBeNull();
  });

  test('are within one per cent', () => {
    const recorder = recorderOf(...Array.from({ length: 1_000 }, (_, index) => index + 1));
    for (const q of [0.5, 0.9, 0.99, 0.999]) {
      const exact = q * 1_000;
      expect(Math.abs((recorder.quantileMs(q) ?? 0) - exact) / exact).toBeLessThanOrEqual(0.01);
    }
  });

  test('keep fractions of a millisecond', () => {
    expect(recorderOf(0.25).quantileMs(0.5)).toBeCloseTo(0.25, 2);
  });

  test('the summary names the usual ones', () => {
    const summary = recorderOf(1, 2, 3, 4).summary();
    expect(summary?.count).toBe(4);
    expect(summary?.p50Ms).toBeCloseTo(2, 1);
    expect(summary?.maxMs).toBeCloseTo(4, 1);
  });

  test('reset begins a new interval and leaves the cumulative counts', () => {
    const recorder = recorderOf(5, 6);
    recorder.reset();
    expect(recorder.summary()).toBeNull();
    recorder.record(1);
    expect(recorder.summary()?.count).toBe(1);
    expect(recorder.cumulative().count).toBe(3);
  });
});

describe('unsuitable values', () => {
  const cases = [
    { name: 'a negative value counts as zero', value: -3, count: 1, sumMs: 0 },
    { name: 'NaN is ignored', value: Number.NaN, count: 0, sumMs: 0 },
    { name: 'infinity is held at an hour', value: Infinity, count: 1, sumMs: 3_600_000 },
    { name: 'more than an hour is held at an hour', value: 1e12, count: 1, sumMs: 3_600_000 },
  ];
  test.each(cases)('$name', ({ value, count, sumMs }) => {
    const recorder = recorderOf(value);
    expect(recorder.cumulative()).toMatchObject({ count, sumMs });
    expect(recorder.summary()?.count ?? 0).toBe(count);
  });
});

describe('cumulative counts', () => {
  test('a bound holds what is at most as long', () => {
    const { counts } = recorderOf(1, 1.001, 10_000, 10_001).cumulative();
    const at = (bound: number): number | undefined => counts[LATENCY_BOUNDS_MS.indexOf(bound)];
    expect([at(0.5), at(1), at(2.5), at(10_000)]).toEqual([0, 1, 2, 3]);
  });

  test('never decrease from bound to bound', () => {
    const { counts, count } = recorderOf(0.01, 0.3, 7, 80, 900, 1e6).cumulative();
    expect([...counts].sort((a, b) => a - b)).toEqual(counts);
    expect(count).toBe(6);
  });
});
