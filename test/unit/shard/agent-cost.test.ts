/** What an agent says that queries cost it, as a share of a core. */
import { describe, expect, test } from 'vitest';
import { AgentCost } from '../../../src/shard/agent-cost.ts';

/** The share after beats of [sentAtMs, busyMs]. */
function percentAfter(...beats: readonly (readonly [number, number | null])[]): number | null {
  const cost = new AgentCost();
  for (const [sentAtMs, busyMs] of beats) cost.told(sentAtMs, busyMs);
  return cost.percent;
}

describe('the cost of an agent', () => {
  test.each([
    { name: 'is not known before it was told twice', beats: [[0, 5]], percent: null },
    {
      name: 'is what was spent between two beats',
      beats: [
        [0, 5],
        [2_000, 25],
      ],
      percent: 1,
    },
    {
      name: 'is of a second at least: beats at window ends come close together',
      beats: [
        [0, 0],
        [1_000, 10],
        [1_010, 19],
        [2_000, 40],
      ],
      percent: 3,
    },
    {
      name: 'is nothing while nothing is done',
      beats: [
        [0, 7],
        [1_000, 7],
      ],
      percent: 0,
    },
    {
      name: 'is never less than nothing',
      beats: [
        [0, 7],
        [1_000, 6],
      ],
      percent: 0,
    },
    {
      name: 'is one core at most',
      beats: [
        [0, 0],
        [1_000, 9_000],
      ],
      percent: 100,
    },
    {
      name: 'begins anew with a clock that was set back',
      beats: [
        [9_000, 5],
        [100, 9],
      ],
      percent: null,
    },
    {
      name: 'is not known of an agent that no longer tells',
      beats: [
        [0, 0],
        [1_000, 9],
        [2_000, null],
      ],
      percent: null,
    },
  ] as const)('$name', ({ beats, percent }) => {
    const told = percentAfter(...(beats as readonly (readonly [number, number | null])[]));
    if (percent === null) expect(told).toBeNull();
    else expect(told).toBeCloseTo(percent);
  });
});
