/** Boards as text: what is read, what is refused and where, and the starters. */
import { describe, expect, test } from 'vitest';
import { readBoard } from '../../../src/board/board-file.ts';
import type { ReadBoard } from '../../../src/board/board-file.ts';
import { STARTER_BOARDS } from '../../../src/main/starter-boards.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';
import { ALIAS_BOMB } from '../../support/alias-bomb.ts';

function read(text: string): ReadBoard {
  return readBoard(text, (query, params) => planQuery(query, { mode: 'live', params }));
}

const BOARD = `name: web
title: Web
variables:
  region:
    values: [eu-west, 7]
  host:
    query: select host from requests window 5s group by host
    all: false
    default: a
panels:
  - title: Rate
    query: select rate() as rps from requests where $region = 'all' or region = $region window 1s
    at: [0, 0, 6, 5]
  - title: Worst
    query: |
      select p99(duration_ms) as p99 from requests where host = $host window 2s
    show: stat
    column: p99
`;

test('a board is read with its defaults', () => {
  const { board, mistakes } = read(BOARD);
  expect(mistakes).toEqual([]);
  expect(board).toMatchObject({
    ...{ name: 'web', title: 'Web', description: '' },
    variables: [
      {
        ...{ name: 'region', label: 'region', values: ['eu-west', '7'], query: null },
        ...{ all: true, default: 'all' },
      },
      { name: 'host', all: false, default: 'a' },
    ],
    panels: [
      { title: 'Rate', show: 'auto', column: null, at: { x: 0, y: 0, width: 6, height: 5 } },
      { title: 'Worst', show: 'stat', column: 'p99', at: null },
    ],
  });
});

test('JSON is a board too, and what comes back says the same', () => {
  const first = read(BOARD);
  const again = read(first.text);
  expect(again.board).toEqual(first.board);
  expect(again.text).toBe(first.text);
  expect(read(JSON.stringify({ name: 'x', panels: [] })).board?.title).toBe('x');
});

describe('mistakes have a place and say what to write', () => {
  test.each([
    ['', 1, 1, 'expected a board'],
    ['name: a\npannels: []\n', 1, 1, 'there is no field `pannels`; `panels`?'],
    ['name: a\n', 1, 1, '`panels` is missing: a list of panels'],
    ['name: "a/b"\npanels: []\n', 1, 7, 'a name of letters, digits'],
    ['name: a\npanels:\n  - title: t\n    query: q\n    show: pie\n', 5, 11, 'one of auto, lines'],
    ['name: a\npanels:\n  - title: t\n    query: q\n    at: [8, 0, 6, 2]\n', 5, 9, 'at most 12'],
    ['name: a\npanels: [\n', 3, 1, ''],
    [
      'name: a\npanels:\n  - title: t\n    query: select count(* from plays\n',
      ...([4, 12, '`panels.0.query`, 1:'] as const),
    ],
    ['name: a\npanels:\n  - title: t\n    query: select a from s where b = $c\n', 4, 12, '$c'],
  ])('%s', (text, line, column, message) => {
    const { board, mistakes } = read(text);
    expect(board).toBeNull();
    expect(mistakes[0]).toMatchObject({ line, column });
    expect(mistakes.map((mistake) => mistake.message).join('\n')).toContain(message);
  });

  test('there are bounds', () => {
    const panels = Array.from({ length: 41 }, () => ({ title: 't', query: 'select a from s' }));
    expect(read(JSON.stringify({ name: 'a', panels })).mistakes[0]?.message).toContain('40 panels');
    const variables = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`v${i}`, {}]));
    const { mistakes } = read(JSON.stringify({ name: 'a', variables, panels: [] }));
    expect(mistakes[0]?.message).toContain('8 variables');
  });
});

describe('starters', () => {
  test.each(STARTER_BOARDS.map((text) => [/name: (\w+)/.exec(text)?.[1] ?? '', text]))(
    '%s is good, without overlaps, and says what it is for',
    (_, text) => {
      const { board, mistakes } = read(text);
      expect(mistakes).toEqual([]);
      expect(board?.description).not.toBe('');
      const cells = new Set<string>();
      for (const { at } of board?.panels ?? []) {
        if (at === null) throw new Error('a starter places its panels');
        for (let x = at.x; x < at.x + at.width; x++) {
          for (let y = at.y; y < at.y + at.height; y++) {
            expect(cells.has(`${x} ${y}`)).toBe(false);
            cells.add(`${x} ${y}`);
          }
        }
      }
    },
  );

  test('a variable that stands for all costs nothing: what remains has no condition', () => {
    const query =
      "select rate() as rps from requests where $region = 'all' or region = $region window 1s";
    const all = planQuery(query, { mode: 'live', params: { region: 'all' } });
    const plain = planQuery('select rate() as rps from requests window 1s', { mode: 'live' });
    expect(all.plan?.source.where).toEqual(plain.plan?.source.where);
  });
});

test.each([
  ['that expand without end', ALIAS_BOMB, 'resource exhaustion'],
  ['that name nothing', 'name: *nothing', 'nothing'],
])('aliases %s are a mistake of the file', (_, text, part) => {
  expect(
    read(text)
      .mistakes.map(({ message }) => message)
      .join(),
  ).toContain(part);
});
