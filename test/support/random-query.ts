/**
 * Random query texts over the fields of `random-stream.ts` that plan without errors. Columns say by
 * their names how they may be compared: `list…` as multisets, `near…` within rounding and never by
 * ORDER BY or HAVING, whose outcome rounding could turn.
 */
import fc from 'fast-check';
import { joinedQuery, mergedQuery, tableQuery } from './random-sources.ts';
import { clauses, join, nothing, one, spaced } from './random-text.ts';
import type { Text } from './random-text.ts';

const numberField = one('n', 'n', 'x', 'big', 'm', 'o.p', 'l[0].v', "e['o']['p']", 's', 'ts');
const textField = one('s', 's', 'u', 'm', 'tags[0]', 'o.q.r', "e['o']['q']['r']", 'tags[-1]', 'n');
const anyField = one('n', 'x', 's', 'u', 'b', 'm', 'g', 'o', 'l', 'tags', 'missing', 'o.p', 'big');
const numberLiteral = one('0', '1', '2', '2.5', '-1', '10', '3', '1e6', '9007199254740992');
const textLiteral = one("'a'", "'ab'", "'1'", "'é'", "'😀'", "''", "'A'", "'x/y?z#w'");
const literal = fc.oneof(numberLiteral, textLiteral, one('true', 'false', 'null'));
const pattern = one('a', '.*a.*', '^a', 'b$', '(?i)AB', '[0-9]+', '.', '(a|b)+', '', '😀', '[^a]');
const like = one("'a%'", "'%b'", "'_'", "'%'", "'a_'", "'A%'", "''", "'%a\\%b%'", "'é'");

const { condition, number, text } = fc.letrec<Record<'condition' | 'number' | 'text', string>>(
  (tie) => {
    const num = tie('number');
    const str = tie('text');
    const cond = tie('condition');
    const comparison = one('=', '==', '!=', '<>', '<', '<=', '>', '>=');
    const operand = fc.oneof(num, str, anyField, literal);
    return {
      number: fc.oneof(
        { maxDepth: 3 },
        { weight: 8, arbitrary: numberField },
        { weight: 3, arbitrary: numberLiteral },
        { weight: 3, arbitrary: spaced('(', num, one('+', '-', '*', '/', '%'), num, ')') },
        { weight: 1, arbitrary: num.map((x) => `- (${x})`) },
        { weight: 1, arbitrary: num.map((x) => `abs(${x})`) },
        { weight: 1, arbitrary: num.map((x) => `round(${x}, 1)`) },
        { weight: 1, arbitrary: num.map((x) => `bucket(${x}, 5)`) },
        { weight: 1, arbitrary: join(', ', num, num).map((x) => `greatest(${x})`) },
        { weight: 1, arbitrary: join(', ', num, num).map((x) => `coalesce(${x})`) },
        { weight: 1, arbitrary: join(', ', num, num).map((x) => `nullif(${x})`) },
        { weight: 1, arbitrary: join(', ', cond, num, num).map((x) => `if(${x})`) },
        { weight: 1, arbitrary: spaced('case when', cond, 'then', num, 'else', num, 'end') },
        { weight: 1, arbitrary: spaced('case when', cond, 'then', num, 'end') },
        { weight: 1, arbitrary: str.map((x) => `length(${x})`) },
        { weight: 1, arbitrary: str.map((x) => `to_number(${x})`) },
      ),
      text: fc.oneof(
        { maxDepth: 3 },
        { weight: 8, arbitrary: textField },
        { weight: 2, arbitrary: textLiteral },
        { weight: 1, arbitrary: str.map((x) => `upper(${x})`) },
        { weight: 1, arbitrary: str.map((x) => `trim(${x})`) },
        { weight: 1, arbitrary: join(', ', str, str).map((x) => `concat(${x})`) },
        { weight: 1, arbitrary: str.map((x) => `substr(${x}, 1, 2)`) },
        { weight: 1, arbitrary: anyField.map((x) => `to_string(${x})`) },
        { weight: 1, arbitrary: anyField.map((x) => `typeof(${x})`) },
        { weight: 1, arbitrary: str.map((x) => `replace(${x}, 'a', 'z')`) },
        { weight: 1, arbitrary: spaced('case when', cond, 'then', str, 'else', str, 'end') },
      ),
      condition: fc.oneof(
        { maxDepth: 3 },
        { weight: 6, arbitrary: spaced(fc.oneof(anyField, numberField), comparison, literal) },
        { weight: 4, arbitrary: spaced(operand, comparison, operand) },
        { weight: 2, arbitrary: spaced(str, one('like', 'not like', 'ilike'), like) },
        {
          weight: 2,
          arbitrary: fc
            .tuple(fc.oneof(str, anyField), one('==~', '=~', '!~'), pattern)
            .map(([x, operator, regex]) => `${x} ${operator} /${regex}/`),
        },
        { weight: 1, arbitrary: spaced(fc.oneof(str, anyField), '==+', fc.oneof(str, literal)) },
        {
          weight: 2,
          arbitrary: fc
            .tuple(anyField, one('in', 'not in'), fc.array(literal, { minLength: 1, maxLength: 4 }))
            .map(([x, operator, list]) => `${x} ${operator} (${list.join(', ')})`),
        },
        { weight: 1, arbitrary: spaced(num, 'between', numberLiteral, 'and', numberLiteral) },
        { weight: 1, arbitrary: spaced(anyField, one('is null', 'is not null')) },
        { weight: 1, arbitrary: anyField.map((x) => `exists(${x})`) },
        { weight: 1, arbitrary: anyField },
        { weight: 1, arbitrary: spaced('l[*].v', comparison, literal) },
        {
          weight: 1,
          arbitrary: spaced('( l[*].v', comparison, literal, 'and l[*].w =', literal, ')'),
        },
        { weight: 1, arbitrary: spaced(one('tags[*]', 'o[*]', 'l[*][*]'), comparison, literal) },
        { weight: 2, arbitrary: spaced('(', cond, one('and', 'or', '&&', '||'), cond, ')') },
        { weight: 1, arbitrary: cond.map((x) => `not (${x})`) },
      ),
    };
  },
);

const value = fc.oneof(number, text, anyField);
const where = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  { weight: 3, arbitrary: condition.map((x) => ` where ${x}`) },
);
const timeWindow = one('1s', '2s', '700ms', '1', '2s slide 1s', '1500ms slide 500ms', '3 2', '1 2');

/** An aggregate call without its filter, under the prefix of its column's name. */
const call: fc.Arbitrary<readonly [prefix: string, text: string]> = fc.oneof(
  fc.constant(['c', 'count(*)'] as const),
  anyField.map((x) => ['c', `count(${x})`] as const),
  fc.tuple(one('sum', 'avg', 'min', 'max'), number).map(([f, x]) => ['c', `${f}(${x})`] as const),
  fc
    .tuple(one('min', 'max', 'first', 'last', 'any'), value)
    .map(([f, x]) => ['c', `${f}(${x})`] as const),
  fc
    .tuple(one('p50', 'p90', 'p999', 'median'), number)
    .map(([f, x]) => ['c', `${f}(${x})`] as const),
  fc.tuple(one('variance', 'stddev'), numberField).map(([f, x]) => ['near', `${f}(${x})`] as const),
  value.map((x) => ['c', `count(distinct ${x})`] as const),
  fc
    .tuple(one('sum', 'avg', 'p50'), numberField)
    .map(([f, x]) => ['near', `${f}(distinct ${x})`] as const),
  value.map((x) => ['c', `count_distinct(${x})`] as const),
  value.map((x) => ['c', `topk(${x}, 3)`] as const),
  value.map((x) => ['list', `list(${x})`] as const),
  numberField.map((x) => ['near', `rate(${x})`] as const),
  numberField.map((x) => ['near', `delta(${x})`] as const),
  numberField.map((x) => ['c', `apdex(${x}, 2)`] as const),
  numberField.map((x) => ['c', `histogram(${x})`] as const),
  numberField.map((x) => ['c', `histogram(${x}, 5)`] as const),
  one('samples()', 'samples(2)', 'samples(100)').map((x) => ['c', x] as const),
  fc.constant(['near', 'rate()'] as const),
);
const filtered = fc
  .tuple(
    call,
    fc.oneof({ weight: 2, arbitrary: fc.constant('') }, { weight: 1, arbitrary: condition }),
  )
  .map(([[prefix, text], filter]) => {
    return [prefix, filter === '' ? text : `${text} filter (where ${filter})`] as const;
  });
const ratio = fc.tuple(condition, number).map(([filter, x]) => {
  return ['near', `sum(${x}) filter (where ${filter}) / count(*)`] as const;
});
/** Over exact values only: differences and quotients make much of a last digit. */
const exactValue = fc.oneof(
  one('count(*)', 'count(*)', 'count(b)', 'max(n)', 'min(x)', 'sum(n) * 0 + count(*)'),
  condition.map((filter) => `count(*) filter (where ${filter})`),
);
const weight = one('0.1', '0.5', '1');
const series: fc.Arbitrary<readonly [prefix: string, text: string]> = exactValue.chain((x) =>
  fc.oneof(
    weight.map((a) => ['near', `ewma(${x}, ${a})`] as const),
    fc.tuple(weight, weight).map(([a, b]) => ['near', `des(${x}, ${a}, ${b})`] as const),
    fc
      .tuple(weight, weight, one('2', '3'))
      .map(([a, b, m]) => ['near', `holt_winters(${x}, ${a}, ${b}, 0.5, ${m})`] as const),
    one('1', '2', '5').map((n) => ['c', `lag(${x}, ${n})`] as const),
    one('previous', 'change').map((f) => ['c', `${f}(${x})`] as const),
    one('3', '5').map((n) => ['near', `zscore(${x}, ${n})`] as const),
    one('3', '5').map((n) => ['near', `mad(${x}, ${n})`] as const),
    fc.constant(['near', `outlier(${x})`] as const),
    one('baseline', 'baseline_low').map((f) => ['near', `${f}(${x})`] as const),
    // A share of what rounding left of zero is any number, so these have no zeros to round to.
    fc.constant(['near', 'deviation(count(*) + 1)'] as const),
    fc.constant(['near', `ewma(change(${x}), 0.5) + previous(${x})`] as const),
  ),
);
const aggregateColumn = fc.oneof(
  { weight: 8, arbitrary: filtered },
  { weight: 1, arbitrary: ratio },
  { weight: 1, arbitrary: anyField.map((x) => ['c', x] as const) },
);

/** `c0`, `near1`, `list2`, …: the names of `columns` in order. */
function named(columns: readonly (readonly [string, string])[]): readonly string[] {
  return columns.map(([prefix], i) => `${prefix}${i}`);
}

function comparable(names: readonly string[]): readonly string[] {
  return names.filter((name) => name.startsWith('c'));
}

function orderBy(names: readonly string[]): Text {
  if (names.length === 0) return fc.constant('');
  const key = spaced(one(...names), one('', 'asc', 'desc'), one('', 'nulls first', 'nulls last'));
  return fc.oneof(
    fc.constant(''),
    fc.array(key, { minLength: 1, maxLength: 2 }).map((keys) => ` order by ${keys.join(', ')}`),
  );
}

/** A bare literal is a column's position or groups nothing. */
function isKey(text: string): boolean {
  return !/^(-?[0-9.e]+|'[^']*')$/.test(text);
}

const rowsLimit = one('', '', '', ' limit 1', ' limit 3', ' limit 0');

/** Elements of a list of the event, or of the group's first one, against columns of the row. */
function elementTest(columns: readonly string[]): Text {
  const column = one(...columns);
  return fc.oneof(
    spaced(' having', one('l[*].v', 'tags[*]', 'l[*][*]', 'o[*]'), one('=', '!=', '<'), column),
    spaced(' having l[*].v =', column, one('and', 'or'), 'l[*].w', one('=', '!='), one("'a'", '2')),
    spaced(' having not (l[*].v =', column, ') and exists(l)'),
  );
}

function aggregateQuery(
  window: Text,
  column: typeof aggregateColumn = aggregateColumn,
  rest: Text = nothing,
): Text {
  return fc.array(column, { minLength: 1, maxLength: 3 }).chain((columns) => {
    const names = comparable(named(columns));
    const list = columns.map(([, text], i) => `${text} as ${named(columns)[i]}`).join(', ');
    const key = fc.oneof(anyField, one('g', 's', 'b'), number.filter(isKey), text.filter(isKey));
    const groups = fc.array(key, { minLength: 1, maxLength: 3 });
    const groupBy = groups.map((keys) => ` group by ${[...new Set(keys)].join(', ')}`);
    const ones = names.length === 0 ? ['count(*)'] : [...names, 'count(*)', 'max(n)'];
    const having = spaced(' having', one(...ones), one('>', '!=', '<='), one('0', '1', '2', "'a'"));
    const tests = fc.oneof(fc.constant(''), having, elementTest(ones));
    const tail = [tests, orderBy(names)];
    const header = [fc.constant(`select count(*) as total, ${list}`), window, where, rest];
    return fc.oneof(
      { weight: 1, arbitrary: clauses([...header, ...tail]) },
      { weight: 3, arbitrary: clauses([...header, groupBy, ...tail, rowsLimit]) },
    );
  });
}

function plainQuery(window: Text, isOrdered: boolean, rest: Text = nothing): Text {
  const column = fc.oneof(
    { weight: 6, arbitrary: value },
    { weight: 1, arbitrary: one('l[*].v', 'tags[*]', 'o[*]', 'l[*][*]', "e['o.p']", '`o.p`') },
  );
  return fc.array(column, { minLength: 1, maxLength: 3 }).chain((columns) => {
    const names = columns.map((_, i) => `c${i}`);
    const list = columns.map((text, i) => `${text} as ${names[i]}`).join(', ');
    const some = [list, list, list, '*', `*, ${list}`, `e[^'o'], ${list}`];
    const select = one(...some).map((items) => `select ${items}`);
    const having = fc.oneof(
      { weight: 4, arbitrary: nothing },
      { weight: 1, arbitrary: elementTest(names) },
    );
    const order = orderBy(['n', 's', 'g', 'm']);
    const tail = isOrdered ? [rest, having, order, rowsLimit] : [having];
    const arranged = isOrdered ? [one('', '', ' group by g', ' group by s, b')] : [];
    return clauses([select, window, where, ...arranged, ...tail]);
  });
}

const inWindow = timeWindow.map((size) => ` window ${size}`);
const countWindow = one('|1|', '|2|', '|3|', '|7|', '|20|').map((n) => ` window ${n}`);
const gaps = one('10ms', '100ms', '300ms', '1s', '2s', '300ms max 1s', '1s max 1200ms');
const sessions = gaps.map((gap) => ` window session ${gap}`);
const noWindow = fc.constant('');

/** So that there are enough of them to learn from. */
const shortWindow = one('300ms', '500ms', '1s', '1s slide 500ms').map((size) => ` window ${size}`);

/**
 * All of them have one answer: of so many a second nothing is left out, or it would depend on
 * order.
 */
const samples = one(
  ' sample 50%',
  ' sample {"strategy": "STICKY", "threshold": 6000, "keys": ["s", "g"]}',
  ' sample {"strategy": "RPS", "threshold": 100000}',
  ' sample {"strategy": "RPS", "threshold": 100000, "extrapolate": true}',
);

/** By the shape of their answers. */
export const QUERY_SHAPES: Readonly<Record<string, Text>> = {
  'aggregates in windows': aggregateQuery(inWindow),
  'series of windows': aggregateQuery(
    shortWindow,
    fc.oneof(series, aggregateColumn),
    one('', '', ' anomaly mad total 1 2', ' anomaly mad total 0.5 1.5'),
  ),
  'aggregates of samples': aggregateQuery(
    fc.oneof(inWindow, countWindow, sessions),
    aggregateColumn,
    samples,
  ),
  'plain selects in windows': plainQuery(inWindow, true, one('', '', '', ' anomaly mad n 1 2')),
  'aggregates in windows of a number of events': aggregateQuery(countWindow),
  'plain selects in windows of a number of events': plainQuery(countWindow, true),
  'aggregates in sessions': aggregateQuery(sessions),
  'plain selects in sessions': plainQuery(sessions, true),
  'aggregates without a window': aggregateQuery(noWindow),
  'plain selects without a window': plainQuery(noWindow, false),
  'joins in windows': joinedQuery(inWindow, true),
  'joins without a window': joinedQuery(noWindow, false),
  'two streams side by side in windows': mergedQuery(inWindow, true),
  'two streams side by side at home': mergedQuery(fc.oneof(countWindow, sessions), true),
  'two streams side by side without a window': mergedQuery(noWindow, false),
  'joins with a table in windows': tableQuery(inWindow, true),
  'joins with a table without a window': tableQuery(noWindow, false),
};
