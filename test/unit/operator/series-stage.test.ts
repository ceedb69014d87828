/** The series stage alone: memory and its bound, and what is shared. */
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import { seriesFacts, SeriesStageRun } from '../../../src/operator/series-stage.ts';
import type { SeriesLook } from '../../../src/operator/series-stage.ts';
import type { QueryPlan, SeriesStage } from '../../../src/ir/plan.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';

const FIRST: SeriesLook = { telling: 'first', teaches: true };

/** Rows are [group, value]; the last slot is the window before. */
const PREVIOUS: SeriesStage = {
  groupBy: [{ op: 'slot', index: 0 }],
  functions: [{ name: 'previous', arg: { op: 'slot', index: 1 }, parameters: [] }],
};

function stageOf(bytesMax: number): SeriesStageRun {
  return new SeriesStageRun(PREVIOUS, { slots: 2, slideMs: 1_000, bytesMax, amendable: true });
}

function previousOf(
  run: SeriesStageRun,
  number: number,
  groups: Readonly<Record<string, number>>,
  look = FIRST,
): Readonly<Record<string, unknown>> {
  const rows = run.extend(Object.entries(groups), { number, startMs: number * 1_000 }, look);
  return Object.fromEntries(rows.map(([group, , before]) => [String(group), before]));
}

test('beyond its bytes it forgets the group seen longest ago, counted, and no group of this window', () => {
  const run = stageOf(3 * 256);
  expect(previousOf(run, 1, { a: 1, b: 2 })).toEqual({ a: null, b: null });
  expect(previousOf(run, 2, { b: 3, c: 4 })).toEqual({ b: 2, c: null });
  expect(run.evicted).toBe(0);
  // Four groups and room for three: `a` was seen longest ago.
  expect(previousOf(run, 3, { b: 5, c: 6, d: 7 })).toEqual({ b: 3, c: 4, d: null });
  expect(run.evicted).toBe(1);
  expect(run.bytes).toBeLessThanOrEqual(3 * 256);
  expect(previousOf(run, 4, { a: 1, b: 8, c: 9, d: 10 })).toEqual({ a: null, b: 5, c: 6, d: 7 });
  expect(previousOf(run, 5, { a: 1, b: 0, c: 0, d: 0 })).toEqual({ a: null, b: 8, c: 9, d: 10 });
  expect(run.evicted).toBe(3);
});

test('what is not to be learnt from leaves no trace', () => {
  const run = stageOf(1_000_000);
  previousOf(run, 1, { a: 1 });
  previousOf(run, 2, { a: 9 }, { telling: 'open', teaches: true });
  previousOf(run, 2, { a: 9, b: 9 }, { telling: 'first', teaches: false });
  expect(previousOf(run, 2, { a: 5, b: 1 })).toEqual({ a: 1, b: null });
});

test('a revision is given up with what was expected of its window, when that is settled', () => {
  const run = stageOf(1_000_000);
  const again: SeriesLook = { telling: 'again', teaches: false };
  previousOf(run, 1, { a: 1 });
  previousOf(run, 2, { a: 2 });
  previousOf(run, 3, { a: 3 });
  expect(previousOf(run, 2, { a: 7 }, again)).toEqual({ a: 1 });
  run.settled(3);
  expect(previousOf(run, 2, { a: 7 }, again)).toEqual({ a: null });
  expect(previousOf(run, 3, { a: 7 }, again)).toEqual({ a: 2 });
});

test('functions of one model and argument share one memory', () => {
  const bytes = (list: string): number => {
    const plan = planQuery(`select ${list} from plays window 10s`).plan as QueryPlan;
    return seriesFacts(plan, plan.series!, DEFAULTS).bytesOfGroup;
  };
  const one = bytes('baseline(count(*))');
  expect(bytes('baseline(count(*)), baseline_low(count(*)), deviation(count(*), 1d)')).toBe(one);
  expect(bytes('baseline(count(*)), deviation(count(*), 1w)')).toBeGreaterThan(2 * one);
});
