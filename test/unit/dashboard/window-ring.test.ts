/** The ring of windows: order, replacement, bounds and eviction of groups. */
import { describe, expect, test } from 'vitest';
import { WindowRing } from '../../../dashboard/window-ring.ts';
import type { GroupValues, WindowMark } from '../../../dashboard/window-ring.ts';

function mark(start: number, changes: Partial<WindowMark> = {}): WindowMark {
  return { start, end: start + 10, provisional: false, condition: 'flowing', ...changes };
}

function group(id: string, ...values: number[]): GroupValues {
  return { id, label: id.toUpperCase(), values };
}

function starts(ring: WindowRing): number[] {
  return Array.from({ length: ring.length }, (_, i) => ring.at(i).start);
}

function series(ring: WindowRing, id: string, column = 0): number[] {
  return Array.from({ length: ring.length }, (_, i) => ring.valueAt(id, column, i));
}

describe('a window ring', () => {
  test('keeps windows in time order, whatever order they come in', () => {
    const ring = new WindowRing({ windows: 8, groups: 4, columns: 1 });
    for (const start of [20, 40, 10, 30]) ring.put(mark(start), [group('a', start)]);
    expect(starts(ring)).toEqual([10, 20, 30, 40]);
    expect(series(ring, 'a')).toEqual([10, 20, 30, 40]);
  });

  test('replaces a window with the same start, also the groups it no longer has', () => {
    const ring = new WindowRing({ windows: 8, groups: 4, columns: 1 });
    ring.put(mark(10, { provisional: true }), [group('a', 1), group('b', 2)]);
    ring.put(mark(10), [group('a', 3)]);
    expect(ring.length).toBe(1);
    expect(ring.at(0).provisional).toBe(false);
    expect(series(ring, 'a')).toEqual([3]);
    expect(series(ring, 'b')).toEqual([Number.NaN]);
  });

  test('forgets the oldest window when it is full', () => {
    const ring = new WindowRing({ windows: 3, groups: 4, columns: 1 });
    for (const start of [10, 20, 30, 40, 50]) ring.put(mark(start), [group('a', start)]);
    expect(starts(ring)).toEqual([30, 40, 50]);
    expect(series(ring, 'a')).toEqual([30, 40, 50]);
  });

  test('takes a missing window into its place in a full ring that has wrapped', () => {
    const ring = new WindowRing({ windows: 3, groups: 4, columns: 1 });
    for (const start of [10, 20, 40, 50]) ring.put(mark(start), [group('a', start)]);
    ring.put(mark(30), [group('a', 30)]);
    expect(starts(ring)).toEqual([30, 40, 50]);
    expect(series(ring, 'a')).toEqual([30, 40, 50]);
  });

  test('ignores a window older than everything in a full ring', () => {
    const ring = new WindowRing({ windows: 2, groups: 4, columns: 1 });
    for (const start of [20, 30, 10]) ring.put(mark(start), [group('a', start)]);
    expect(starts(ring)).toEqual([20, 30]);
  });

  test('gives a new group the place of one that is not in the window', () => {
    const ring = new WindowRing({ windows: 4, groups: 2, columns: 1 });
    ring.put(mark(10), [group('a', 1), group('b', 2)]);
    ring.put(mark(20), [group('b', 3), group('c', 4)]);
    expect(ring.groupIds()).toEqual(['b', 'c']);
    expect(series(ring, 'c')).toEqual([Number.NaN, 4]);
    expect(ring.untracked).toBe(0);
  });

  test('counts groups beyond its bound', () => {
    const ring = new WindowRing({ windows: 4, groups: 2, columns: 1 });
    ring.put(mark(10), [group('a', 1), group('b', 2), group('c', 3), group('d', 4)]);
    expect(ring.groupIds()).toEqual(['a', 'b']);
    expect(ring.untracked).toBe(2);
  });

  test('reads a group or column it does not have as no value', () => {
    const ring = new WindowRing({ windows: 4, groups: 2, columns: 1 });
    ring.put(mark(10), [group('a', 1)]);
    expect(ring.valueAt('x', 0, 0)).toBeNaN();
    expect(ring.valueAt('a', 7, 0)).toBeNaN();
  });
});
