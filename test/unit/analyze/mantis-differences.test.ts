/**
 * Differences from Mantis (the D numbers of docs/language.md) that no recorded answer shows, and
 * that every one of them is cited by some test.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planQuery } from '../../../src/plan/plan-query.ts';
import { evaluate } from '../../../src/reference/evaluate.ts';

const CATALOGUE = {
  streams: () => ['requests'],
  fields: () => [{ name: 'status', type: 'number' as const }],
};

function codesOf(query: string): string[] {
  const { diagnostics } = planQuery(query, { mode: 'live', catalogue: CATALOGUE });
  return diagnostics.map(({ code }) => code);
}

describe('differences', () => {
  test('D7: conditions on `[*]` in one AND hold for the same element', async () => {
    const events = [{ l: [{ a: 1, b: 2 }] }, { l: [{ a: 1 }, { b: 2 }] }];
    const query = 'select l where l[*].a = 1 and l[*].b = 2';
    expect((await evaluate(query, events)).rows).toEqual([events[0]]);
  });

  test('D11: an unknown source is warned of, with the name that may be meant', () => {
    const { diagnostics } = planQuery('select * from reqests', {
      mode: 'live',
      catalogue: CATALOGUE,
    });
    expect(diagnostics).toMatchObject([
      { code: 'MQL_UNKNOWN_STREAM', severity: 'warning', hint: 'Did you mean `requests`?' },
    ]);
  });

  test('D26: a column beside an average is the first value of all, with a warning', async () => {
    const query = 'select status, avg(x) as mean';
    expect(codesOf('select status, avg(status) from requests window 1s')).toEqual([
      'MQL_FIRST_VALUE',
    ]);
    const { rows } = await evaluate(query, [
      { status: 1, x: 2 },
      { status: 9, x: 4 },
    ]);
    expect(rows).toEqual([{ status: 1, mean: 3 }]);
  });
});

test('every difference that the documentation names is cited by a test', () => {
  const docs = readFileSync('docs/language.md', 'utf8');
  const numbers = [...docs.matchAll(/^\| (D\d+) \|/gm)].map(([, number]) => number!);
  expect(numbers).toEqual(Array.from({ length: 27 }, (_, i) => `D${i + 1}`));
  const cited = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|json|mqltest)$/.test(name))
    .map((name) => readFileSync(join('test', name), 'utf8'))
    .join('\n');
  expect(numbers.filter((number) => !new RegExp(`\\b${number}\\b`).test(cited))).toEqual([]);
});

test.each([
  'select sum(status) from requests window 1s having nothing(1)',
  'select f2(status) from requests',
  "select * from requests where status =~ '('",
  'select * from requests order by status',
  'select status[$p] from requests',
  'select * from requests lateness 1s emit every 1s',
  'select count(*) from requests window 1s lateness 11m',
  'select * from requests sample 200%',
  'select p100(status) from requests',
])('every mistake says what to do: %s', (query) => {
  const { diagnostics } = planQuery(query, { mode: 'live', catalogue: CATALOGUE });
  expect(diagnostics.length).toBeGreaterThan(0);
  for (const { hint } of diagnostics) expect(hint).toMatch(/\w/);
});
