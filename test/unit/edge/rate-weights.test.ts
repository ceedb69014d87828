/** Weights of events drawn at a bounded rate: never too many, right on average, whole when few. */
import { describe, expect, test } from 'vitest';
import { RateWeights } from '../../../src/edge/rate-weights.ts';
import { javaStringHash } from '../../../src/edge/sample-hash.ts';
import type { RateSample } from '../../../src/ir/plan.ts';
import { sampled } from '../../../src/reference/reference-sample.ts';

/** Event times of seconds with so many events each. */
function timesOf(seconds: readonly number[]): number[] {
  return seconds.flatMap((count, second) =>
    Array.from({ length: count }, (_, i) => second * 1_000 + Math.floor((i * 1_000) / count)),
  );
}

const PROFILES: readonly { name: string; perSecond: number; seconds: readonly number[] }[] = [
  { name: 'steady', perSecond: 20, seconds: [200, 200, 200, 200] },
  { name: 'a surge', perSecond: 20, seconds: [30, 30, 600, 30] },
  { name: 'silence, then many', perSecond: 10, seconds: [0, 0, 300] },
  { name: 'one a second', perSecond: 1, seconds: [7, 40, 3, 90] },
  { name: 'falling', perSecond: 50, seconds: [900, 300, 100, 30, 9] },
];

describe.each(PROFILES)('$name', ({ perSecond, seconds }) => {
  const times = timesOf(seconds);

  test('takes no more than asked for in any second', () => {
    for (let seed = 0; seed < 200; seed++) {
      const weights = new RateWeights(perSecond, seed);
      const taken = seconds.map(() => 0);
      for (const at of times) if (weights.weigh(at) > 0) taken[Math.floor(at / 1_000)]!++;
      for (const count of taken) expect(count).toBeLessThanOrEqual(perSecond);
    }
  });

  test('what is taken stands for what was offered, on average', () => {
    const RUNS = 3_000;
    const sums = seconds.map(() => 0);
    const squares = seconds.map(() => 0);
    for (let run = 0; run < RUNS; run++) {
      const weights = new RateWeights(perSecond, javaStringHash(`agent-${run}`));
      const own = seconds.map(() => 0);
      for (const at of times) own[Math.floor(at / 1_000)]! += weights.weigh(at);
      own.forEach((sum, i) => {
        sums[i]! += sum;
        squares[i]! += sum * sum;
      });
    }
    seconds.forEach((count, i) => {
      const mean = sums[i]! / RUNS;
      const sigma = Math.sqrt(Math.max(0, squares[i]! / RUNS - mean * mean) / RUNS);
      expect(Math.abs(mean - count)).toBeLessThanOrEqual(5 * sigma + 1e-9);
    });
  });

  test('an agent draws as the reference does', () => {
    const sample: RateSample = { kind: 'rps', perSecond, share: perSecond, extrapolate: true };
    for (const agentId of ['web-1', 'web-2', '']) {
      const weights = new RateWeights(perSecond, javaStringHash(agentId));
      const own = times.map((at) => weights.weigh(at)).filter((weight) => weight > 0);
      const events = times.map((timeMs) => ({ event: {}, timeMs, agentId }));
      const told = sampled(sample, events).map(({ weight }) => Number(weight));
      expect(own.length).toBe(told.length);
      own.forEach((weight, i) => expect(weight).toBeCloseTo(told[i]!, 9));
    }
  });
});

test('seconds of half the quota and less are taken whole, each event for itself', () => {
  const weights = new RateWeights(10, 7);
  for (const at of timesOf([5, 5, 1, 0, 5, 3])) expect(weights.weigh(at)).toBe(1);
});

test('seconds may come mixed; those long gone are left out', () => {
  const weights = new RateWeights(10, 7);
  for (const at of [1_000, 0, 1_500, 500]) expect(weights.weigh(at)).toBe(1);
  expect(weights.weigh(64_000)).toBe(1);
  expect(weights.weigh(0)).toBe(0);
  expect(weights.weigh(-1)).toBe(1);
});
