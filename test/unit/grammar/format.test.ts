import { describe, expect, test } from 'vitest';
import { format } from '../../../grammar/format.ts';

function formatted(text: string): string {
  const { text: result } = format(text);
  if (result === null) throw new Error(`not formatted: ${text}`);
  return result;
}

describe('the layout', () => {
  test.each([
    ['a short query stays on one line', '  select\n a ,b\nfrom s ', 'select a, b from s'],
    [
      'keywords follow the first word',
      'Select a FROM s where B in (1)',
      'SELECT a FROM s WHERE B IN (1)',
    ],
    ['names keep their case', 'select FROM, A from S', 'select FROM, A from S'],
    ['signs stand at their operand', 'select - a, + b, ! c, - - d', 'select -a, +b, !c, - -d'],
    ['operators stand apart', 'select a*b- c%2', 'select a * b - c % 2'],
    ['a path is one piece', "select e [ 'a' ] [ 0 ].b, l[ * ].c", "select e['a'][0].b, l[*].c"],
    ['a call is one piece', 'select count ( * ), f( a,b )', 'select count(*), f(a, b)'],
    ['windows of a number', 'select a window | 10 | timeout 5s', 'select a window |10| timeout 5s'],
    ['shares', 'select a % 2 sample 2 %', 'select a % 2 sample 2%'],
    ['a semicolon', 'select a ;', 'select a;'],
  ])('%s', (_name, text, expected) => expect(formatted(text)).toBe(expected));

  test('each clause of a longer query has its line', () => {
    expect(
      formatted(
        'select region, rate() as sps from plays window 5s where device = 1 group by region limit 3',
      ),
    ).toBe(
      [
        'select region, rate() as sps',
        'from plays',
        'window 5s',
        'where device = 1',
        'group by region',
        'limit 3',
      ].join('\n'),
    );
  });

  test('what is too wide is broken at its weakest separator', () => {
    expect(
      formatted(
        'select count(*) filter (where status >= 500 and route != "/health") / count(*) as error_ratio, region from requests where status >= 500 and (region = "eu-west" or region = "us-east" or device in ("tv", "phone", "web")) and ms between 1 and 2',
      ),
    ).toBe(
      [
        'select',
        '  count(*) filter (where status >= 500 and route != "/health") / count(*) as error_ratio,',
        '  region',
        'from requests',
        'where',
        '  status >= 500',
        '  and (',
        '    region = "eu-west" or region = "us-east" or device in ("tv", "phone", "web")',
        '  )',
        '  and ms between 1 and 2',
      ].join('\n'),
    );
  });

  test('the branches of a long CASE have their lines', () => {
    const text = `select case when latency < 100 then 'fast' when latency < 1000 then 'slow' else 'broken' end as speed`;
    expect(formatted(text)).toBe(
      [
        'select',
        '  case',
        "    when latency < 100 then 'fast'",
        "    when latency < 1000 then 'slow'",
        "    else 'broken'",
        '  end as speed',
      ].join('\n'),
    );
  });

  test('comments keep their place', () => {
    expect(
      formatted('-- top\nselect a, -- first\nb /* second */ from s\n-- why\nwhere a = 1\n-- end'),
    ).toBe(
      [
        '-- top',
        'select',
        '  a, -- first',
        '  b /* second */',
        'from s',
        '-- why',
        'where a = 1',
        '-- end',
      ].join('\n'),
    );
  });
});

test('a query with mistakes is left alone, and they are told', () => {
  const { text, diagnostics } = format('select a fron s where');
  expect(text).toBeNull();
  expect(diagnostics[0]).toMatchObject({ severity: 'error' });
});

test.each([
  ['columns', `select a${', a'.repeat(3_900)}`],
  ['conditions', `select * where a = 1${' and b = 2'.repeat(1_500)}`],
  ['nesting', `select ${'('.repeat(60)}a${')'.repeat(60)}${', a'.repeat(2_000)}`],
])('a query of 8,000 tokens of %s is laid out in good time', (_name, text) => {
  const times = [1, 2, 3].map(() => {
    const start = performance.now();
    expect(formatted(text)).toContain('a');
    return performance.now() - start;
  });
  expect(Math.min(...times)).toBeLessThan(500);
});
