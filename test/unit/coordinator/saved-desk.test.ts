/** Saved queries: what may be saved, by whom it was changed, and what may not go. */
import { beforeEach, describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import { SavedDesk } from '../../../src/coordinator/saved-desk.ts';
import type { SavedQueryInput } from '../../../src/coordinator/saved-desk.ts';
import type { EngineError } from '../../../src/core/errors.ts';
import type { Result } from '../../../src/core/result.ts';
import { memoryQueries } from '../../support/memory-saved.ts';

const COUNT = 'select count(*) as n from plays window 10s';
let desk: SavedDesk;
let nowMs: number;

beforeEach(() => {
  nowMs = 1_000;
  const catalogue = () => ({ streams: () => ['plays'], fields: () => [] });
  const config = configWith({ savedQueriesMax: 3 });
  desk = new SavedDesk({ saved: memoryQueries(), config, catalogue });
});

function put(name: string, text: string, version: number | null = null, more = {}) {
  const input: SavedQueryInput = { name, text, params: {}, description: '', keep: false, ...more };
  return desk.put(input, { version, by: 'ada', nowMs: nowMs++ });
}

function codeOf(result: Result<unknown, EngineError>): string {
  return result.ok ? 'ok' : result.error.code;
}

describe('saving', () => {
  test('keeps the first owner, and counts versions', () => {
    expect(put('rates', COUNT)).toMatchObject({ ok: true, value: { version: 1, owner: 'ada' } });
    const input = {
      name: 'rates',
      text: `${COUNT} `,
      params: {},
      description: 'starts',
      keep: false,
    };
    const changed = desk.put(input, { version: 1, by: 'bob', nowMs: 2_000.5 });
    expect(changed).toMatchObject({
      value: { version: 2, owner: 'ada', updatedBy: 'bob', createdAt: 1_000, updatedAt: 2_000 },
    });
    expect(desk.get('rates')).toMatchObject({
      value: { text: `${COUNT} `, description: 'starts' },
    });
  });

  test('refuses what was made from another version', () => {
    put('rates', COUNT);
    expect(codeOf(put('rates', COUNT))).toBe('ENGINE_CONFLICT');
    expect(codeOf(put('rates', COUNT, 2))).toBe('ENGINE_CONFLICT');
    expect(codeOf(put('gone', COUNT, 1))).toBe('ENGINE_CONFLICT');
    expect(codeOf(put('rates', COUNT, 1))).toBe('ok');
  });

  test.each(['', '1a', 'a b', 'a--b', 'squilla.x', 'a'.repeat(101), 'a/b', '`a`'])(
    'refuses the name %j',
    (name) => expect(codeOf(put(name, COUNT))).toBe('ENGINE_BAD_REQUEST'),
  );

  test.each(['rates', 'fast-regions', 'a.b:c', 'größe', '_x1'])('takes the name %j', (name) => {
    expect(codeOf(put(name, COUNT))).toBe('ok');
    expect(codeOf(put('reader', `select n from ${name}`))).toBe('ok');
  });

  test('refuses mistakes, and says where', () => {
    const refused = put('rates', 'select cuont(*) from plays');
    expect(refused).toMatchObject({
      error: {
        code: 'ENGINE_BAD_QUERY',
        data: { diagnostics: [{ code: 'MQL_UNKNOWN_FUNCTION', span: { start: 7 } }] },
      },
    });
    expect(codeOf(put('rates', `explain ${COUNT}`))).toBe('ENGINE_BAD_REQUEST');
    expect(desk.list()).toEqual([]);
  });

  test('takes a query whose parameters get their values later', () => {
    const text = 'select count(*) as n from plays where region = $region window 10s';
    expect(put('rates', text)).toMatchObject({
      value: { parameters: ['region'], columns: null, whyNoView: /no value/ },
    });
    const bound = put('rates', text, 1, { params: { region: 'eu' } });
    expect(bound).toMatchObject({ value: { whyNoView: null, columns: [{}, {}, { name: 'n' }] } });
  });

  test('finds a circle through other definitions', () => {
    put('a', 'select n from b window 10s');
    const closing = put('b', 'select n from a window 10s');
    expect(closing).toMatchObject({
      error: { data: { diagnostics: [{ code: 'MQL_VIEW_CYCLE', message: /b → a → b/ }] } },
    });
    expect(codeOf(put('c', 'select n from c window 10s'))).toBe('ENGINE_BAD_QUERY');
  });

  test('is bounded', () => {
    for (const name of ['a', 'b', 'c']) put(name, COUNT);
    expect(codeOf(put('d', COUNT))).toBe('LIMIT_SAVED_QUERIES');
    expect(codeOf(put('c', COUNT, 1))).toBe('ok');
  });
});

describe('removing', () => {
  test('is refused while others read it, and if it has changed', () => {
    put('rates', COUNT);
    put('top', 'select max(n) as top from rates window 1m');
    expect(desk.remove('rates', null)).toMatchObject({
      error: { code: 'ENGINE_IN_USE', data: { readers: ['top'] } },
    });
    expect(codeOf(desk.remove('top', 7))).toBe('ENGINE_CONFLICT');
    expect(codeOf(desk.remove('top', 1))).toBe('ok');
    expect(codeOf(desk.remove('rates', null))).toBe('ok');
    expect(codeOf(desk.remove('rates', null))).toBe('ENGINE_NOT_FOUND');
  });
});

test('a view is listed with its columns, which follow what it reads', () => {
  put('rates', COUNT);
  put('all', 'select n from rates window 10s');
  const names = () =>
    desk.list().map(({ name, columns }) => [name, columns?.map((column) => column.name)]);
  expect(names()).toEqual([
    ['all', ['window_start', 'window_end', 'n']],
    ['rates', ['window_start', 'window_end', 'n']],
  ]);
  put('rates', 'select count(*) as n from plays', 1);
  expect(names()).toEqual([
    ['all', undefined],
    ['rates', undefined],
  ]);
});

test('a text that is too long is refused: every reader would have it planned', () => {
  const text = `select a from plays -- ${'x'.repeat(9_000)}`;
  const saved = desk.put(
    { name: 'long', text, params: {}, description: '', keep: false },
    { version: null, by: 'ada', nowMs: 1 },
  );
  expect(saved).toMatchObject({
    error: { code: 'ENGINE_BAD_REQUEST', detail: expect.stringContaining('read that in FROM') },
  });
});
