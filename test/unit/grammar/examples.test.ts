import { describe, expect, test } from 'vitest';
import { parse } from '../../../grammar/parse.ts';
import { print } from '../../../grammar/print.ts';
import { withoutSpans } from '../../support/without-spans.ts';

/** One query for every form that the language contract shows. */
const EXAMPLES = [
  "select * from plays last 15m where country == 'US'",
  "select * from plays since '2026-11-20T10:00:00Z' until '2026-11-20T11:00:00Z'",
  'select * from plays* where a',
  'select * from us-*-1, `a b` x, y where x.a = 1',
  "select * where e['l'][*]['status'] == 'ok' and e['l'][*]['n'] > 2",
  'select * where not (l[*].a == 1)',
  "select e[^'pre'], e[*], a['b'][0], e['l'][-1] from s",
  "select * where a ==~ /x/ and b =~ 'y' and c !~ $p and d ==+ 'z' and f like 'a%'",
  'select * where a in (1, 2) and b between 1 and 2 and c is not null and exists(d)',
  'select case when a then b else c end, coalesce(a, b), if(a, b, c), round(x, 2), -x % 3',
  "select regexp_extract(x, 're', 1), date_trunc('minute', event_time()), format_time(now(), '…')",
  'select COUNT(*), SUM(x), MIN(x), MAX(x), AVERAGE(x), LIST(x), P50(x), P995(x), P99.9(x)',
  'select COUNT(DISTINCT x), count_distinct(x), topk(x, 3), rate(), samples(2), apdex(x, 0.5)',
  'select count(*) filter (where status >= 500) / count(*) as error_ratio from s window 10',
  'select a as name, b as \'name b\', c as "name c" from s',
  'select * window 500ms',
  'select * window 60 5',
  'select * window 60s slide 5s',
  'select * window |100|',
  'select * window |100| timeout 5s lateness 2s emit every 1s',
  'select * window session 30s max 10m',
  "select count(a) window 5 group by b having e['COUNT(a)'] > 10 and count(*) > 10",
  'select a, b order by a asc nulls first, 2 desc nulls last limit 10',
  'select * from a join b 10 seconds on p',
  'select * from plays p join errors x within 10s on p.session = x.session',
  'select * from plays p left join codes c on p.code = c.code',
  'select * from s sample 2% where a',
  `select * sample {"strategy":"STICKY","threshold":200,"factor":10000,"keys":["a"],"salt":1}`,
  'select ewma(x, 0.5), offset(sum(x), 7d), zscore(x, 3), lag(x, 1) window 10s group by c',
  'select sum(x) window 10 anomaly mad x 0.5 3',
  'explain analyze select * from s limit $n',
  'select not, order from select where group = 1',
];

describe('the examples of the contract', () => {
  test.each(EXAMPLES)('%s', (text) => {
    const { ast, diagnostics } = parse(text);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(ast).not.toBeNull();
    if (ast !== null) expect(withoutSpans(parse(print(ast)).ast)).toEqual(withoutSpans(ast));
  });
});
