import { describe, expect, test } from 'vitest';
import { OpenPanes } from '../../../src/window/open-panes.ts';
import { rowsUntil, splitByPane } from '../../../src/window/pane-split.ts';

function panes(openPanesMax = 10): OpenPanes<string> {
  return new OpenPanes({ paneMs: 1_000, closedThroughMs: 5_000, openPanesMax });
}

describe('open panes', () => {
  test('close in order of time, once, and stay closed', () => {
    const open = panes();
    for (const startMs of [7_000, 5_000, 6_000]) open.open(startMs, () => `pane ${startMs}`);
    expect(open.closeThrough(6_999)).toEqual([[5_000, 'pane 5000']]);
    expect(open.closeThrough(8_000).map(([startMs]) => startMs)).toEqual([6_000, 7_000]);
    expect(open.closeThrough(7_000)).toEqual([]);
    expect([open.isClosed(7_000), open.isClosed(8_000)]).toEqual([true, false]);
  });

  test.each([
    { startMs: 4_000, closed: true },
    { startMs: 5_000, closed: false },
  ])('a pane that starts at $startMs is closed from the start: $closed', (row) => {
    expect(panes().isClosed(row.startMs)).toBe(row.closed);
  });

  test('are bounded in number', () => {
    const open = panes(1);
    expect(open.open(5_000, () => 'first')).toBe('first');
    expect(open.open(6_000, () => 'second')).toBeNull();
    expect(open.open(5_000, () => 'third')).toBe('first');
  });

  test('are aligned to the epoch, before it too', () => {
    expect([panes().startOf(5_999), panes().startOf(-1)]).toEqual([5_000, -1_000]);
  });
});

describe('rows by pane', () => {
  const times = Float64Array.of(1_500, 900, 1_100, 2_000, 950);

  test('are split in order of first row', () => {
    const parts = splitByPane(times, Uint32Array.of(0, 1, 3, 4), 4, 1_000);
    expect(parts.map((part) => [part.startMs, [...part.rows.subarray(0, part.n)]])).toEqual([
      [1_000, [0]],
      [0, [1, 4]],
      [2_000, [3]],
    ]);
  });

  test('end at the latest time that is allowed', () => {
    const out = new Uint32Array(5);
    expect([...out.subarray(0, rowsUntil(times, 5, 1_100, out))]).toEqual([1, 2, 4]);
  });
});
