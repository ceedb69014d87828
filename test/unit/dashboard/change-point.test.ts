/**
 * Steps in a line: found when they are there, at their place, and not made out of noise or tides.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findStep } from '../../../dashboard/change-point.ts';
import { createRng } from '../../../src/core/rng.ts';
import type { Rng } from '../../../src/core/rng.ts';

/** Statements about chance are tried on the same draws every time. */
const CHANCE = { seed: 20_261_128 };

/** About Poisson's spread around a mean. */
function noisy(rng: Rng, mean: number): number {
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += rng.next();
  return Math.max(0, Math.round(mean + (sum - 6) * Math.sqrt(mean)));
}

function level(rng: Rng, mean: number, count: number): number[] {
  return Array.from({ length: count }, () => noisy(rng, mean));
}

describe('a step', () => {
  test('of a fall by two fifths is found at its place from any seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 12, max: 80 }), (seed, before) => {
        const rng = createRng(seed);
        const step = findStep([...level(rng, 120, before), ...level(rng, 70, 12)]);
        return step !== null && Math.abs(step.at - before) <= 1 && step.after < step.before;
      }),
      CHANCE,
    );
  });

  test('is not made of noise', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 4, max: 180 }), (seed, count) => {
        return findStep(level(createRng(seed), 40, count)) === null;
      }),
      CHANCE,
    );
  });

  test.each([
    { name: 'a slow tide', values: Array.from({ length: 180 }, (_, i) => 100 + i) },
    { name: 'a wave', values: Array.from({ length: 180 }, (_, i) => 100 + 60 * Math.sin(i / 30)) },
    { name: 'nothing', values: [] },
    { name: 'holes', values: Array.from({ length: 50 }, () => Number.NaN) },
    { name: 'one level', values: Array.from({ length: 50 }, () => 7) },
    { name: 'zeros', values: Array.from({ length: 50 }, () => 0) },
    { name: 'a step too small to matter', values: [...Array(20).fill(100), ...Array(20).fill(90)] },
  ])('$name has none', ({ values }) => {
    expect(findStep(values)).toBeNull();
  });

  test('holes keep their places', () => {
    const values = [
      ...Array<number>(10).fill(50),
      Number.NaN,
      Number.NaN,
      ...Array<number>(6).fill(5),
    ];
    expect(findStep(values)).toEqual({ at: 12, before: 50, after: 5 });
  });

  test('begins from zero, and ends at zero', () => {
    expect(findStep([...Array<number>(10).fill(0), ...Array<number>(6).fill(9)])?.at).toBe(10);
    expect(findStep([...Array<number>(10).fill(9), ...Array<number>(6).fill(0)])?.at).toBe(10);
  });
});
