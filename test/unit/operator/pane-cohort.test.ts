/** What the law of cohorts meets too rarely: places that are given again, and bounds. */
import { describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import type { Config } from '../../../src/config.ts';
import type { Event } from '../../../src/model/value.ts';
import { cohortKey, PaneCohort } from '../../../src/operator/pane-cohort.ts';
import { aggregateSpec, call, field, literal, planOf, tumbling } from '../../support/hand-plans.ts';
import { namePath, TestConnection } from '../../support/batch-builder.ts';

/** Keyless, with states that are shared; `k` is what it asks for. */
function planFor(k: string, changes: Partial<Parameters<typeof planOf>[0]> = {}) {
  const where = call('eq', field('k'), literal(k));
  const aggregates = [aggregateSpec('count', null), aggregateSpec('sum', field('x'))];
  const plan = planOf({ where, aggregates, window: tumbling(1_000), ...changes });
  return { ...plan, source: { ...plan.source, fields: ['k', 'x'].map(namePath) } };
}

class Bench {
  readonly cohort: PaneCohort;
  readonly #connection = new TestConnection();

  constructor(changes: Partial<Config> = {}) {
    this.cohort = new PaneCohort(planFor('a'), configWith(changes));
  }

  add(timeMs: number, ...events: readonly Event[]): void {
    const times = events.map(() => timeMs);
    const batch = this.#connection.batch(events, { paths: ['k', 'x'].map(namePath), times });
    this.cohort.addBatch(batch, { nowMs: 0 });
  }
}

describe('a cohort', () => {
  test('is of queries that read the same fields in panes of one length, without a sample', () => {
    const key = cohortKey(planFor('a'));
    expect(cohortKey(planFor('b', { keys: [field('k')] }))).toBe(key);
    expect(cohortKey(planFor('a', { window: tumbling(2_000) }))).not.toBe(key);
    const plan = planFor('a');
    expect(cohortKey({ ...plan, source: { ...plan.source, allFields: true } })).not.toBe(key);
    const sample = {
      kind: 'random',
      threshold: 1,
      factor: 2,
      salt: '',
      extrapolate: false,
    } as const;
    expect(cohortKey({ ...plan, source: { ...plan.source, sample } })).toBeNull();
  });

  test('starts whoever comes anew, though the place of another is given again', () => {
    const bench = new Bench();
    const stays = bench.cohort.add(planFor('b'), 0);
    const leaves = bench.cohort.add(planFor('a'), 0);
    bench.add(100, { k: 'a', x: 5 }, { k: 'b', x: 7 });
    bench.cohort.remove(leaves);
    const comes = bench.cohort.add(planFor('a'), 0);
    expect(comes.peek(1_000)).toStrictEqual([]);
    bench.add(200, { k: 'a', x: 1 });
    expect(comes.closeThrough(1_000)).toMatchObject([{ seen: 1, matched: 1 }]);
    expect(stays.closeThrough(1_000)).toMatchObject([{ seen: 3, matched: 1 }]);
    // The pane is closed by all: nobody's states are in it any more.
    const later = bench.cohort.add(planFor('a'), 1_000);
    bench.add(1_100, { k: 'a', x: 2 }, { k: 'b', x: 2 });
    for (const table of [later, stays]) {
      expect(table.closeThrough(2_000)).toMatchObject([{ seen: 2, matched: 1 }]);
    }
  });

  test('counts what is late for those that have closed the pane, and for nobody else', () => {
    const bench = new Bench();
    const early = bench.cohort.add(planFor('a'), 0);
    const patient = bench.cohort.add(planFor('a', { keys: [field('k')] }), 0);
    early.closeThrough(1_000);
    bench.add(500, { k: 'a', x: 1 }, { k: 'c', x: 1 });
    expect(early.counts.late).toBe(2);
    expect(patient.counts.late).toBe(0);
    expect(patient.closeThrough(1_000)).toMatchObject([{ seen: 2, matched: 1 }]);
  });

  test.each([
    ['shared states', planFor('a')],
    ['a table of its own', planFor('a', { keys: [field('k')] })],
  ])('holds no more panes than allowed, and counts what it refuses: %s', (_what, plan) => {
    const bench = new Bench({ openPanesMax: 2 });
    const table = bench.cohort.add(plan, 0);
    for (const timeMs of [0, 1_000, 2_000, 3_000]) bench.add(timeMs, { k: 'a', x: 1 });
    expect(table.closeThrough(9_000).map(({ paneStartMs }) => paneStartMs)).toStrictEqual([
      0, 1_000,
    ]);
    expect(table.counts.dropped.panes).toBe(2);
    // Closed panes make room.
    bench.add(9_000, { k: 'a', x: 1 });
    expect(table.closeThrough(10_000)).toMatchObject([{ paneStartMs: 9_000, matched: 1 }]);
  });
});
