/**
 * Random queries over more than one source: joins of streams and with a table, and streams side by
 * side; over the fields of `random-stream.ts`.
 */
import fc from 'fast-check';
import { clauses, nothing, one, spaced } from './random-text.ts';
import type { Text } from './random-text.ts';

/**
 * The stream joined with itself: both sides of every pair come from one list of events. Names are
 * those of one side, so that columns can be compared whatever the order of ties.
 */
const joinOn = one(
  'p.n = x.n',
  'p.s = x.s',
  'g',
  'p.s = x.s and p.b = x.b',
  'p.m = x.m',
  'upper(p.s) = upper(x.u)',
  'p.n = x.n and x.b = true',
  'p.s = x.s and p.n < x.n',
);
const joinedFrom = fc
  .tuple(one('join', 'left join', 'left join'), one('300ms', '1s', '2s', '40ms'), joinOn)
  .map(([type, within, on]) => `from stream p ${type} stream x within ${within} on ${on}`);
const secondJoin = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: one('join', 'left join').map(
      (type) => ` ${type} stream y within 200ms on x.n = y.n and y.g = 'a'`,
    ),
  },
);
const joinSample = one(
  '',
  '',
  '',
  ' sample 50%',
  ' sample {"strategy": "STICKY", "threshold": 6000, "keys": ["s"]}',
  ' sample {"strategy": "RPS", "threshold": 100000}',
);
const joinWhere = one(
  '',
  ' where p.b = true',
  ' where x.n > 1',
  ' where x.n is null',
  ' where p.b = true and x.b = false and p.ts <= x.ts',
  " where p.s != 'a' or x.n = 2",
  ' where p.n = 1 and event_time() > 0',
);
const joinedSource = spaced(fc.tuple(joinedFrom, secondJoin).map((parts) => parts.join(''))).filter(
  (text) => !(text.includes('stream y') && text.includes('2s')),
);

const tableOn = one('p.g = t.id', 'p.s = t.id', 'p.m = t.id', 'p.b = t.id', 'lower(p.s) = t.id');
const tableMore = one('', '', " and t.name != 'b'", ' and t.size > p.n', ' and p.b = true');
const tableSource = fc
  .tuple(one('join', 'left join'), tableOn, tableMore)
  .map(([type, on, more]) => `from stream p ${type} names t on ${on}${more}`);
/** Looked up after a join of streams, by what the second brought. */
const bothSource = fc
  .tuple(joinedFrom, one('join', 'left join'))
  .map(([joined, type]) => `${joined} ${type} names t on x.s = t.id`);
const tableWhere = one(
  '',
  ' where t.size > 1',
  ' where t.name is null',
  ' where p.n = 1 or t.size = 4',
);

export function tableQuery(window: Text, isWindowed: boolean): Text {
  const source = fc.oneof(
    { weight: 3, arbitrary: tableSource },
    { weight: 1, arbitrary: bothSource },
  );
  const plain = clauses([
    one('select p.n as c0, t.name as c1, t.tags as c2 ', 'select t.* , p.s as c0 '),
    source,
    window,
    tableWhere,
    isWindowed ? one('', ' order by c0') : fc.constant(''),
  ]);
  const grouped = clauses([
    one(
      'select count(*) as total, sum(t.size) as c0 ',
      'select count(t.name) as c0, max(t.size) as c1 ',
    ),
    source,
    window,
    tableWhere,
    one('', ' group by t.name', ' group by p.g, t.size'),
  ]);
  return fc.oneof(plain, grouped);
}

export function joinedQuery(window: Text, isWindowed: boolean): Text {
  const plain = clauses([
    one(
      'select p.n as c0, x.n as c1, x.s as c2 ',
      'select p.ts as c0, x.o as c1, l as c2 ',
      "select e[^'o'], x.n as c1, p.n as c0 ",
    ),
    joinedSource,
    window,
    joinWhere,
    joinSample,
    isWindowed ? one('', ' order by c1 desc, c0') : fc.constant(''),
  ]);
  const grouped = clauses([
    one(
      'select count(*) as total, count(x.n) as c0, sum(x.n) as c1, first(x.s) as c2 ',
      'select count(*) as total, max(p.ts) as c0, count(distinct x.s) as c1, last(p.n) as c2 ',
    ),
    joinedSource,
    window,
    joinWhere,
    joinSample,
    one('', ' group by p.s', ' group by p.g, x.b', ' group by x.n having count(*) > 1'),
  ]);
  return fc.oneof(plain, grouped);
}

/** Two streams side by side: what is said of one of them is missing in events of the other. */
const ownNumber = one('p.n', 'q.n', 'q.o.p', 'p.x', 'n', 'q.l[0].v', 'p.big');
const ownField = one('p.s', 'q.s', 'q.g', 'p.b', 'p.m', 'q.u', 's', 'q.tags[-1]', 'q.missing');
const sideBySide = one('from stream p, other q', 'from other as q, stream as p');
const mergedWhere = one(
  '',
  '',
  ' where q.n = 1',
  ' where p.s != q.s',
  ' where p.n is null',
  ' where q.l[*].v = 1 and q.l[*].w = p.g',
  ' where not (q.tags[*] = "a") and b',
  ' where coalesce(p.n, q.x) > 1 or q.b = true',
  ' where q.s in ("a", "b") or p.u like "%a%"',
);
const mergedGroups = one(
  '',
  ' group by q.s',
  ' group by p.g, q.b',
  ' group by coalesce(p.s, q.u)',
  ' having c0 > q.n',
);

export function mergedQuery(window: Text, isWindowed: boolean): Text {
  const plain = clauses([
    fc.tuple(ownNumber, ownField).map(([n, x]) => `select ${n} as c0, ${x} as c1`),
    one('', ', p.* ', ", e[^'o'] ", ', q.* ').map((more) => `${more} `),
    sideBySide,
    window,
    mergedWhere,
    isWindowed ? one('', ' order by c1, c0', ' group by q.g') : nothing,
  ]);
  const grouped = clauses([
    fc.tuple(ownNumber, ownField).map(([n, x]) => `select sum(${n}) as c0, count(${x}) as c1, `),
    fc.tuple(ownNumber, ownField).map(([n, x]) => `max(${n}) as c2, last(${x}) as c3 `),
    sideBySide,
    window,
    mergedWhere,
    mergedGroups,
  ]);
  return fc.oneof(plain, grouped);
}
