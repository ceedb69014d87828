/** Deltas of agents in a shard: what becomes of each event that they counted. */
import { describe, expect, test } from 'vitest';
import { DeltaPanes } from '../../../src/window/delta-panes.ts';
import type { PaneDelta } from '../../../src/wire/partials-frame.ts';
import { aggregateSpec, field, planOf } from '../../support/hand-plans.ts';

const PLAN = planOf({ keys: [field('k')], aggregates: [aggregateSpec('count', null)] });

function panesWith(openPanesMax = 10): DeltaPanes {
  return new DeltaPanes(PLAN, PLAN.aggregate!, {
    config: { openPanesMax },
    closedThroughMs: 1_000,
  });
}

function delta(paneStartMs: number, key: string, count: number): PaneDelta {
  const groups = {
    keys: [[key]],
    overflow: null,
    firstSeenMs: Float64Array.of(paneStartMs + 1),
    aggregates: [{ kind: 'count', counts: Float64Array.of(count) }],
  };
  return { paneStartMs, seen: count + 1, matched: count, groups };
}

describe('panes of deltas', () => {
  test('add up what is told of a pane, and close in order of time', () => {
    const panes = panesWith();
    panes.add(delta(2_000, 'a', 3), Infinity);
    panes.add(delta(1_000, 'a', 1), Infinity);
    panes.add(delta(1_000, 'a', 2), Infinity);
    panes.add(delta(1_000, 'b', 5), Infinity);
    expect(panes.peek(1_500)).toMatchObject([{ paneStartMs: 1_000, seen: 11, matched: 8 }]);
    const closed = panes.closeThrough(3_000);
    expect(closed.map(({ paneStartMs }) => paneStartMs)).toStrictEqual([1_000, 2_000]);
    expect(closed[0]?.groups).toMatchObject({ keys: [['a'], ['b']] });
    expect(closed[0]?.groups?.aggregates).toStrictEqual([
      { kind: 'count', counts: Float64Array.of(3, 5) },
    ]);
  });

  test('count what comes for a closed pane, from far ahead, or for one pane too many', () => {
    const panes = panesWith(1);
    panes.add(delta(0, 'a', 3), 5_000);
    panes.add(delta(9_000, 'a', 4), 5_000);
    panes.add(delta(1_000, 'a', 1), 5_000);
    panes.add(delta(2_000, 'a', 2), 5_000);
    panes.drop('queue', 7);
    expect(panes.late).toBe(3);
    expect(panes.dropped).toStrictEqual({ future: 4, panes: 2, queue: 7 });
  });

  test('say what they hold, and give it up', () => {
    const panes = panesWith();
    panes.add(delta(1_000, 'a', 3), Infinity);
    panes.add(delta(1_000, 'b', 2), Infinity);
    expect(panes.state.groups).toBe(2);
    expect(panes.state.bytes).toBeGreaterThan(100);
    expect(panes.discard()).toBe(5);
    expect(panes.state).toStrictEqual({ bytes: 0, groups: 0 });
    expect(panes.closeThrough(2_000)).toMatchObject([{ seen: 7, matched: 0, groups: null }]);
  });
});
