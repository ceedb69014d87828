/** Small questions about the language and the rows that answer them. */
import { expect, it } from 'vitest';
import { evaluate } from '../../../src/reference/evaluate.ts';

const EVENTS = [
  {
    id: 1,
    l: [
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ],
    status: 500,
    route: '/x',
    ms: 10,
  },
  { id: 2, l: [{ a: 1, b: 4 }], status: 200, route: '/y', ms: 20 },
  { id: 3, l: [], status: 503, route: '/x', ms: 30 },
  { id: 4, status: 200, ms: 'slow' },
];

const ids = (...list: readonly number[]): readonly unknown[] => list.map((id) => ({ id }));

it.each<[string, readonly unknown[]]>([
  ['select id where l[*].a = 1 and l[*].b = 4', ids(2)],
  ['select id where l[*].a = 1 and (l[*].b = 4 or l[*].b = 2)', ids(1, 2)],
  ['select id where not (l[*].a = 1)', ids(3, 4)],
  ['select id where l[*].a != 1', ids(1)],
  ["select id where status >= 500 and route like '/%'", ids(1, 3)],
  ['select id where ms > 15', ids(2, 3)],
  ['select id where not (ms > 15)', ids(1, 4)],
  ['select id where route is null', ids(4)],
  ['select id where id between 2 and 3', ids(2, 3)],
  ['select id where id in (1, 4)', ids(1, 4)],
  ['select id where route ==~ /.x/', ids(1, 3)],
  ['select id having id > 3', ids(4)],
  ['select l[*].a as a where id = 1', [{ a: [1, 3] }]],
  [
    "select case when status >= 500 then 'bad' else 'good' end as s where id < 3",
    [{ s: 'bad' }, { s: 'good' }],
  ],
  ['select sum(ms) as s, avg(ms) as a, count(ms) as n', [{ s: 60, a: 20, n: 4 }]],
  [
    'select count(*) filter (where status >= 500) / count(*) as error_ratio',
    [{ error_ratio: 0.5 }],
  ],
  ['select route, count(*) as n group by route having n > 1', [{ route: '/x', n: 2 }]],
  ['select count(*) as n group by route order by n desc, route limit 1', [{ route: '/x', n: 2 }]],
  ["select upper(route) as r, count(*) as n group by r having r = '/Y'", [{ r: '/Y', n: 1 }]],
  ['select id, status as id where id = 1', [{ id: 500 }]],
  ['select p50(id) as p, median(id) as m', [{ p: 3, m: 3 }]],
  ['select count(distinct route) as n', [{ n: 2 }]],
])('%s', async (query, rows) => {
  expect((await evaluate(query, EVENTS)).rows).toEqual(rows);
});
