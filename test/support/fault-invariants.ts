/**
 * What must hold of what a client was told, whatever went wrong on the way: windows come once and
 * in order, watermarks do not go back, and a window that claims to be complete equals the naive
 * oracle's answer over everything that was accepted.
 */
import { expect } from 'vitest';
import { ledgerView } from '../../src/coordinator/read-views.ts';
import type { ValueObject } from '../../src/model/value.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { runReference } from '../../src/reference/run.ts';
import type { ReferenceEvent } from '../../src/reference/run.ts';
import type { RowsMessage } from '../../src/wire/results.ts';
import type { Schedule } from './fault-schedule.ts';
import { windowsOf } from './told-windows.ts';
import type { Received } from './world.ts';

export const QUERIES: readonly string[] = [
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

export function rowsOf(window: RowsMessage): string[] {
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

/** All of it; gives how many windows could be compared. */
export function expectHeld(query: string, run: Schedule): number {
  expectOrderly(run.received);
  const checked = expectCompleteWindowsRight(query, run);
  const ledger = ledgerView(run.world.engine);
  expect(ledger.closes, JSON.stringify(ledger)).toBe(true);
  return checked;
}
