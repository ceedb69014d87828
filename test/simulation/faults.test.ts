/**
 * Seeded schedules of agents, queries and faults against the naive oracle. `SEED=` replays one,
 * `RUNS=` widens. Invariants: windows come once and in order; a window that claims to be complete
 * equals the oracle's answer over everything that was accepted; the ledger closes; the watermark
 * never runs backwards; the answer does not depend on the number of shards.
 */
import { describe, expect, test } from 'vitest';
import type { ValueObject } from '../../src/model/value.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { runReference } from '../../src/reference/run.ts';
import type { ReferenceEvent } from '../../src/reference/run.ts';
import { ledgerView } from '../../src/coordinator/read-views.ts';
import type { RowsMessage } from '../../src/wire/results.ts';
import { play, SEEDS, SEEDS_TIMEOUT_MS } from '../support/fault-schedule.ts';
import type { Schedule } from '../support/fault-schedule.ts';
import { windowsOf } from '../support/told-windows.ts';
import type { Received } from '../support/world.ts';

const QUERIES = [
  'select count(*) as n from plays window 500ms',
  'select count(*) as n, sum(v) as s, min(v) as lo, max(v) as hi from plays window 1s group by region',
  "select count(*) as n, avg(v) as m from plays where region != 'eu' window 1s group by region, ok",
  'select p50(v) as p, count(distinct k) as d from plays window 1s',
  'select first(v) as a, last(v) as z, count(v) filter (where ok) as n from plays window 1s group by region',
  'select count(*) as n from plays window 2s slide 500ms group by k',
  'select count(*) as n from plays window 900ms slide 600ms group by k',
  'select sum(v) as n from plays window 400ms slide 900ms group by k',
  'select v, region from plays where v > 80 window 1s order by v desc, region limit 5',
];

function rowsOf(window: RowsMessage): string[] {
  return window.rows.map((row) => {
    const { window_start, window_end, ...rest } = row;
    expect([window_start, window_end]).toEqual([window.windowStart, window.windowEnd]);
    return JSON.stringify(rest);
  });
}

/** Windows of the oracle by their end; rows without the order that only ORDER BY fixes. */
function expectedWindows(query: string, accepted: readonly ReferenceEvent[]) {
  const { plan } = planQuery(query, { mode: 'live' });
  const { windows } = runReference(plan!, [...accepted], { nowMs: 0 });
  return new Map(windows.map((window) => [window.windowEnd, window.rows]));
}

function expectOrderly(received: readonly Received[]): void {
  const ends = windowsOf(received).map((window) => window.windowEnd!);
  for (let i = 1; i < ends.length; i++) {
    expect(ends[i]! - ends[i - 1]!, 'windows come once, in order and without holes').toBe(
      ends[1]! - ends[0]!,
    );
  }
  let watermark = 0;
  for (const { message } of received) {
    if (message.type !== 'progress') continue;
    // No live agent is 0: nothing is known, which is not a step back.
    if (message.watermark === 0) continue;
    expect(message.watermark).toBeGreaterThanOrEqual(watermark);
    watermark = message.watermark;
  }
}

/** Zero rows of remembered groups may or may not be there: neither side has to know every group. */
function withoutZeros(rows: readonly string[]): string[] {
  return rows.filter((row) => !/"n":0[,}]/.test(row) || !/"(region|k)":/.test(row)).sort();
}

/** Quantiles are exact up to 256 values and within 1 % beyond. */
function expectWithinSketchError(window: RowsMessage, rows: readonly ValueObject[]): void {
  const [actual] = window.rows;
  const [wanted] = rows;
  expect(actual!['d']).toBe(wanted!['d']);
  const [p, q] = [actual!['p'], wanted!['p']];
  if (p === null || q === null) expect(p).toBe(q);
  else expect(Math.abs(Number(p) - Number(q))).toBeLessThanOrEqual(0.01 * Math.abs(Number(q)));
}

function expectCompleteWindowsRight(query: string, { received, accepted }: Schedule): number {
  const expected = expectedWindows(query, accepted);
  const isOrdered = query.includes('order by');
  let checked = 0;
  for (const window of windowsOf(received)) {
    if (window.completeness.status !== 'complete') continue;
    const rows = (expected.get(window.windowEnd) ?? []).map((row) => JSON.stringify(row));
    if (!expected.has(window.windowEnd)) {
      expect(window.completeness.events.matched).toBe(0);
      continue;
    }
    if (query.includes(' as p,')) expectWithinSketchError(window, expected.get(window.windowEnd)!);
    else if (isOrdered) expect(rowsOf(window)).toEqual(rows);
    else expect(withoutZeros(rowsOf(window))).toEqual(withoutZeros(rows));
    checked++;
  }
  return checked;
}

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
          expectOrderly(run.received);
          checked += expectCompleteWindowsRight(query, run);
          const ledger = ledgerView(run.world.engine);
          expect(ledger.closes, JSON.stringify(ledger)).toBe(true);
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
