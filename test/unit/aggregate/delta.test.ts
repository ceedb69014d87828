/** DELTA over readings that several agents and shards report, in any order of arrival. */
import { describe, expect, test } from 'vitest';
import { DeltaAggregate, STRETCHES_MAX } from '../../../src/aggregate/delta.ts';
import type { Value } from '../../../src/model/value.ts';

type Reading = readonly [timeMs: number, value: Value];

function deltaOf(readings: readonly Reading[], agentId = 'a'): DeltaAggregate {
  const made = new DeltaAggregate();
  made.grow(1);
  for (const [timeMs, value] of readings) made.add(0, value, { timeMs, agentId, sequence: 1 });
  return made;
}

/** 0, 1, … with a restart every hundred readings. */
function counter(length: number): Reading[] {
  return Array.from({ length }, (_, i) => [i, i % 100]);
}

/** Each run of a hundred grows by 99; the 0 after a restart adds nothing. */
const grownBy = (length: number): number => 99 * Math.floor(length / 100);

describe('delta', () => {
  test('goes by event time and not by arrival', () => {
    const made = deltaOf([[3, 20], [1, 5], [2, 15]]); // prettier-ignore
    expect(made.result(0)).toBe(15);
  });

  test('interleaves the readings of several partials', () => {
    const merged = deltaOf([[1, 10], [3, 30]]); // prettier-ignore
    const other = deltaOf([[2, 20], [4, 5]]); // prettier-ignore
    merged.merge(structuredClone(other.encode(1)), Uint32Array.of(0));
    expect(merged.result(0)).toBe(25);
  });

  test.each([STRETCHES_MAX - 24, STRETCHES_MAX + 76, 20 * STRETCHES_MAX + 20])(
    'is exact over %i readings that come in order',
    (length) => {
      expect(deltaOf(counter(length)).result(0)).toBe(grownBy(length));
    },
  );

  test('is exact over many readings that come a little out of order', () => {
    const readings = counter(5_000);
    for (let i = 0; i + 50 < readings.length; i += 100) {
      const [one, other] = [readings[i]!, readings[i + 50]!];
      [readings[i], readings[i + 50]] = [other, one];
    }
    expect(deltaOf(readings).result(0)).toBe(grownBy(5_000));
  });

  test('keeps partials bounded, whatever is added', () => {
    const { stretches } = deltaOf(counter(100_000)).encode(1);
    expect(stretches[0]!.length).toBeLessThanOrEqual(STRETCHES_MAX);
  });

  test('of one reading is null until the next', () => {
    const made = deltaOf([[1, 7]]);
    expect(made.result(0)).toBeNull();
    made.add(0, 9, { timeMs: 2, agentId: 'b', sequence: 1 });
    expect(made.result(0)).toBe(2);
  });
});
