/** Boards in the page: places on the grid, texts, addresses, values of variables. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boardAddressFrom, boardParams } from '../../../../dashboard/boards/board-address.ts';
import { boardText } from '../../../../dashboard/boards/board-draft.ts';
import { nameFrom } from '../../../../dashboard/boards/board-names.ts';
import { movedPanel, placedPanels, readingOrder } from '../../../../dashboard/boards/layout.ts';
import type { PlacedPanel } from '../../../../dashboard/boards/placed-panel.ts';
import { withValues } from '../../../../dashboard/boards/query-values.ts';
import { withSeen } from '../../../../dashboard/boards/variable-values.ts';
import { alertMarks, noteMarks } from '../../../../dashboard/marks.ts';
import type { Board, BoardPanel, PanelPlace } from '../../../../src/board/board.ts';
import { readBoard } from '../../../../src/board/board-file.ts';
import { STARTER_BOARDS } from '../../../../src/main/starter-boards.ts';

const COLUMNS = 12;

function panel(at: PanelPlace | null, title = 't'): BoardPanel {
  return { title, query: 'select a from s', show: 'auto', column: null, description: '', at };
}

const places = fc
  .record({
    ...{ x: fc.nat({ max: 11 }), y: fc.nat({ max: 30 }) },
    ...{ width: fc.integer({ min: 1, max: 12 }), height: fc.integer({ min: 1, max: 9 }) },
  })
  .map((at) => ({ ...at, width: Math.min(at.width, COLUMNS - at.x) }));
const boards = fc
  .array(fc.option(places), { minLength: 1, maxLength: 12 })
  .map((list) => list.map((at, i) => panel(at, `p${i}`)));

function expectSound(panels: readonly PlacedPanel[]): void {
  const cells = new Map<string, string>();
  for (const { title, at } of panels) {
    expect(at.x).toBeGreaterThanOrEqual(0);
    expect(at.x + at.width).toBeLessThanOrEqual(COLUMNS);
    for (let x = at.x; x < at.x + at.width; x++) {
      for (let y = at.y; y < at.y + at.height; y++) {
        expect(cells.get(`${x} ${y}`), `${title} at ${x} ${y}`).toBeUndefined();
        cells.set(`${x} ${y}`, title);
      }
    }
  }
  // Nothing could fall up.
  for (const { at } of panels) {
    if (at.y === 0) continue;
    const above = Array.from({ length: at.width }, (_, i) => cells.has(`${at.x + i} ${at.y - 1}`));
    expect(above).toContain(true);
  }
}

describe('the grid', () => {
  test('has every panel once, without overlaps and holes above', () => {
    fc.assert(
      fc.property(boards, (list) => {
        const placed = placedPanels(list);
        expect(placed.map(({ title }) => title)).toEqual(list.map(({ title }) => title));
        expectSound(placed);
        expect(placedPanels(placed)).toEqual(placed);
        expect([...readingOrder(placed)].toSorted((a, b) => a - b)).toEqual(list.map((_, i) => i));
      }),
    );
  });

  test('stays sound wherever a panel is dragged, and keeps its width and column', () => {
    const far = fc.double({ min: -20, max: 40, noNaN: true });
    fc.assert(
      fc.property(boards, fc.nat(), fc.tuple(far, far, far, far), (list, n, [x, y, w, h]) => {
        const placed = placedPanels(list);
        const index = n % placed.length;
        const moved = movedPanel(placed, index, { x, y, width: w, height: h });
        expectSound(moved);
        const width = Math.max(2, Math.min(COLUMNS, Math.round(w)));
        expect(moved[index]?.at.width).toBe(width);
        expect(moved[index]?.at.x).toBe(Math.max(0, Math.min(COLUMNS - width, Math.round(x))));
      }),
    );
  });

  test('a panel that is dragged over another takes its place', () => {
    const at = (x: number, y: number): PanelPlace => ({ x, y, width: 6, height: 4 });
    const placed = placedPanels([panel(at(0, 0), 'a'), panel(at(0, 4), 'b')]);
    const moved = movedPanel(placed, 1, at(0, 0));
    expect(moved.map((one) => one.at.y)).toEqual([4, 0]);
  });
});

describe('texts', () => {
  test.each(STARTER_BOARDS)('a board as the page writes it is what it was', (text) => {
    const { board } = readBoard(text, null);
    const again = readBoard(JSON.stringify(boardText(board as Board)), null);
    expect(again.mistakes).toEqual([]);
    expect(again.board).toEqual(board);
  });

  test.each([
    ["where r = $region or x = '$region'", { region: "o'x" }, "where r = 'o''x' or x = '$region'"],
    ['`$a` = $a -- $a\n and "$a" = $b', { a: 5, b: true }, '`$a` = 5 -- $a\n and "$a" = true'],
    ['$unknown = $toString', {}, '$unknown = $toString'],
  ])('%s with %o', (query, values, expected) => {
    expect(withValues(query, values as never)).toBe(expected);
  });

  test.each([
    ['Web: EU & US', 'web-eu-us'],
    ['  ', 'board'],
    ['ÄÖ', 'board'],
  ])('a board called "%s" is %s', (title, name) => {
    expect(nameFrom(title)).toBe(name);
  });
});

test('the address has what differs from the usual, and comes back', () => {
  const { board } = readBoard(
    'name: a\nvariables:\n  region:\n    values: [x]\n  host:\n    values: [y]\n    all: false\npanels: []\n',
    null,
  );
  if (board === null) throw new Error('it is good');
  const usual = boardAddressFrom(new URLSearchParams(), board);
  expect(usual).toMatchObject({ values: { region: 'all', host: 'y' }, kiosk: false });
  expect(boardParams(usual, board)).toEqual({});
  const other = { values: { region: '<img>&', host: 'y' }, spanMs: 60_000, kiosk: true };
  const params = new URLSearchParams(boardParams(other, board));
  expect(boardAddressFrom(params, board)).toEqual(other);
});

test('values that were seen stay, sorted, with their types, bounded', () => {
  const known = withSeen(new Map(), ['b', 7, null, true, 'a', ['x'], '']);
  expect([...known]).toEqual([
    ['7', 7],
    ['a', 'a'],
    ['b', 'b'],
    ['true', true],
  ]);
  expect(withSeen(known, ['a', 7])).toBe(known);
  const many = Array.from({ length: 1_000 }, (_, i) => `v${i}`);
  expect(withSeen(known, many).size).toBe(200);
});

describe('marks', () => {
  test('of annotations are moments or stretches', () => {
    const base = { id: 'i', text: '', tags: [], author: '' };
    const list = [
      { ...base, timeMs: 5, endMs: null, title: 'deploy' },
      { ...base, timeMs: 1, endMs: 9, title: 'load test' },
    ];
    expect(noteMarks(list)).toEqual([
      { fromMs: 5, toMs: null, kind: 'note', label: 'deploy' },
      { fromMs: 1, toMs: 9, kind: 'note', label: 'load test' },
    ]);
    expect(noteMarks([{ title: 5 }, {}] as never)).toEqual([]);
    expect(alertMarks([])).toEqual([]);
  });
});
