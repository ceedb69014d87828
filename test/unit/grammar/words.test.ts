import { describe, expect, test } from 'vitest';
import { CLAUSE_WORDS, INFIX_WORDS } from '../../../grammar/tokens.ts';
import type { Expression } from '../../../grammar/ast.ts';
import { parse, parseExpression } from '../../../grammar/parse.ts';
import { print, printExpression } from '../../../grammar/print.ts';

/** The canonical text of an expression, with parentheses around every operation. */
function shape(node: Expression): string {
  switch (node.kind) {
    case 'unary':
      return `(${node.operator} ${shape(node.operand)})`;
    case 'binary':
      return `(${shape(node.left)} ${node.operator} ${shape(node.right)})`;
    case 'logical':
      return `(${node.operands.map(shape).join(` ${node.operator} `)})`;
    case 'in':
      return `(${shape(node.operand)}${node.negated ? ' not' : ''} in ${node.list.map(shape).join(',')})`;
    case 'between':
      return `(${shape(node.operand)} between ${shape(node.low)} and ${shape(node.high)})`;
    case 'is-null':
      return `(${shape(node.operand)} is${node.negated ? ' not' : ''} null)`;
    default:
      return printExpression(node);
  }
}

function shapeOf(text: string): string | null {
  const { ast } = parseExpression(text);
  return ast === null ? null : shape(ast);
}

/** Every word that is a keyword somewhere; NOT has rules of its own (L12). */
const WORDS = [
  ...CLAUSE_WORDS.keys(),
  ...INFIX_WORDS.keys(),
  'select',
  'explain',
  'analyze',
  'last',
  'join',
  'left',
  'inner',
  'on',
  'within',
  'seconds',
  'until',
  'session',
  'slide',
  'timeout',
  'max',
  'by',
  'asc',
  'desc',
  'nulls',
  'first',
  'every',
  'when',
  'then',
  'else',
  'end',
  'filter',
  'e',
].filter((word) => word !== 'not');

describe('L11: no word is reserved', () => {
  test.each(WORDS)('%s is a property where an operand must start', (word) => {
    const { ast } = parse(
      `select ${word}, a as ${word} from ${word} where ${word} = 1 and 2 < ${word}
       group by ${word}`,
    );
    expect(ast?.select[0]).toMatchObject({ expression: { root: { kind: 'name', name: word } } });
    expect(ast?.select[1]).toMatchObject({ alias: word });
    expect(ast?.from?.sources[0]).toMatchObject({ name: word, alias: null });
    expect(ast?.where).toMatchObject({ kind: 'logical' });
    expect(ast?.groupBy).toHaveLength(1);
  });

  test.each(WORDS.filter((word) => word !== 'e'))(
    '%s is a function in front of a parenthesis',
    (word) => {
      expect(parseExpression(`1 + ${word} (a)`).ast).toMatchObject({
        right: { kind: 'call', name: word },
      });
    },
  );

  test.each([...CLAUSE_WORDS.keys(), ...INFIX_WORDS.keys()])('%s is no bare alias', (word) => {
    const [item] = parse(`select a ${word} 1`).ast?.select ?? [];
    expect(item?.kind === 'column' ? item.alias : null).toBeNull();
  });

  test.each(['asc', 'end', 'until', 'filter', 'last', 'seconds', 'slide'])(
    '%s is a bare alias',
    (word) => {
      expect(parse(`select a ${word} from s`).ast?.select[0]).toMatchObject({ alias: word });
    },
  );
});

describe('L12: words in operand position', () => {
  test.each([
    { text: 'TRUE', expected: 'TRUE' },
    { text: 'nUlL', expected: 'NULL' },
    { text: 'not a', expected: '(not a)' },
    { text: 'not', expected: '`not`' },
    { text: 'not = 1', expected: '(`not` = 1)' },
    { text: 'not (a)', expected: '(not a)' },
    { text: 'not -a > 1', expected: '(not ((- a) > 1))' },
    { text: 'not !a', expected: '(not (! a))' },
    { text: 'not != 1', expected: '(`not` != 1)' },
    { text: 'not from', expected: '(not from)' },
    { text: 'not /* c */ a', expected: '(not a)' },
    { text: 'case', expected: '`case`' },
    { text: 'case + 1', expected: '(`case` + 1)' },
    { text: 'case (a)', expected: 'case(a)' },
    { text: 'case when a then b end', expected: 'CASE WHEN a THEN b END' },
    { text: 'distinct', expected: '`distinct`' },
    { text: 'count(distinct a)', expected: 'count(DISTINCT a)' },
    { text: 'count(distinct)', expected: 'count(`distinct`)' },
    { text: 'count(distinct = 1)', expected: 'count(`distinct` = 1)' },
    { text: 'count(distinct(a))', expected: 'count(DISTINCT a)' },
    { text: 'f (a)', expected: 'f(a)' },
    { text: 'count(a) filter (where b)', expected: 'count(a) FILTER (WHERE b)' },
    { text: 'filter(a)', expected: 'filter(a)' },
  ])('$text is $expected', ({ text, expected }) => expect(shapeOf(text)).toBe(expected));

  test('a bare SELECT FROM selects the property', () => {
    expect(parse('select from').ast?.select[0]).toMatchObject({
      expression: { root: { name: 'from' } },
    });
  });

  test('LAST is a clause only before a duration or a parameter', () => {
    expect(parse('select a last 15m').ast?.replay).toMatchObject({ last: { valueMs: 900_000 } });
    expect(parse('select a last $p').ast?.replay).toMatchObject({ last: { name: 'p' } });
    expect(parse('select a last from s').ast?.select[0]).toMatchObject({ alias: 'last' });
  });
});

describe('L13: the event', () => {
  test.each([
    { text: "e['x']", root: 'event' },
    { text: "e ['x']", root: 'event' },
    { text: 'e', root: 'name' },
    { text: 'e.x', root: 'name' },
    { text: "E['x']", root: 'name' },
    { text: "`e`['x']", root: 'quoted' },
  ])('$text starts at $root', ({ text, root }) => {
    expect(parseExpression(text).ast).toMatchObject({ root: { kind: root } });
  });

  test('a path goes on with brackets and glued names', () => {
    expect(parseExpression("l[*].a.b[-1]['k'][$p].c").ast).toMatchObject({
      steps: [
        { kind: 'each' },
        { kind: 'name', name: 'a.b' },
        { kind: 'index', index: -1 },
        { kind: 'key', key: 'k' },
        { kind: 'parameter', name: 'p' },
        { kind: 'name', name: 'c' },
      ],
    });
  });

  test.each(['a[0] .b', 'a[1.5]', 'a[b]', 'a[]', "a[^'x']", 'f(x)[0]', 'a[1e99]'])(
    '%s is an error',
    (text) => {
      expect(parseExpression(text).ast).toBeNull();
    },
  );

  test('a key prefix stands in a select list only', () => {
    expect(parse("select e[^'pre'] from s").ast?.select).toMatchObject([
      { kind: 'prefix', prefix: 'pre' },
    ]);
    for (const text of [
      "select * where e[^'a'] = 1",
      "select e[^'a'] + 1",
      "select e[^'a'] as b",
    ]) {
      expect(parse(text).diagnostics[0]).toMatchObject({
        code: 'MQL_PREFIX_PLACE',
        span: { start: text.indexOf('[') },
      });
    }
  });
});

describe('L15: aliases', () => {
  test('alias.* needs an alias of the query', () => {
    expect(parse('select p.* from plays p').ast?.select).toMatchObject([
      { kind: 'star', alias: 'p' },
    ]);
    expect(parse('select q.* from plays p').diagnostics[0]).toMatchObject({
      code: 'MQL_UNKNOWN_ALIAS',
    });
  });

  test.each([
    { text: 'select from plays', start: 12 },
    { text: 'select a wher', start: 9 },
    { text: 'select a from plays limt', start: 20 },
    { text: 'select a from plays p', start: 20 },
  ])('$text warns about the alias', ({ text, start }) => {
    const { ast, diagnostics } = parse(text);
    expect(ast).not.toBeNull();
    expect(diagnostics).toMatchObject([
      { code: 'MQL_SUSPECT_ALIAS', severity: 'warning', span: { start } },
    ]);
  });

  test.each([
    'select a b',
    'select p.a from plays p',
    'select p.* from plays p',
    'select a as wher',
  ])('%s does not', (text) => expect(parse(text).diagnostics).toEqual([]));

  test('SELECT DISTINCT is refused', () => {
    expect(parse('select distinct a from s').diagnostics[0]?.code).toBe('MQL_SELECT_DISTINCT');
    expect(parse('select distinct as a, `distinct` b from s').diagnostics).toEqual([]);
  });
});

describe('L16: precedence', () => {
  test.each([
    { text: 'a or b and c', expected: '(a or (b and c))' },
    { text: '(a or b) and c', expected: '((a or b) and c)' },
    { text: 'a and (b and (c and d))', expected: '(a and b and c and d)' },
    { text: 'a && b || c', expected: '((a and b) or c)' },
    { text: 'not a = 1 and b', expected: '((not (a = 1)) and b)' },
    { text: '!a == 1', expected: '((! a) = 1)' },
    { text: 'a == NOT b', expected: '(a = (not b))' },
    { text: 'a == not b == c', expected: '(a = (not (b = c)))' },
    { text: 'a == not b and c', expected: '((a = (not b)) and c)' },
    { text: 'a + b * c - d', expected: '((a + (b * c)) - d)' },
    { text: 'a - b - c', expected: '((a - b) - c)' },
    { text: '-a * +b', expected: '((- a) * (+ b))' },
    { text: '- - a', expected: '(- (- a))' },
    { text: 'a + 1 > b * 2', expected: '((a + 1) > (b * 2))' },
    { text: 'a between 1 and 2 and b', expected: '((a between 1 and 2) and b)' },
    { text: 'a not in (1, 2) or b is not null', expected: '((a not in 1,2) or (b is not null))' },
    { text: "a not like 'x' and b ilike 'y'", expected: "((a not like 'x') and (b ilike 'y'))" },
    { text: 'a <> 1', expected: '(a != 1)' },
  ])('$text is $expected', ({ text, expected }) => expect(shapeOf(text)).toBe(expected));

  test.each(['a > 1 < 3', 'a = b = c', 'a is null is null', 'a + not b', 'a in ()', 'a not'])(
    '%s is an error',
    (text) => expect(parseExpression(text).ast).toBeNull(),
  );

  test('printing writes only the parentheses that are needed', () => {
    expect(print(parse('select ((a)) where ((a or (b))) and not (c = (1))').ast!)).toBe(
      'SELECT a WHERE (a OR b) AND NOT c = 1',
    );
  });
});
