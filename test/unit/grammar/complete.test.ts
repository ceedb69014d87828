import { describe, expect, test } from 'vitest';
import { complete } from '../../../grammar/complete.ts';
import type { LanguageCatalogue } from '../../../grammar/language-catalogue.ts';

const catalogue: LanguageCatalogue = {
  streams: [
    {
      name: 'plays',
      fields: [
        { name: 'country', type: 'string', values: ['US', "d'E", 'UK'] },
        { name: 'latency_ms', type: 'number' },
      ],
    },
    {
      name: 'errors',
      fields: [
        { name: 'code', type: 'number' },
        { name: 'odd key', type: 'string' },
      ],
    },
  ],
  functions: [
    { name: 'count', signature: 'count(x)', doc: 'events' },
    { name: 'coalesce', signature: 'coalesce(a, …)', doc: '' },
  ],
};

/** Labels at the `|` of the text. */
function labels(marked: string): string[] {
  return completions(marked).map(({ label }) => label);
}

function completions(marked: string): ReturnType<typeof complete> {
  const offset = marked.indexOf('|');
  return complete(marked.replace('|', ''), offset, catalogue);
}

describe('completions', () => {
  test.each([
    { text: '|', expected: ['SELECT', 'EXPLAIN'] },
    { text: 'se|', expected: ['SELECT'] },
    { text: 'select * from |', expected: ['plays', 'errors'] },
    { text: 'select * from pl|', expected: ['plays'] },
    { text: 'select * from plays, e|', expected: ['errors'] },
    { text: 'select * from plays join |', expected: ['plays', 'errors'] },
    { text: 'select co| from plays', expected: ['country', 'count', 'coalesce'] },
    { text: 'select co| from errors', expected: ['code', 'count', 'coalesce'] },
    { text: 'select co| from p*', expected: ['country', 'count', 'coalesce'] },
    { text: 'select co| from nope', expected: ['country', 'code', 'count', 'coalesce'] },
    { text: 'select * from plays where lat|', expected: ['latency_ms'] },
    { text: 'select * from plays where a = 1 w|', expected: ['WINDOW'] },
    { text: 'select * from plays window 10 w|', expected: ['WHERE'] },
    { text: 'select * from plays order b|', expected: ['BY'] },
    { text: 'select * from plays order by a d|', expected: ['DESC'] },
    { text: 'select * from plays last 5m s|', expected: ['SAMPLE'] },
    { text: 'select * f|', expected: ['FROM'] },
    { text: 'select a from plays where b f|', expected: [] },
    { text: 'select a from plays where b is n|', expected: ['NULL', 'NOT NULL'] },
    { text: 'select count(d|', expected: ['DISTINCT'] },
    { text: 'select count(a) fil|', expected: ['FILTER (WHERE'] },
    { text: 'select count(a) filter (w|', expected: ['WHERE'] },
    { text: 'select case when a t|', expected: ['THEN'] },
    { text: 'select a as |', expected: [] },
    { text: "select 'a |", expected: [] },
    { text: 'select a -- w|', expected: [] },
    { text: 'select a /* w|', expected: [] },
    { text: 'select a from plays limit |', expected: [] },
    { text: "select a from plays where country = 'u|", expected: ["'US'", "'UK'"] },
    { text: "select a from plays where country = 'u|'", expected: ["'US'", "'UK'"] },
    { text: "select a from plays where e['country'] != '|'", expected: ["'US'", "'d''E'", "'UK'"] },
    { text: "select a from plays where country in ('US', 'u|", expected: ["'US'", "'UK'"] },
    { text: "select a from plays where country not like 'd|", expected: ["'d''E'"] },
    { text: "select a from plays where city = 'u|", expected: [] },
    { text: 'select a from plays where country = coa|', expected: ['coalesce'] },
    { text: 'select count(a) as total from plays having to|', expected: ['total'] },
    { text: 'select p.l| from plays p', expected: ['p.latency_ms'] },
    { text: 'select P.c| from errors as P', expected: ['P.code'] },
    { text: 'select a from plays where b = $first and c = $fi|', expected: ['$first'] },
  ])('$text', ({ text, expected }) => expect(labels(text)).toEqual(expected));

  test('values are proposed before a letter is typed, and then everything else', () => {
    const found = labels('select a from plays where country = |');
    expect(found.slice(0, 4)).toEqual(["'US'", "'d''E'", "'UK'", 'country']);
  });

  test('a closing quote that is there already is replaced', () => {
    const [first] = completions("select a from plays where country = 'u|' limit 1");
    expect(first).toEqual({
      label: "'US'",
      kind: 'value',
      insert: "'US'",
      detail: 'value of country',
      span: { start: 36, end: 39 },
    });
  });

  test.each([
    ['select a from s gr|', 'GROUP BY x, …'],
    ['select a from s where b not |', 'x [NOT] IN (a, b, …)'],
    ['select count(a) fil|', 'count(*) FILTER (WHERE condition)'],
    ['sel|', 'SELECT *, x, expression [AS name], …'],
  ])('%s shows how the word is written', (text, form) => {
    expect(completions(text)[0]?.detail).toBe(form);
  });

  test('a field shows its type and some values', () => {
    expect(completions('select cou| from plays')[0]?.detail).toBe("string · 'US', 'd''E', 'UK'");
  });

  test('the typed word is replaced, and names are quoted if they must be', () => {
    expect(completions('select `od| from errors')).toEqual([
      {
        label: 'odd key',
        kind: 'field',
        insert: '`odd key`',
        detail: 'string',
        span: { start: 7, end: 10 },
      },
    ]);
    expect(
      completions('select cou| from plays').map(({ insert, span }) => ({ insert, span })),
    ).toEqual([
      { insert: 'country', span: { start: 7, end: 10 } },
      { insert: 'count(', span: { start: 7, end: 10 } },
    ]);
  });

  test('any offset of any text is answered', () => {
    for (const text of ['select e[', ')))', "sel'", 'select a from `x', '💥 -- ', 'select {']) {
      for (let offset = -1; offset <= text.length + 1; offset++) {
        expect(Array.isArray(complete(text, offset, catalogue))).toBe(true);
      }
    }
  });
});
