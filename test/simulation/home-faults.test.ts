/**
 * Queries with a home stage under seeded faults of agents, networks and shards, the home shard
 * among them, and agents that move from shard to shard. What claims to be complete is right;
 * nothing is in two windows that do.
 */
import { expect, test } from 'vitest';
import { ledgerView } from '../../src/coordinator/read-views.ts';
import type { ValueObject } from '../../src/model/value.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { runReference } from '../../src/reference/run.ts';
import type { RowsMessage } from '../../src/wire/results.ts';
import { play, SEEDS, SEEDS_TIMEOUT_MS } from '../support/fault-schedule.ts';
import type { Schedule } from '../support/fault-schedule.ts';

const SESSIONS = [
  'select region, count(*) as n, sum(v) as s from plays window session 100ms group by region',
  'select count(*) as n, first(id) as a, last(id) as z from plays window session 30ms',
  'select k, id from plays where v > 20 window session 200ms group by k lateness 100ms',
];
/** Fewer than of queries without a home stage, which all of the engine is played with. */
const SOME_SEEDS = SEEDS.slice(0, Math.ceil(SEEDS.length / 3));
const COUNTS = 'select count(*) as n, list(id) as ids from plays where ok window |7|';

function toldBy({ received }: Schedule): RowsMessage[] {
  return received.map(({ message }) => message).filter((message) => message.type === 'rows');
}

function complete(told: readonly RowsMessage[]): readonly ValueObject[] {
  return told
    .filter(({ completeness }) => completeness.status === 'complete')
    .flatMap(({ rows }) => rows);
}

/** Plays all seeds, and names the one that fails. */
function onAllSeeds(queryOf: (seed: number) => string, check: (run: Schedule) => number): number {
  let checked = 0;
  for (const seed of SOME_SEEDS) {
    const query = queryOf(seed);
    const shards = 1 + (seed % 4);
    const run = play(seed, query, shards, {
      withFaults: seed % 3 !== 0,
      isRough: true,
      isUneven: seed % 5 === 0 && shards > 1,
      carriesTime: true,
    });
    try {
      checked += check(run);
      const ledger = ledgerView(run.world.engine);
      expect(ledger.closes, JSON.stringify(ledger)).toBe(true);
    } catch (error) {
      throw new Error(`SEED=${seed} (${shards} shards, ${query}): ${String(error)}`, {
        cause: error,
      });
    }
  }
  return checked;
}

test(
  'sessions that claim to be complete are those of the oracle',
  () => {
    const queryOf = (seed: number): string => SESSIONS[seed % SESSIONS.length]!;
    let seed = 0;
    const checked = onAllSeeds(
      (next) => queryOf((seed = next)),
      (run) => {
        const { plan } = planQuery(queryOf(seed), { mode: 'live' });
        const { windows } = runReference(plan!, [...run.accepted], { nowMs: 0 });
        const expected = new Set(
          windows.flatMap(({ rows, windowStart, windowEnd }) =>
            rows.map((row) =>
              JSON.stringify({ window_start: windowStart, window_end: windowEnd, ...row }),
            ),
          ),
        );
        const rows = complete(toldBy(run)).map((row) => JSON.stringify(row));
        for (const row of rows) expect(expected.has(row), row).toBe(true);
        return rows.length;
      },
    );
    expect(checked).toBeGreaterThan(SOME_SEEDS.length * 3);
  },
  SEEDS_TIMEOUT_MS,
);

test(
  'windows of a number of events that claim to be complete share no event',
  () => {
    const checked = onAllSeeds(
      () => COUNTS,
      (run) => {
        const told = toldBy(run);
        for (const row of told.flatMap(({ rows }) => rows)) expect(row['n']).toBe(7);
        const ids = complete(told).flatMap((row) => row['ids'] as string[]);
        expect(new Set(ids).size).toBe(ids.length);
        const accepted = new Set(run.accepted.map(({ event }) => event['id']));
        for (const id of ids) expect(accepted.has(id), id).toBe(true);
        return ids.length;
      },
    );
    expect(checked).toBeGreaterThan(SOME_SEEDS.length * 20);
  },
  SEEDS_TIMEOUT_MS,
);
