/** What a chart draws: holes stay holes, silence is no zero, the right groups are chosen. */
import { describe, expect, test } from 'vitest';
import { chartModelFrom, chooseGroups } from '../../../dashboard/chart-model.ts';
import { WindowRing } from '../../../dashboard/window-ring.ts';
import type { WindowMark } from '../../../dashboard/window-ring.ts';

function ringWith(
  windows: readonly (Partial<WindowMark> & { start: number; values: Record<string, number> })[],
): WindowRing {
  const ring = new WindowRing({ windows: 50, groups: 50, columns: 1 });
  for (const { start, values, provisional = false, condition = 'flowing' } of windows) {
    ring.put(
      { start, end: start + 1_000, provisional, condition },
      Object.entries(values).map(([id, value]) => ({ id, label: id, values: [value] })),
    );
  }
  return ring;
}

/** Lines as lists, a hole as null. */
function listed(lines: readonly Float64Array[]): (number | null)[][] {
  return lines.map((line) => Array.from(line, (value) => (Number.isNaN(value) ? null : value)));
}

const REQUEST = { column: 0, groups: ['a'], slideMs: 1_000, fromMs: 0, nowMs: 0 };

describe('a chart', () => {
  test('puts a point at the end of each window', () => {
    const ring = ringWith([
      { start: 0, values: { a: 1 } },
      { start: 1_000, values: { a: 0 } },
    ]);
    const model = chartModelFrom(ring, REQUEST);
    expect([...model.xs]).toEqual([1, 2]);
    expect(listed(model.finals)).toEqual([[1, 0]]);
    expect(model.bands).toEqual([]);
  });

  test('breaks the line and hatches where windows are missing', () => {
    const ring = ringWith([
      { start: 0, values: { a: 1 } },
      { start: 4_000, values: { a: 2 } },
    ]);
    const model = chartModelFrom(ring, REQUEST);
    expect(listed(model.finals)).toEqual([[1, null, 2]]);
    expect(model.bands).toEqual([{ from: 1_000, to: 4_000, kind: 'missing' }]);
  });

  test('draws zero as a value and silence as a hole with a band', () => {
    const ring = ringWith([
      { start: 0, values: { a: 0 }, condition: 'zero' },
      { start: 1_000, values: { a: 0 }, condition: 'silent' },
      { start: 2_000, values: { a: 0 }, condition: 'silent' },
    ]);
    const model = chartModelFrom(ring, REQUEST);
    expect(listed(model.finals)).toEqual([[0, null, null]]);
    expect(model.bands).toEqual([{ from: 1_000, to: 3_000, kind: 'silent' }]);
    expect(model.ribbon.map((stretch) => stretch.condition)).toEqual(['zero', 'silent']);
  });

  test('hatches the wait for a window that does not come', () => {
    const ring = ringWith([{ start: 0, values: { a: 1 } }]);
    expect(chartModelFrom(ring, { ...REQUEST, nowMs: 9_000 }).bands).toEqual([
      { from: 1_000, to: 9_000, kind: 'behind' },
    ]);
    expect(chartModelFrom(ring, { ...REQUEST, nowMs: 2_500 }).bands).toEqual([]);
  });

  test('draws provisional values apart, hanging on the last final one', () => {
    const ring = ringWith([
      { start: 0, values: { a: 1 } },
      { start: 1_000, values: { a: 2 }, provisional: true },
    ]);
    const model = chartModelFrom(ring, REQUEST);
    expect(listed(model.finals)).toEqual([[1, null]]);
    expect(listed(model.provisionals)).toEqual([[1, 2]]);
  });

  test('draws what came of a degraded window, under a band that warns', () => {
    const ring = ringWith([
      { start: 0, values: { a: 5 } },
      { start: 1_000, values: { a: 0 }, condition: 'degraded' },
    ]);
    const model = chartModelFrom(ring, REQUEST);
    expect(listed(model.finals)).toEqual([[5, 0]]);
    expect(model.bands).toEqual([{ from: 1_000, to: 2_000, kind: 'degraded' }]);
  });

  test('says where the view begins before the query did', () => {
    const ring = ringWith([{ start: 4_000, values: { a: 1 } }]);
    expect(chartModelFrom(ring, { ...REQUEST, fromMs: 1_000 }).bands).toEqual([
      { from: 1_000, to: 4_000, kind: 'before' },
    ]);
  });

  test('draws a first window that began before the query lighter than the rest', () => {
    const ring = ringWith([
      { start: 0, values: { a: 1 }, condition: 'partial' },
      { start: 1_000, values: { a: 9 } },
    ]);
    const model = chartModelFrom(ring, REQUEST);
    expect(listed(model.finals)).toEqual([[null, 9]]);
    expect(listed(model.provisionals)).toEqual([[1, 9]]);
  });

  test('leaves out windows before its view', () => {
    const ring = ringWith([
      { start: 0, values: { a: 1 } },
      { start: 1_000, values: { a: 2 } },
    ]);
    expect([...chartModelFrom(ring, { ...REQUEST, fromMs: 1_500 }).xs]).toEqual([2]);
  });
});

describe('the drawn groups', () => {
  const values = { small: 1, large: 100, middle: 50, near: 55 };

  test('are the largest by latest value', () => {
    expect(chooseGroups(ringWith([{ start: 0, values }]), 0, [], 2)).toEqual(['large', 'near']);
  });

  test('stay while no other is a quarter larger', () => {
    const ring = ringWith([{ start: 0, values }]);
    expect(chooseGroups(ring, 0, ['middle', 'large'], 2)).toEqual(['middle', 'large']);
    const grown = ringWith([{ start: 0, values: { ...values, near: 90 } }]);
    expect(chooseGroups(grown, 0, ['middle', 'large'], 2)).toEqual(['large', 'near']);
  });
});
