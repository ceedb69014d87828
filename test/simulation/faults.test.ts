/**
 * Seeded schedules of agents, queries and faults against the naive oracle. `SEED=` replays one,
 * `RUNS=` widens. Invariants: windows come once and in order; a window that claims to be complete
 * equals the oracle's answer over everything that was accepted; the ledger closes; the watermark
 * never runs backwards; the answer does not depend on the number of shards.
 */
import { describe, expect, test } from 'vitest';
import { expectHeld, QUERIES, rowsOf } from '../support/fault-invariants.ts';
import { play, SEEDS, SEEDS_TIMEOUT_MS } from '../support/fault-schedule.ts';
import { windowsOf } from '../support/told-windows.ts';

describe.each([
  { name: 'without faults', withFaults: false },
  { name: 'with faults', withFaults: true },
])('$name', ({ withFaults }) => {
  test(
    `complete windows equal the oracle (${SEEDS.length} seeds)`,
    () => {
      let checked = 0;
      for (const seed of SEEDS) {
        const query = QUERIES[seed % QUERIES.length]!;
        const shards = 1 + (seed % 3);
        const run = play(seed, query, shards, { withFaults, isRough: true });
        try {
          checked += expectHeld(query, run);
        } catch (error) {
          throw new Error(`SEED=${seed} (${shards} shards, ${query}): ${String(error)}`, {
            cause: error,
          });
        }
      }
      expect(checked).toBeGreaterThan(SEEDS.length);
    },
    SEEDS_TIMEOUT_MS,
  );
});

test('the number of shards changes no answer', () => {
  for (const seed of SEEDS.slice(0, 40)) {
    const query = QUERIES[seed % QUERIES.length]!;
    const answers = [1, 4].map((shards) => {
      const { received } = play(seed, query, shards, { withFaults: false, isRough: false });
      return windowsOf(received)
        .filter((window) => window.completeness.status === 'complete')
        .map((window) => [window.windowEnd, rowsOf(window)]);
    });
    expect(answers[1], `SEED=${seed} ${query}`).toEqual(answers[0]);
  }
});
