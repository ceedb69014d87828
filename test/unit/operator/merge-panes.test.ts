import { describe, expect, test } from 'vitest';
import type { AggregateStage } from '../../../src/ir/plan.ts';
import type { Value } from '../../../src/model/value.ts';
import { createAggregates, GroupMerge } from '../../../src/operator/merge-panes.ts';
import type { GroupPartial } from '../../../src/aggregate/group-partial.ts';
import { aggregateSpec, field } from '../../support/hand-plans.ts';

const STAGE: AggregateStage = {
  keys: [field('k')],
  aggregates: [aggregateSpec('count', null)],
  groupsMax: 2,
};
const WHOLE = { windowMs: 1_000, coveredMs: 1_000 };

/** `[key, first seen, events]` a group. */
function partial(
  groups: readonly (readonly [Value, number, number])[],
  overflow = -1,
): GroupPartial {
  const aggregates = createAggregates(STAGE);
  for (const aggregate of aggregates) aggregate.grow(groups.length);
  groups.forEach(([, , count], g) => {
    for (let i = 0; i < count; i++) {
      aggregates[0]!.add(g, true, { timeMs: 0, agentId: '', sequence: 0 });
    }
  });
  return {
    keys: groups.map(([key]) => [key]),
    overflow: overflow < 0 ? null : overflow,
    firstSeenMs: Float64Array.from(groups, ([, firstSeenMs]) => firstSeenMs),
    aggregates: aggregates.map((aggregate) => aggregate.encode(groups.length)),
  };
}

function rowsOf(partials: readonly GroupPartial[], groupsMax = 2): Value[][] {
  const merge = new GroupMerge(STAGE, { groupsMax });
  for (const each of partials) merge.add(each);
  return merge.rows(WHOLE);
}

describe('rows', () => {
  const one = partial([
    ['b', 5, 1],
    ['a', 7, 2],
  ]);
  const two = partial([
    ['a', 5, 1],
    ['quiet', Infinity, 0],
  ]);

  test('stand by first event, then key, quiet groups last, however they were merged', () => {
    const expected = [
      ['a', 3],
      ['b', 1],
      ['quiet', 0],
    ];
    expect(rowsOf([one, two], 9)).toEqual(expected);
    expect(rowsOf([two, one], 9)).toEqual(expected);
  });

  test('beyond the cap fold exactly, and come last', () => {
    expect(rowsOf([one, two, partial([['z', 1, 4]])])).toEqual([
      ['z', 4],
      ['a', 3],
      ['__other__', 1],
    ]);
  });

  test('that shards folded join the others', () => {
    expect(
      rowsOf([
        partial(
          [
            ['a', 1, 1],
            ['?', 2, 5],
          ],
          1,
        ),
        one,
      ]),
    ).toEqual([
      ['a', 3],
      ['b', 1],
      ['__other__', 5],
    ]);
  });

  test('keep the names of the window before', () => {
    const merge = new GroupMerge(STAGE, { groupsMax: 2 });
    merge.add(
      partial([
        ['x', 1, 1],
        ['y', 2, 1],
      ]),
    );
    merge.rows(WHOLE);
    merge.reset();
    merge.add(
      partial([
        ['new', 10, 1],
        ['y', 11, 1],
        ['newer', 12, 1],
      ]),
    );
    expect(merge.rows(WHOLE)).toEqual([
      ['y', 1],
      ['new', 1],
      ['__other__', 1],
    ]);
    merge.reset();
    expect([merge.rows(WHOLE), merge.groupCount]).toEqual([[], 0]);
  });

  test('can be asked for again as more comes', () => {
    const merge = new GroupMerge(STAGE, { groupsMax: 2 });
    merge.add(one);
    expect(merge.rows(WHOLE)).toEqual([
      ['b', 1],
      ['a', 2],
    ]);
    merge.add(two);
    expect(merge.rows(WHOLE).slice(0, 2)).toEqual([
      ['a', 3],
      ['b', 1],
    ]);
  });
});

test('memory for groups is bounded, and nothing is lost', () => {
  const merge = new GroupMerge(STAGE, { groupsMax: 2 });
  for (let i = 0; i < 50; i++) merge.add(partial([[`g${i}`, i, 1]]));
  expect([merge.groupCount, merge.otherOverlap]).toEqual([8, true]);
  expect(merge.rows(WHOLE)).toEqual([
    ['g0', 1],
    ['g1', 1],
    ['__other__', 48],
  ]);
});
