import { describe, expect, test } from 'vitest';
import { hover } from '../../../grammar/hover.ts';
import type { LanguageCatalogue } from '../../../grammar/language-catalogue.ts';
import { VOCABULARY } from '../../../grammar/tokens.ts';
import { wordDoc } from '../../../grammar/word-docs.ts';
import { languageView } from '../../../src/plan/language-view.ts';

const catalogue: LanguageCatalogue = {
  streams: [
    {
      name: 'plays',
      fields: [
        { name: 'region', type: 'string', values: ["eu'west", 'us'] },
        { name: 'user', type: 'object' },
      ],
    },
    { name: 'plays2', fields: [] },
    { name: 'errors', fields: [{ name: 'code', type: 'number', values: [404] }] },
  ],
  functions: languageView().functions.map((one) => ({
    ...one,
    aggregate: one.kind === 'aggregate',
  })),
};

/** What stands at the `|`, as one text. */
function at(marked: string): string | null {
  const offset = marked.indexOf('|');
  const found = hover(marked.replace('|', ''), offset, catalogue);
  return found === null ? null : `${found.kind} ${found.title} — ${found.text}`;
}

describe('hover', () => {
  test.each([
    { text: 'sel|ect a', expected: /^word SELECT .*columns?|row/i },
    { text: 'select a from plays win|dow 1s', expected: /^word WINDOW 10s/ },
    { text: 'select a group b|y b', expected: /^word GROUP BY/ },
    { text: 'select a order b|y b', expected: /^word ORDER BY/ },
    { text: 'select a where b =|~ /x/', expected: /^word x =~ .*RE2/ },
    {
      text: 'select lo|wer(a)',
      expected: /^function lower\(x: any\) → string — Text in lower case\./,
    },
    { text: 'select P9|9(a)', expected: /^aggregate percentile.*Error: exact up to 256/ },
    { text: 'select p99.95|(a)', expected: /^aggregate percentile/ },
    { text: 'select co|unt(*)', expected: /^aggregate count.*Error: none, it is exact\.$/ },
    {
      text: 'select reg|ion from plays',
      expected: /^field region: string — .*'eu''west', 'us'\.$/,
    },
    { text: 'select region| from plays', expected: /^field region/ },
    { text: 'select user.na|me from plays', expected: /^field user: object/ },
    { text: "select e['reg|ion'] from plays", expected: /^field region/ },
    { text: 'select `reg|ion` from plays', expected: /^field region/ },
    { text: 'select x.co|de from plays p, errors x', expected: /^field code: number — .*404\.$/ },
    { text: 'select a from pl|ays', expected: /^stream plays — A stream with region, user\.$/ },
    { text: 'select a from plays|2', expected: /^stream plays2 — .*fields appear/ },
    { text: 'select a from pl|ay*', expected: /^stream play\* — 2 streams: plays, plays2\.$/ },
    { text: 'select a from no|pe', expected: /^stream nope — .*nobody offers/ },
    { text: 'select p.|* from plays p', expected: /^stream plays/ },
    { text: 'select a last 1|5m', expected: /^duration 15m — .*900000 ms/ },
    { text: 'select a where b = $|x', expected: /^parameter \$x/ },
  ])('$text', ({ text, expected }) => expect(at(text)).toMatch(expected));

  test.each([
    'select a |  , b',
    'select no|thing from plays',
    'select a as na|me',
    'select 1|2',
    '|',
  ])('%s: nothing is known', (text) => expect(at(text)).toBeNull());

  test('says what it is about', () => {
    expect(hover('select region', 9, catalogue)?.span).toEqual({ start: 7, end: 13 });
  });

  test('answers at every offset of any text', () => {
    for (const text of ["select e['", ')))', "sel'", '💥 -- ', 'select `a', '[*]', 'a..b $ ~=']) {
      for (let offset = -1; offset <= text.length + 1; offset++) hover(text, offset, catalogue);
    }
  });
});

test('every keyword is explained', () => {
  const unexplained = VOCABULARY.filter(({ LABEL = '' }) => /^"[A-Z]+"$/.test(LABEL))
    .filter((tokenType) => {
      const token = { tokenType, payload: null } as Parameters<typeof wordDoc>[0];
      const previous = VOCABULARY.find(({ LABEL }) => LABEL === '"GROUP"');
      return wordDoc(token, previous) === null;
    })
    .map(({ LABEL }) => LABEL);
  // Literals explain themselves.
  expect(new Set(unexplained)).toEqual(new Set(['"FALSE"', '"NULL"', '"TRUE"']));
});
