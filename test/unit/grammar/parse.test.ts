import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DIAGNOSTICS_MAX } from '../../../grammar/diagnostic.ts';
import { nameOrArithmetic } from '../../../grammar/lint.ts';
import { QUERY_BYTES_MAX, QUERY_NESTING_MAX, QUERY_TOKENS_MAX } from '../../../grammar/limits.ts';
import { parse, parseExpression } from '../../../grammar/parse.ts';
import { print } from '../../../grammar/print.ts';

describe('queries', () => {
  test.each([
    { text: 'select * from s', canonical: 'SELECT * FROM s' },
    { text: 'Select A from S;', canonical: 'SELECT A FROM S' },
    { text: 'select a x', canonical: 'SELECT a AS x' },
    { text: "select a as 'x y'", canonical: 'SELECT a AS `x y`' },
    { text: 'explain select a', canonical: 'EXPLAIN SELECT a' },
    { text: 'explain analyze select a', canonical: 'EXPLAIN ANALYZE SELECT a' },
    {
      text: 'select * where a = 1 window 60 5',
      canonical: 'SELECT * WINDOW 60 SLIDE 5 WHERE a = 1',
    },
    { text: 'select * window 60s slide 5s', canonical: 'SELECT * WINDOW 60s SLIDE 5s' },
    { text: 'select * window |100| timeout 5s', canonical: 'SELECT * WINDOW |100| TIMEOUT 5s' },
    {
      text: 'select * window session 30s max 10m',
      canonical: 'SELECT * WINDOW SESSION 30s MAX 10m',
    },
    {
      text: 'select a limit 5 order by a desc nulls last group by b',
      canonical: 'SELECT a GROUP BY b ORDER BY a DESC NULLS LAST LIMIT 5',
    },
    {
      text: 'select * from a join b 10 seconds on p',
      canonical: 'SELECT * FROM a JOIN b WITHIN 10s ON p',
    },
    {
      text: 'select p.x from plays p left join errors x within 10s on p.s = x.s',
      canonical: 'SELECT p.x FROM plays AS p LEFT JOIN errors AS x WITHIN 10s ON p.s = x.s',
    },
    { text: 'select * from a inner join t on k', canonical: 'SELECT * FROM a JOIN t ON k' },
    { text: 'select a anomaly mad p 0.5 3', canonical: 'SELECT a ANOMALY mad p 0.5 3' },
    { text: 'select a sample 2%', canonical: 'SELECT a SAMPLE 2%' },
    {
      text: "select a sample {'salt':1,'strategy':'rps'}",
      canonical: 'SELECT a SAMPLE {"strategy":"RPS","salt":1}',
    },
    {
      text: 'select a emit every 1s lateness 2s last 15m',
      canonical: 'SELECT a LAST 15m EMIT EVERY 1s LATENESS 2s',
    },
    {
      text: "select a since '2026-11-20T10:00:00Z' until now() - 1h",
      canonical: "SELECT a SINCE '2026-11-20T10:00:00Z' UNTIL now() - 1h",
    },
    {
      text: 'select count(*) filter (where status >= 500) / count(*) as error_ratio',
      canonical: 'SELECT count(*) FILTER (WHERE status >= 500) / count(*) AS error_ratio',
    },
    {
      text: 'select p99.9(x), percentile(x, 99.9)',
      canonical: 'SELECT p99.9(x), percentile(x, 99.9)',
    },
    { text: 'select a - -1, - -b, -(-c)', canonical: 'SELECT a - -1, - -b, - -c' },
  ])('$text', ({ text, canonical }) => {
    const { ast, diagnostics } = parse(text);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(ast === null ? null : print(ast)).toBe(canonical);
  });
});

describe('mistakes', () => {
  test.each([
    { text: '', found: ['MQL_START@0'] },
    { text: '  -- nothing', found: ['MQL_START@12'] },
    { text: 'insert into stream values (1)', found: ['MQL_START@0'] },
    { text: 'select', found: ['MQL_SYNTAX@6'] },
    { text: 'select ', found: ['MQL_SYNTAX@7'] },
    { text: 'select a,, b', found: ['MQL_SYNTAX@9'] },
    { text: 'select a from', found: ['MQL_SYNTAX@13'] },
    { text: 'select * stream where a', found: ['MQL_SYNTAX@9'] },
    { text: 'select * from s where a ==', found: ['MQL_SYNTAX@26'] },
    { text: 'select * from s where == 1', found: ['MQL_SYNTAX@22'] },
    { text: 'select * from s where (a = 1', found: ['MQL_SYNTAX@28'] },
    { text: 'select * from s where a = 1)', found: ['MQL_SYNTAX@27'] },
    { text: 'select * from s where ()', found: ['MQL_SYNTAX@23'] },
    { text: 'select * from s where (a group by b', found: ['MQL_SYNTAX@25'] },
    { text: 'select * from (select a)', found: ['MQL_SYNTAX@14'] },
    { text: 'select a group b', found: ['MQL_SYNTAX@15'] },
    { text: 'select a limit x order by window', found: ['MQL_SYNTAX@15'] },
    { text: 'select a limit -1', found: ['MQL_SYNTAX@15'] },
    { text: 'select a limit 1.5 window 0', found: ['MQL_SIZE@15', 'MQL_SIZE@26'] },
    { text: 'select a window 5 5 5', found: ['MQL_SYNTAX@20'] },
    { text: 'select a limit 1 limit 2', found: ['MQL_DUPLICATE_CLAUSE@17'] },
    { text: 'select a last 5m since 3', found: ['MQL_DUPLICATE_CLAUSE@17'] },
    { text: 'select a where b from s', found: ['MQL_CLAUSE_ORDER@17'] },
    { text: 'select a; select b', found: ['MQL_SYNTAX@8'] },
    { text: 'select a anomaly foo b 1 2', found: ['MQL_ANOMALY@17'] },
    { text: 'select a anomaly mad b 1', found: ['MQL_ANOMALY@9'] },
    { text: 'select a last 15', found: ['MQL_SYNTAX@14'] },
    { text: 'select a # b', found: ['MQL_CHARACTER@9'] },
    {
      text: 'select a +, b c d from s where a = limit x group by y, , z',
      found: ['MQL_SYNTAX@10', 'MQL_SYNTAX@16', 'MQL_SYNTAX@41', 'MQL_SYNTAX@55'],
    },
  ])('$text: $found', ({ text, found }) => {
    const { ast, diagnostics } = parse(text);
    expect(ast).toBeNull();
    expect(diagnostics.map(({ code, span }) => `${code}@${span.start}`)).toEqual(found);
  });

  test.each([
    { text: 'selct a', hint: 'SELECT' },
    { text: 'select a form s', hint: 'FROM' },
    { text: 'select a from s whre a = 1', hint: 'WHERE' },
    { text: 'select * where a = 1 adn b = 2', hint: 'AND' },
    { text: 'select * where group by x', hint: 'WHERE still lacks' },
    { text: 'select a > 1 < 3', hint: 'AND' },
    { text: 'select e[a]', hint: "'a'" },
    { text: "select a from 's'", hint: '`s`' },
    { text: 'select a sample 5', hint: '5%' },
    { text: 'select a last 15', hint: '15m' },
    { text: 'select * from (select a)', hint: 'save' },
  ])('$text hints at $hint', ({ text, hint }) => {
    expect(parse(text).diagnostics[0]?.hint).toContain(hint);
  });

  test('a mistake says its line and column', () => {
    expect(parse('select a\nfrom s\n  limit x').diagnostics[0]?.span).toMatchObject({
      line: 3,
      column: 9,
    });
  });

  test('an expression is placed in its own text', () => {
    expect(parseExpression('a = ').diagnostics[0]).toMatchObject({ span: { start: 4, end: 4 } });
    expect(parseExpression('a = 1 b').diagnostics[0]).toMatchObject({ span: { start: 6, end: 7 } });
    expect(parseExpression('select = 1').ast).toMatchObject({ left: { root: { name: 'select' } } });
  });
});

describe('L2: names or arithmetic', () => {
  test('a name with - or / that no field has gets both readings', () => {
    const text = 'select a-b/c, known-one, `x-y`, d';
    const { ast } = parse(text);
    const found = ast === null ? [] : nameOrArithmetic(text, ast, (name) => name === 'known-one');
    expect(found).toMatchObject([
      { code: 'MQL_NAME_OR_ARITHMETIC', severity: 'warning', span: { start: 7, end: 12 } },
    ]);
    expect(found[0]?.fixes?.map((fix) => fix.text)).toEqual(['a - b / c', '`a-b/c`']);
  });
});

describe('L17: bounds', () => {
  const nested = (depth: number): string => `select ${'('.repeat(depth)}a${')'.repeat(depth)}`;

  test.each([
    { name: 'parentheses', make: nested },
    { name: 'NOT', make: (n: number) => `select * where ${'not '.repeat(n)}a` },
    { name: 'prefix operators', make: (n: number) => `select ${'!'.repeat(n)}a` },
    { name: 'right NOT', make: (n: number) => `select a${' = not a'.repeat(n)}` },
    { name: 'calls', make: (n: number) => `select ${'f('.repeat(n)}a${')'.repeat(n)}` },
    {
      name: 'CASE',
      make: (n: number) => `select ${'case when a then '.repeat(n)}b${' end'.repeat(n)}`,
    },
  ])('$name nest to the limit and not beyond', ({ make }) => {
    expect(parse(make(QUERY_NESTING_MAX)).diagnostics).toEqual([]);
    expect(parse(make(QUERY_NESTING_MAX + 1)).diagnostics).toMatchObject([{ code: 'MQL_NESTING' }]);
  });

  test('what stands side by side does not nest', () => {
    expect(parse(`select * where not a${' and not (-b = +1)'.repeat(200)}`).ast).not.toBeNull();
    expect(parse(`select ${'-a, '.repeat(200)}b`).ast).not.toBeNull();
  });

  test('long chains of arithmetic are refused, long chains of conditions are one node', () => {
    expect(parse(`select a${' + a'.repeat(1_500)}`).diagnostics).toMatchObject([
      { code: 'MQL_NESTING' },
    ]);
    expect(parse(`select * where a${' or a'.repeat(2_000)}`).ast?.where).toMatchObject({
      kind: 'logical',
    });
  });

  test('text and tokens have a limit', () => {
    expect(parse(`select '${'x'.repeat(QUERY_BYTES_MAX)}'`).diagnostics).toMatchObject([
      { code: 'MQL_TOO_LONG' },
    ]);
    expect(parse(`select '${'€'.repeat(QUERY_BYTES_MAX / 2)}'`).diagnostics).toMatchObject([
      { code: 'MQL_TOO_LONG' },
    ]);
    expect(parse(`select ${'a,'.repeat(QUERY_TOKENS_MAX)}a`).diagnostics).toMatchObject([
      { code: 'MQL_TOO_MANY_TOKENS' },
    ]);
  });

  test('beyond the bound one diagnostic says that there are more mistakes', () => {
    const { diagnostics } = parse(`select ${'a,,'.repeat(100)} b`);
    expect(diagnostics).toHaveLength(DIAGNOSTICS_MAX + 1);
    expect(diagnostics.at(-1)?.code).toBe('MQL_MORE_MISTAKES');
    expect(parse(`select ${'#a, '.repeat(100)} b`).diagnostics).toHaveLength(DIAGNOSTICS_MAX + 1);
  });
});

describe('the front end', () => {
  test('imports nothing but chevrotain, so it runs in a browser', async () => {
    const { readdirSync } = await import('node:fs');
    const folder = new URL('../../../grammar/', import.meta.url);
    const imports = readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [
        ...readFileSync(new URL(file, folder), 'utf8').matchAll(/from '([^']+)'/g),
      ])
      .map((match) => match[1] ?? '');
    expect([...new Set(imports.filter((name) => !name.startsWith('./')))]).toEqual(['chevrotain']);
  });
});
