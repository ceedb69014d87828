/** So many events in each second of event time, however the seconds come mixed. */
import { describe, expect, test } from 'vitest';
import { RateQuota } from '../../../src/edge/rate-quota.ts';

function taken(quota: RateQuota, times: readonly number[]): number[] {
  return times.filter((timeMs) => quota.take(timeMs));
}

describe('a quota of events a second', () => {
  test('is for each second anew', () => {
    const times = [0, 1, 2, 999, 1_000, 1_001, 1_002, 5_000];
    expect(taken(new RateQuota(2), times)).toEqual([0, 1, 1_000, 1_001, 5_000]);
  });

  test('remembers seconds that come mixed', () => {
    const times = [1_000, 2_000, 1_001, 2_001, 1_002, 3_000, 1_003];
    expect(taken(new RateQuota(2), times)).toEqual([1_000, 2_000, 1_001, 2_001, 3_000]);
  });

  test('has nothing left for seconds that are long gone', () => {
    const quota = new RateQuota(2);
    expect(quota.take(64_000)).toBe(true);
    expect(quota.take(0)).toBe(false);
    expect(quota.take(64_001)).toBe(true);
  });

  test('takes times before 1970 as well', () => {
    expect(taken(new RateQuota(1), [-1, -2, -1_500])).toEqual([-1, -1_500]);
  });
});
