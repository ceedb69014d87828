/** The builder reads a query and changes one place of it; text and clicks never differ. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  conditionText,
  measureText,
  MEASURES,
  OPERATORS,
} from '../../../dashboard/builder/builder-parts.ts';
import { editQuery } from '../../../dashboard/builder/edit-query.ts';
import type { QueryEdit } from '../../../dashboard/builder/edit-query.ts';
import { readQuery } from '../../../dashboard/builder/read-query.ts';
import { snippetsFor } from '../../../dashboard/mql-snippets.ts';
import { hasErrors } from '../../../grammar/diagnostic.ts';
import { parse } from '../../../grammar/parse.ts';
import type { FieldView } from '../../../src/coordinator/views.ts';

const FULL =
  "select count(*) as n, p99(latency) -- slow ones\nfrom plays\nwhere region = 'eu' and (a or b)\n" +
  'window 10s slide 1s group by device, title order by n desc limit 5';

describe('reading', () => {
  test('a query is its parts, each with its place', () => {
    const built = readQuery(FULL);
    expect(built).toMatchObject({
      stream: { text: 'plays' },
      window: '10s slide 1s',
      others: ['order by', 'limit'],
    });
    expect(built?.shows.map(({ text }) => text)).toEqual(['count(*) as n', 'p99(latency)']);
    expect(built?.groups.map(({ text }) => text)).toEqual(['device', 'title']);
    expect(built?.filters).toHaveLength(2);
    for (const part of [...(built?.shows ?? []), ...(built?.groups ?? [])]) {
      expect(FULL.slice(part.span.start, part.span.end)).toBe(part.text);
    }
  });

  test.each(['select count(* from plays', 'explain select * from plays', '', 'select 1'])(
    '%s is none that it can change',
    (text) => {
      expect(readQuery(text)).toBeNull();
    },
  );

  test.each(['select * from plays, requests', 'select * from p*', 'select * from a join b on k'])(
    'the sources of %s are shown as they were written',
    (text) => {
      const built = readQuery(text);
      expect(built?.stream).toBeNull();
      expect(text).toContain(built?.sources);
    },
  );
});

describe('an edit', () => {
  test.each<[string, QueryEdit, string | null]>([
    ['', { kind: 'stream', name: 'a-b c' }, 'select count(*) as events from `a-b c` window 1s'],
    ['select * from plays', { kind: 'stream', name: 'requests' }, 'select * from requests'],
    [
      'select * from plays p where p.x = 1',
      { kind: 'remove-filter', index: 0 },
      'select * from plays p',
    ],
    [
      'select n from s where a = 1 and (b = 2 or c = 3) and d = 4 window 1s',
      { kind: 'remove-filter', index: 0 },
      'select n from s where (b = 2 or c = 3) and d = 4 window 1s',
    ],
    [
      'select n from s window 1s where a = 1 group by n',
      { kind: 'remove-filter', index: 0 },
      'select n from s window 1s group by n',
    ],
    [
      'select n from s',
      { kind: 'add-filter', condition: "x = 'y'" },
      "select n from s where x = 'y'",
    ],
    ['select * from s', { kind: 'add-show', column: 'count(*)' }, 'select count(*) from s'],
    ['select a from s', { kind: 'add-show', column: 'b' }, 'select a, b from s'],
    ['select a, b, c from s', { kind: 'remove-show', index: 0 }, 'select b, c from s'],
    ['select a, b, c from s', { kind: 'remove-show', index: 2 }, 'select a, b from s'],
    ['select a from s', { kind: 'remove-show', index: 0 }, null],
    ['select n from s;', { kind: 'add-group', key: 'k' }, 'select n from s group by k'],
    [
      'select n from s group by a',
      { kind: 'add-group', key: 'k' },
      'select n from s group by a, k',
    ],
    [
      'select n from s group by a window 1s',
      { kind: 'remove-group', index: 0 },
      'select n from s window 1s',
    ],
    [
      'select n from s group by a, b window 1s',
      { kind: 'remove-group', index: 1 },
      'select n from s group by a window 1s',
    ],
    ['select n from s window 1s', { kind: 'window', window: '10s' }, 'select n from s window 10s'],
    [
      'select n from s where a',
      { kind: 'window', window: '10s' },
      'select n from s window 10s where a',
    ],
    [
      'select n from s window 1s where a',
      { kind: 'window', window: null },
      'select n from s where a',
    ],
    ['select count( from s', { kind: 'window', window: '10s' }, null],
    ['select n from s', { kind: 'add-filter', condition: 'x = = y' }, null],
  ])('%s', (text, edit, wanted) => {
    expect(editQuery(text, edit)).toBe(wanted);
  });

  test('of any text leaves a query that reads, or nothing', () => {
    const texts = [FULL, 'select * from plays', "select a from b where c = 'd' or e", ''];
    const edit = fc.oneof(
      fc.record({ kind: fc.constant('stream' as const), name: fc.string() }),
      fc.record({
        kind: fc.constantFrom('remove-filter', 'remove-show', 'remove-group'),
        index: fc.integer({ min: -1, max: 4 }),
      }) as fc.Arbitrary<QueryEdit>,
      fc.record({ kind: fc.constant('add-group' as const), key: fc.string() }),
      fc.record({ kind: fc.constant('window' as const), window: fc.constantFrom('1s', null) }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(edit, { maxLength: 6 }), (text, edits) => {
        let current = text;
        for (const one of edits) current = editQuery(current, one) ?? current;
        return current === '' || !hasErrors(parse(current).diagnostics);
      }),
    );
  });
});

describe('what is chosen becomes text', () => {
  test('any field, comparison and value make a condition that reads', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.constantFrom('string', 'number', 'boolean', 'any'),
        fc.constantFrom(...OPERATORS),
        fc.string(),
        (name, type, operator, value) => {
          const field: FieldView = { name, type, values: [] };
          const text = `select * from s where ${conditionText(field, operator, value)}`;
          return !hasErrors(parse(text).diagnostics);
        },
      ),
    );
  });

  test.each(MEASURES)('$title', (measure) => {
    const text = `select ${measureText(measure, 'http.path/x')} from s window 1s`;
    expect(hasErrors(parse(text).diagnostics)).toBe(false);
  });

  test.each([
    ['number', '200', 'status = 200'],
    ['string', '200', "status = '200'"],
    ['boolean', 'TRUE', 'status = true'],
    ['string', "it's", "status = 'it''s'"],
  ])('a %s %s', (type, value, wanted) => {
    const operator = OPERATORS[0]!;
    expect(conditionText({ name: 'status', type, values: [] }, operator, value)).toBe(wanted);
  });
});

test('snippets read once their gaps are filled as they stand', () => {
  for (const { template } of snippetsFor('', 'plays')) {
    const text = template.replaceAll(/\$\{([^}]*)\}/g, '$1');
    expect(hasErrors(parse(text).diagnostics), text).toBe(false);
    expect(text).toContain('from plays');
  }
  expect(snippetsFor('per', null).map(({ label }) => label)).toEqual(['percentiles']);
});
