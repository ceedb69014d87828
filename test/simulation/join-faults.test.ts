/**
 * Joins of streams under seeded faults of agents, networks and shards, the home shard among them:
 * a window that claims to be complete equals the naive join, no pair is told twice, and what is
 * missing is said.
 */
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../src/config.ts';
import { ledgerView } from '../../src/coordinator/read-views.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { runReference } from '../../src/reference/run.ts';
import type { RowsMessage } from '../../src/wire/results.ts';
import { play, SEEDS, SEEDS_TIMEOUT_MS } from '../support/fault-schedule.ts';
import type { Schedule } from '../support/fault-schedule.ts';
import { windowsOf } from '../support/told-windows.ts';

const PAIR = "concat(p.id, '+', x.id)";
const QUERIES = [
  `select count(*) as n, list(${PAIR}) as pairs from plays p join errors x within 100ms on p.k = x.k window 500ms`,
  `select count(*) as n, list(${PAIR}) as pairs from plays p join errors x within 300ms on p.k = x.k and p.v < x.v window 400ms`,
  `select count(*) as n, list(${PAIR}) as pairs from plays p join plays x within 80ms on p.k = x.k and p.id != x.id window 500ms`,
  `select count(*) as n, list(${PAIR}) as pairs from plays p join errors x within 20ms on k join errors y within 20ms on x.k = y.k and y.v > 50 window 500ms`,
  'select count(*) as n, list(p.id) as pairs from plays p left join errors x within 50ms on k where x.id is null window 500ms',
] as const;
/** Its pairs of rows are met by a third row, so a pair may be there more than once. */
const THREE_WAY = QUERIES[3];
/** The naive join is slow. */
const SOME_SEEDS = SEEDS.slice(0, Math.ceil(SEEDS.length / 5));

interface Tally {
  /** Windows compared with the oracle, and rows in them. */
  complete: number;
  pairs: number;
  /** Windows that differ from the oracle's and said so. */
  damaged: number;
}

function pairsOf({ rows }: Pick<RowsMessage, 'rows'>): string[] {
  return rows.flatMap((row) => (row['pairs'] ?? []) as string[]).toSorted();
}

function countOf({ rows }: Pick<RowsMessage, 'rows'>): number {
  return rows.reduce((sum, row) => sum + Number(row['n']), 0);
}

/** What is in the first list more often than in the second. */
function without(list: readonly string[], other: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const one of other) counts.set(one, (counts.get(one) ?? 0) + 1);
  return list.filter((one) => {
    const left = counts.get(one) ?? 0;
    counts.set(one, left - 1);
    return left <= 0;
  });
}

function check(query: string, { accepted, received, world }: Schedule, tally: Tally): void {
  const { plan } = planQuery(query, { mode: 'live' });
  const { windows } = runReference(plan!, [...accepted], { nowMs: 0 });
  const expected = new Map(windows.map(({ rows, windowEnd }) => [windowEnd, pairsOf({ rows })]));
  const everything = new Set([...expected.values()].flat());
  const told = windowsOf(received);
  for (const window of told) {
    const pairs = pairsOf(window);
    const right = expected.get(window.windowEnd) ?? [];
    const { reasons, status } = window.completeness;
    if (status !== 'complete') {
      if (pairs.length !== right.length) tally.damaged++;
      expect(reasons.length).toBeGreaterThan(0);
      continue;
    }
    // LIST keeps so many values and no more; COUNT counts all.
    const isCut = right.length > DEFAULTS.listValuesMax;
    const missing = isCut ? [] : without(right, pairs);
    const difference = { n: countOf(window), missing, extra: without(pairs, right) };
    const same = { n: right.length, missing: [], extra: [] };
    expect(difference, `window ${window.windowEnd}`).toEqual(same);
    tally.complete++;
    tally.pairs += pairs.length;
  }
  const all = told.flatMap((window) => pairsOf(window));
  if (query !== THREE_WAY) expect(new Set(all).size, 'no pair twice').toBe(all.length);
  // A row of a LEFT JOIN may seem to have met nothing where what it met was lost.
  if (!query.includes('left'))
    for (const pair of all) expect(everything.has(pair), pair).toBe(true);
  const ledger = ledgerView(world.engine);
  expect(ledger.closes, JSON.stringify(ledger)).toBe(true);
}

test.each([
  { name: 'without faults', withFaults: false },
  { name: 'with faults', withFaults: true },
])(
  'joins $name',
  ({ withFaults }) => {
    const tally: Tally = { complete: 0, pairs: 0, damaged: 0 };
    for (const seed of SOME_SEEDS) {
      const query = QUERIES[seed % QUERIES.length]!;
      const shards = 1 + (seed % 4);
      const conditions = {
        ...{ withFaults, isRough: true, carriesTime: true },
        streams: ['plays', 'errors'],
      };
      try {
        check(query, play(seed, query, shards, conditions), tally);
      } catch (error) {
        throw new Error(`SEED=${seed} (${shards} shards, ${query}): ${String(error)}`, {
          cause: error,
        });
      }
    }
    expect(tally.complete).toBeGreaterThan(SOME_SEEDS.length);
    expect(tally.pairs).toBeGreaterThan(SOME_SEEDS.length);
    if (withFaults) expect(tally.damaged).toBeGreaterThan(0);
    else expect(tally.damaged).toBeLessThan(SOME_SEEDS.length * 3);
  },
  SEEDS_TIMEOUT_MS,
);
