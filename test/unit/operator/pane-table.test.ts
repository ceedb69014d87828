import { describe, expect, test } from 'vitest';
import { configWith, DEFAULTS } from '../../../src/config.ts';
import type { Config } from '../../../src/config.ts';
import type { Event, Value } from '../../../src/model/value.ts';
import { GroupMerge } from '../../../src/operator/merge-panes.ts';
import { PaneTable } from '../../../src/operator/pane-table.ts';
import { RowStage } from '../../../src/operator/project-rows.ts';
import type { PanePartial } from '../../../src/window/pane-partial.ts';
import { namePath, TestConnection } from '../../support/batch-builder.ts';
import { aggregateSpec, call, field, literal, planOf } from '../../support/hand-plans.ts';
import type { PlanParts } from '../../support/hand-plans.ts';

const PATHS = ['k', 'x', 's'].map(namePath);
const CLOCK = { nowMs: 10_000 };
const WHOLE = { windowMs: 1_000, coveredMs: 1_000 };

function table(parts: PlanParts, changes: Partial<Config> = {}, closedThroughMs = 0): PaneTable {
  return new PaneTable(planOf(parts), { config: configWith(changes), closedThroughMs });
}

function feed(into: PaneTable, events: readonly Event[], times: readonly number[]): void {
  const batch = new TestConnection().batch(events, { paths: PATHS, times });
  expect(into.addBatch(batch, CLOCK)).toBe('added');
}

function rowsOf(parts: PlanParts, partials: readonly PanePartial[]): Value[][] {
  const stage = planOf(parts).aggregate!;
  const merge = new GroupMerge(stage, { groupsMax: stage.groupsMax });
  for (const { groups } of partials) merge.add(groups!);
  return merge.rows(WHOLE);
}

const COUNT_BY_K: PlanParts = { keys: [field('k')], aggregates: [aggregateSpec('count', null)] };

describe('one pane', () => {
  const EVENTS: readonly Event[] = [
    { k: 'a', x: 1, s: 'p' },
    { k: 'b', x: 2, s: 'q' },
    { k: 'a', x: 5 },
    { k: 'c', s: 'q' },
    { x: 8, s: 'p' },
  ];
  const big = call('gt', field('x'), literal(1));

  test.each<{ name: string; parts: PlanParts; expected: Value[][] }>([
    {
      name: 'count by a string',
      parts: COUNT_BY_K,
      expected: [
        ['a', 2],
        ['b', 1],
        ['c', 1],
        [null, 1],
      ],
    },
    {
      name: 'count of a number, of a string, without groups',
      parts: {
        aggregates: [aggregateSpec('count', field('x')), aggregateSpec('count', field('s'))],
      },
      expected: [[4, 4]],
    },
    {
      name: 'with a condition',
      parts: { ...COUNT_BY_K, where: big },
      expected: [
        ['b', 1],
        ['a', 1],
        [null, 1],
      ],
    },
    {
      name: 'with a filter on one aggregate',
      parts: {
        keys: [field('k')],
        aggregates: [
          aggregateSpec('sum', field('x'), { filter: big }),
          aggregateSpec('max', field('s')),
        ],
      },
      expected: [
        ['a', 5, 'p'],
        ['b', 2, 'q'],
        ['c', 0, 'q'],
        [null, 8, 'p'],
      ],
    },
    {
      name: 'by an expression',
      parts: { keys: [big], aggregates: [aggregateSpec('avg', field('x'))] },
      expected: [
        [false, 1],
        [true, 5],
      ],
    },
    {
      name: 'of an expression, by two keys',
      parts: {
        keys: [field('s'), field('k')],
        aggregates: [aggregateSpec('sum', call('multiply', field('x'), literal(10)))],
      },
      expected: [
        ['p', 'a', 10],
        ['q', 'b', 20],
        [null, 'a', 50],
        ['q', 'c', 0],
        ['p', null, 80],
      ],
    },
    {
      name: 'first and last by event time',
      parts: {
        aggregates: [
          aggregateSpec('first', field('k')),
          aggregateSpec('last', field('k')),
          aggregateSpec('first_event', field('s')),
        ],
      },
      expected: [['a', 'c', 'p']],
    },
    {
      name: 'where nothing matches',
      parts: { aggregates: [aggregateSpec('count', null)], where: literal(false) },
      expected: [[0]],
    },
  ])('$name', ({ parts, expected }) => {
    const panes = table(parts);
    feed(panes, EVENTS, [1, 2, 3, 4, 5]);
    expect(rowsOf(parts, panes.closeThrough(1_000))).toEqual(expected);
  });

  test('skips and counts what an aggregate cannot take', () => {
    const panes = table({ aggregates: [aggregateSpec('sum', field('s'))] });
    feed(panes, EVENTS, [1, 2, 3, 4, 5]);
    expect(panes.counts.skipped).toBe(4);
  });
});

describe('panes', () => {
  test('take events by their times, and count late ones', () => {
    const panes = table(COUNT_BY_K, {}, 1_000);
    feed(panes, [{ k: 'late' }, { k: 'a' }, { k: 'b' }, { k: 'b' }], [999, 1_000, 2_500, 1_999]);
    const closed = panes.closeThrough(3_000);
    expect(closed.map(({ paneStartMs, seen, matched }) => [paneStartMs, seen, matched])).toEqual([
      [1_000, 2, 2],
      [2_000, 1, 1],
    ]);
    feed(panes, [{ k: 'late' }], [2_999]);
    expect(panes.counts).toEqual({
      seen: 3,
      matched: 3,
      late: 2,
      dropped: { panes: 0, windowRows: 0 },
      skipped: 0,
    });
    expect(panes.closeThrough(4_000)).toEqual([]);
  });

  test('can be looked at without closing them', () => {
    const panes = table(COUNT_BY_K);
    feed(panes, [{ k: 'a' }], [1]);
    expect(rowsOf(COUNT_BY_K, panes.peek(1_000))).toEqual([['a', 1]]);
    feed(panes, [{ k: 'a' }], [2]);
    expect(rowsOf(COUNT_BY_K, panes.closeThrough(1_000))).toEqual([['a', 2]]);
  });

  test('are used again without a trace of earlier ones', () => {
    const panes = table(COUNT_BY_K);
    for (let i = 0; i < 5; i++) {
      feed(panes, [{ k: `g${i}` }], [i * 1_000]);
      expect(rowsOf(COUNT_BY_K, panes.closeThrough((i + 1) * 1_000))).toEqual([[`g${i}`, 1]]);
    }
  });

  test('beyond the bound are refused and counted', () => {
    const panes = table(COUNT_BY_K, { openPanesMax: 2 });
    feed(panes, [{}, {}, {}, {}], [0, 1_000, 2_000, 1_001]);
    expect([panes.counts.seen, panes.counts.dropped.panes, panes.openPanes]).toEqual([3, 1, 2]);
  });

  test('leave out what is ahead of the latest time', () => {
    const panes = table(COUNT_BY_K);
    const batch = new TestConnection().batch([{}, {}, {}], {
      paths: PATHS,
      times: [1, 900_000, 2],
    });
    panes.addBatch(batch, { nowMs: 0, latestMs: 10_000 });
    expect([panes.counts.seen, panes.openPanes]).toEqual([2, 1]);
  });

  test('count events that agents kept to themselves', () => {
    const panes = table(COUNT_BY_K, {}, 1_000);
    panes.addFiltered(500, 7);
    panes.addFiltered(1_200, 3);
    expect(panes.closeThrough(2_000).map(({ paneStartMs, seen }) => [paneStartMs, seen])).toEqual([
      [1_000, 10],
    ]);
  });

  test('a batch without the fields is passed over', () => {
    const panes = table(COUNT_BY_K);
    const batch = new TestConnection().batch([{ x: 1 }], { paths: [namePath('x')] });
    expect(panes.addBatch(batch, CLOCK)).toBe('not-covered');
    expect(panes.counts.seen).toBe(0);
  });

  test('name the strings that their groups are known by', () => {
    const panes = table(COUNT_BY_K);
    feed(panes, [{ k: 'a' }, { k: 'b' }, {}], [1, 2, 3]);
    expect([...panes.stringIds()].sort((a, b) => a - b)).toEqual([1, 2]);
    panes.closeThrough(1_000);
    expect([...panes.stringIds()]).toEqual([]);
  });
});

describe('the group cap', () => {
  const capped: PlanParts = { ...COUNT_BY_K, groupsMax: 2 };

  test('folds the rest into one exact group, earliest first', () => {
    const panes = table(capped);
    const keys = ['c', 'a', 'b', 'd', 'a', 'd'];
    feed(
      panes,
      keys.map((k) => ({ k })),
      [1, 2, 3, 4, 5, 6],
    );
    expect(rowsOf(capped, panes.closeThrough(1_000))).toEqual([
      ['c', 1],
      ['a', 2],
      ['__other__', 3],
    ]);
  });

  test('loses no event when a shard itself must fold', () => {
    const panes = table(capped);
    const events = Array.from({ length: 100 }, (_, i) => ({ k: `k${i % 50}` }));
    feed(
      panes,
      events,
      events.map(() => 1),
    );
    const [partial] = panes.closeThrough(1_000);
    expect(partial!.groups!.overflow).toBe(8);
    const rows = rowsOf(capped, [partial!]);
    expect(rows.length).toBe(3);
    expect(rows.reduce((sum, row) => sum + (row[1] as number), 0)).toBe(100);
  });
});

describe('plain selects', () => {
  const parts: PlanParts = {
    where: call('gt', field('x'), literal(1)),
    project: [field('k'), call('add', field('x'), literal(1))],
  };
  const events: readonly Event[] = [{ k: 'a', x: 1 }, { k: 'b', x: 2 }, { x: 3 }];

  test('hold their rows until the window ends, up to a bound', () => {
    const panes = table(parts, { windowRowsMax: 1 });
    feed(panes, events, [1, 2, 3]);
    const [pane] = panes.closeThrough(1_000);
    expect(pane!.rows).toEqual([{ timeMs: 2, agentId: 'a', sequence: 1, slots: ['b', 3] }]);
    expect([pane!.matched, panes.counts.dropped.windowRows]).toEqual([2, 1]);
  });

  test('without a window pass rows at once, up to a bound', () => {
    const stage = new RowStage(planOf({ ...parts, window: { kind: 'none', paneMs: 1_000 } }));
    const batch = new TestConnection().batch(events, { paths: PATHS });
    expect(stage.addBatch(batch, CLOCK, DEFAULTS.windowRowsMax)).toEqual({
      seen: 3,
      matched: 2,
      rows: [
        { timeMs: 2, agentId: 'a', sequence: 1, slots: ['b', 3] },
        { timeMs: 3, agentId: 'a', sequence: 2, slots: [null, 4] },
      ],
    });
    expect(stage.addBatch(batch, CLOCK, 1)!.rows.length).toBe(1);
    expect(stage.addBatch(batch, { ...CLOCK, latestMs: 2 }, 9)!.matched).toBe(1);
  });
});
