/** Boards of files, of the API and starters beside each other; annotations. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Annotations } from '../../../src/board/annotations.ts';
import { BoardBook } from '../../../src/board/board-book.ts';
import { BOARD_VERSIONS_KEPT, openBoardStore } from '../../../src/board/board-store.ts';
import { configWith } from '../../../src/config.ts';
import { EngineError } from '../../../src/core/errors.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { MIGRATIONS } from '../../../src/store/migrations.ts';
import { openSql } from '../../../src/store/open-sql.ts';
import type { Sql } from '../../../src/store/sql.ts';

let sql: Sql;

beforeEach(async () => {
  sql = await openSql({ path: ':memory:', sync: 'full', busyMs: 0, bytesMax: 2 ** 24 });
  migrate(sql, MIGRATIONS);
});

afterEach(() => sql.close());

const STARTER = 'name: http\ntitle: Starter\npanels: []\n';

function board(name: string, title = name): string {
  return `name: ${name}\ntitle: ${title}\npanels:\n  - title: t\n    query: select rate() from s window 1s\n`;
}

function openBook(boardsMax = 10): BoardBook {
  return new BoardBook({
    store: openBoardStore(sql),
    plan: (query, params) => planQuery(query, { mode: 'live', params }),
    boardsMax,
    starters: [STARTER],
  });
}

function how(expected: number | null = null): Parameters<BoardBook['put']>[2] {
  return { author: 'ana', nowMs: 5, expected };
}

function codeOf(body: () => unknown): string {
  try {
    body();
    return 'none';
  } catch (error) {
    return error instanceof EngineError ? error.code : String(error);
  }
}

describe('boards', () => {
  test('of the API have versions, which are kept over a restart', () => {
    const book = openBook();
    expect(book.put('web', board('web', 'One'), how(0))).toMatchObject({ isNew: true });
    expect(book.put('web', board('web', 'Two'), how(1)).entry.version).toBe(2);
    expect(book.put('web', board('web', 'Two'), how(2)).entry.version).toBe(2);
    expect(codeOf(() => book.put('web', board('web', 'Three'), how(1)))).toBe('ENGINE_CONFLICT');
    expect(codeOf(() => book.put('web', board('web', 'Three'), how(0)))).toBe('ENGINE_CONFLICT');
    const again = openBook();
    expect(again.entry('web')).toMatchObject({ version: 2, author: 'ana', origin: 'api', atMs: 5 });
    expect(again.versions('web').map(({ version }) => version)).toEqual([2, 1]);
    again.remove('web', how(2));
    expect(openBook().entry('web')).toBeNull();
    expect(openBook().put('web', board('web'), how(0)).entry.version).toBe(4);
  });

  test('keep their newest versions only', () => {
    const book = openBook();
    for (let i = 0; i < BOARD_VERSIONS_KEPT + 5; i++) book.put('web', board('web', `t${i}`), how());
    expect(book.versions('web')).toHaveLength(BOARD_VERSIONS_KEPT);
  });

  test('hide a starter of their name, which comes back', () => {
    const book = openBook();
    expect(book.entry('http')).toMatchObject({ origin: 'starter', version: 0 });
    expect(codeOf(() => book.remove('http', how()))).toBe('ENGINE_NOT_FOUND');
    book.put('http', board('http', 'Ours'), how());
    expect(book.entries().map((entry) => entry.board.title)).toEqual(['Ours']);
    book.remove('http', how());
    expect(book.entry('http')?.board.title).toBe('Starter');
  });

  test('of files are changed in their files, and taken whole or not at all', () => {
    const book = openBook();
    expect(book.takeFiles(new Map([['a.yaml', board('a')]]), 7).ok).toBe(true);
    expect(codeOf(() => book.put('a', board('a'), how()))).toBe('ENGINE_IN_FILE');
    expect(codeOf(() => book.remove('a', how()))).toBe('ENGINE_IN_FILE');
    const bad = new Map([
      ['a.yaml', board('a', 'New')],
      ['b.yaml', 'name: b\npanels: 3\n'],
    ]);
    expect(book.takeFiles(bad, 8)).toMatchObject({ ok: false, mistakes: [{ file: 'b.yaml' }] });
    expect(book.entry('a')).toMatchObject({ origin: 'a.yaml', board: { title: 'a' } });
    book.put('c', board('c'), how());
    const twice = new Map([
      ['x.yaml', board('a')],
      ['y.yaml', board('a')],
      ['z.yaml', board('c')],
    ]);
    expect(book.takeFiles(twice, 9).mistakes.map(({ message }) => message)).toEqual([
      '`a` is also a board of x.yaml',
      '`c` is also a board of the API',
    ]);
    expect(book.takeFiles(new Map(), 10).ok).toBe(true);
    expect(book.entry('a')).toBeNull();
  });

  test('are bounded, and one with mistakes or another name is refused', () => {
    const book = openBook(1);
    expect(codeOf(() => book.put('web', 'name: web\npanels: 1', how()))).toBe('ENGINE_BAD_BOARD');
    expect(codeOf(() => book.put('web', board('other'), how()))).toBe('ENGINE_BAD_BOARD');
    book.put('web', board('web'), how());
    expect(codeOf(() => book.put('more', board('more'), how()))).toBe('LIMIT_BOARDS');
    expect(book.put('web', board('web', 'x'), how()).isNew).toBe(false);
  });
});

describe('annotations', () => {
  function openAnnotations(changes: Parameters<typeof configWith>[0] = {}): Annotations {
    let next = 0;
    const newId = (): string => `id-${openedAt++}-${next++}`;
    return new Annotations({ sql, config: configWith(changes), newId });
  }
  let openedAt = 0;
  const ana = { author: 'ana', nowMs: 10_000 };
  const always = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, tags: [], limit: 100 };

  test('are found by time and tags, newest first, also after a restart', () => {
    const annotations = openAnnotations();
    annotations.add({ title: 'deploy', tags: ['deploy', 'service:web'], time: 5_000 }, ana);
    annotations.add({ title: 'now' }, ana);
    annotations.add({ title: 'long', time: '1970-01-01T00:00:01Z', endTime: 6_000 }, ana);
    for (const open of [annotations, openAnnotations()]) {
      expect(open.list(always).map(({ title }) => title)).toEqual(['now', 'deploy', 'long']);
      const titles = (query: object): string[] =>
        open.list({ ...always, ...query }).map(({ title }) => title);
      expect(titles({ fromMs: 5_500, toMs: 7_000 })).toEqual(['long']);
      expect(titles({ tags: ['service:web', 'deploy'] })).toEqual(['deploy']);
      expect(titles({ limit: 1 })).toEqual(['now']);
    }
    const [first] = annotations.list(always);
    expect(first).toMatchObject({ timeMs: 10_000, endMs: null, author: 'ana', tags: [], text: '' });
    expect(annotations.remove(first?.id ?? '')).toBe(true);
    expect(annotations.remove(first?.id ?? '')).toBe(false);
    expect(openAnnotations().size).toBe(2);
  });

  test.each([
    [{}, 'title'],
    [{ title: '  ' }, 'title'],
    [{ title: 'x'.repeat(201) }, 'title'],
    [{ title: 'a\u0000b' }, 'title'],
    [{ title: 'x', time: 'soon' }, 'time'],
    [{ title: 'x', time: 1.5 }, 'time'],
    [{ title: 'x', time: 5, endTime: 4 }, 'endTime'],
    [{ title: 'x', tags: 'deploy' }, 'tags'],
    [{ title: 'x', tags: [''] }, 'tags'],
    [{ title: 'x', text: 7 }, 'text'],
  ])('%o is refused for its %s', (body, parameter) => {
    const annotations = openAnnotations();
    try {
      annotations.add(body, ana);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENGINE_BAD_REQUEST', data: { parameter } });
    }
    expect(annotations.size).toBe(0);
  });

  test('are bounded in number, and old ones make room', () => {
    const annotations = openAnnotations({ annotationsMax: 2, annotationKeptMs: 60_000 });
    annotations.add({ title: 'a' }, { author: '', nowMs: 0 });
    annotations.add({ title: 'b' }, { author: '', nowMs: 50_000 });
    expect(codeOf(() => annotations.add({ title: 'c' }, { author: '', nowMs: 60_000 }))).toBe(
      'LIMIT_ANNOTATIONS',
    );
    annotations.add({ title: 'c' }, { author: '', nowMs: 61_000 });
    expect(
      openAnnotations()
        .list(always)
        .map(({ title }) => title),
    ).toEqual(['c', 'b']);
  });
});
