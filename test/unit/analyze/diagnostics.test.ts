/** Query → what the analyzer says, and where. */
import { describe, expect, it } from 'vitest';
import { ANALYSIS_CODES } from '../../../src/analyze/codes.ts';
import type { AnalysisMode } from '../../../src/analyze/context.ts';
import type { FieldCatalogue } from '../../../src/analyze/field-catalogue.ts';
import type { Value } from '../../../src/model/value.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';

const CATALOGUE: FieldCatalogue = {
  streams: () => ['requests', 'errors', 'plays-eu', 'plays-us'],
  fields: (stream) =>
    stream === 'requests'
      ? [
          { name: 'status', type: 'number' },
          { name: 'route', type: 'string' },
          { name: 'user', type: 'object' },
          { name: 'user.plan', type: 'string' },
          { name: 'x-trace-id', type: 'string' },
          { name: 'b', type: 'any' },
        ]
      : [],
  tables: () => ['titles'],
  table: (name) =>
    name === 'titles'
      ? {
          keyColumn: 'id',
          fields: [
            { name: 'id', type: 'string' },
            { name: 'name', type: 'string' },
          ],
        }
      : null,
};

const JOIN = 'select * from requests p join errors x within 10s on p.b = x.b';

interface Case {
  /** The part of the query that the diagnostic must point at stands between ‹ and ›. */
  readonly query: string;
  readonly codes: readonly string[];
  readonly mode?: AnalysisMode;
  readonly params?: Readonly<Record<string, Value>>;
  readonly hint?: RegExp;
}

/** As many as a query may have. */
const JOINS = Array.from(
  { length: 10 },
  (_, i) => `join requests a${i + 1} within 1s on a0.b = a${i + 1}.b`,
).join(' ');

const CASES: Readonly<Record<string, readonly Case[]>> = {
  names: [
    { query: 'select * from ‹request›', codes: ['MQL_UNKNOWN_STREAM'], hint: /requests/ },
    { query: 'select * from requests, plays*', codes: [] },
    { query: 'select * from ‹clays*›', codes: ['MQL_UNKNOWN_STREAM'] },
    { query: 'select ‹statsu› from requests', codes: ['MQL_UNKNOWN_FIELD'], hint: /status/ },
    { query: "select ‹e['statsu']› from requests", codes: ['MQL_UNKNOWN_FIELD'] },
    { query: 'select user.plan, user.name from requests', codes: [] },
    { query: 'select anything from errors', codes: [] },
    { query: 'select x-trace-id from requests', codes: [] },
    { query: 'select ‹status-b› from requests', codes: ['MQL_NAME_OR_ARITHMETIC'], hint: /status - b/ },
    { query: 'select * from requests where route = ‹US›', codes: ['MQL_UNKNOWN_FIELD', 'MQL_QUOTES'] },
    { query: 'select * from errors where country = ‹US›', codes: ['MQL_QUOTES'], hint: /'US'/ },
    { query: 'select r.status from requests r', codes: [] },
    { query: 'select r.* from requests r', codes: [] },
    { query: 'select ‹x.*› from requests', codes: ['MQL_UNKNOWN_ALIAS'] },
    { query: 'select * from requests as r, ‹errors as r›', codes: ['MQL_DUPLICATE_ALIAS'] },
    { query: 'select r.status, x.code, r.* from requests r, errors x where r.status = 1', codes: [] },
    { query: 'select x.code from requests r, errors x where ‹r.statsu› = 1', codes: ['MQL_UNKNOWN_FIELD'], hint: /r\.status/ },
    { query: 'select ‹er.*›, r.b, err.b from requests r, errors err', codes: ['MQL_UNKNOWN_ALIAS'], hint: /err\.\*/ },
  ],
  joins: [
    { query: `${JOIN} where p.status = 500`, codes: [], mode: 'finite' },
    { query: `${JOIN} where ‹p.statsu› = 500`, codes: ['MQL_UNKNOWN_FIELD'], mode: 'finite', hint: /p\.status/ },
    { query: `${JOIN} where x.anything = 1`, codes: [], mode: 'finite' },
    { query: 'select ‹status› from requests a join requests b within 1s on a.b = b.b', codes: ['MQL_AMBIGUOUS_NAME'], mode: 'finite', hint: /a\.status/ },
    { query: 'select q.* from requests p join errors x within 1s on p.b = x.b', codes: ['MQL_UNKNOWN_ALIAS'], mode: 'finite' },
    { query: 'select * from requests join ‹requests› within 1s on b', codes: ['MQL_DUPLICATE_ALIAS'], mode: 'finite' },
    { query: 'select * from requests p ‹join errors x on p.b = x.b›', codes: ['MQL_JOIN_UNBOUNDED'], mode: 'finite', hint: /WITHIN 10s/ },
    { query: 'select * from requests p join ‹titels t› on p.b = t.id', codes: ['MQL_UNKNOWN_TABLE'], mode: 'finite', hint: /titles/ },
    { query: 'select t.name from requests p join titles t on p.b = t.id', codes: [], mode: 'finite' },
    { query: 'select ‹t.nmae› from requests p join titles t on p.b = t.id', codes: ['MQL_UNKNOWN_FIELD'], mode: 'finite', hint: /t\.name/ },
    { query: 'select t.name from requests p join titles t on ‹p.b = t.name›', codes: ['MQL_TABLE_KEY'], mode: 'finite', hint: /p\.id = t\.id/ },
    { query: 'select p.status from requests p join errors x within 1s on ‹b› = x.b', codes: ['MQL_JOIN_CONDITION'], mode: 'finite' },
    { query: 'select * from requests p join errors x within 1s on ‹p.b > x.b›', codes: ['MQL_JOIN_CONDITION'], mode: 'finite', hint: /p\.id = x\.id/ },
    { query: 'select x.a, p.b from requests p join errors x within 1s on p.b = ‹y.b› join errors y within 1s on p.b = y.b', codes: ['MQL_JOIN_CONDITION'], mode: 'finite', hint: /order/ },
    { query: 'select * from requests p join errors x within 1s on p.b = x.b where ‹l[*].a› = 1', codes: ['MQL_JOIN_CONDITION'], mode: 'finite', hint: /p\.l/ },
    { query: 'select * from requests p join errors x within ‹2h› on p.b = x.b', codes: ['MQL_BAD_DURATION'], mode: 'finite' },
    { query: 'select * from requests, ‹errors› join errors as x within 1s on x.b = requests.b', codes: ['MQL_JOIN_SOURCES'], mode: 'finite' },
    { query: `select * from requests a0 ${JOINS} ‹join requests a11 within 1s on a0.b = a11.b›`, codes: ['MQL_TOO_MANY_JOINS'], mode: 'finite', hint: /view/ },
    { query: 'select * ‹from requests join errors within 1s on b› sample {"strategy": "RANDOM", "threshold": 1, "extrapolate": true}', codes: ['MQL_BAD_SAMPLE'], mode: 'finite', hint: /STICKY/ },
    { query: 'select * from requests join errors within 1s on b sample {"strategy": "RPS", "threshold": 9}', codes: [] },
    { query: "select e[^'a'] from requests join errors within 1s on b", codes: [] },
    { query: 'select * from requests p join errors x within 1s on p.status = x.code and ‹count(*)› > 1', codes: ['MQL_AGGREGATE_NOT_ALLOWED'], mode: 'finite' },
  ],
  'functions and aggregates': [
    { query: 'select ‹lenght›(route) from requests', codes: ['MQL_UNKNOWN_FUNCTION'], hint: /length/ },
    { query: 'select LENGTH(route) from requests', codes: [] },
    { query: 'select ‹length(route, 1)› from requests', codes: ['MQL_ARGUMENTS'], hint: /length\(/ },
    { query: 'select ‹round()› from requests', codes: ['MQL_ARGUMENTS'] },
    { query: 'select sum(‹count(*)›) from requests window 1', codes: ['MQL_NESTED_AGGREGATE'] },
    { query: 'select * from requests where ‹count(*)› > 1', codes: ['MQL_AGGREGATE_NOT_ALLOWED'], hint: /HAVING/ },
    { query: 'select count(*) from requests window 1 group by ‹sum(b)›', codes: ['MQL_AGGREGATE_NOT_ALLOWED'] },
    { query: 'select ‹sum(*)› from requests window 1', codes: ['MQL_STAR_NOT_ALLOWED'] },
    { query: 'select ‹sum()› from requests window 1', codes: ['MQL_ARGUMENTS'] },
    { query: 'select count(), rate() from requests window 1', codes: [] },
    { query: 'select ‹avg(b, 2)› from requests window 1', codes: ['MQL_ARGUMENTS'] },
    { query: 'select p50(b), p99(b), P999(b), p99.9(b) from requests window 1', codes: [] },
    { query: 'select ‹p100›(b) from requests window 1', codes: ['MQL_BAD_PERCENTILE'] },
    { query: 'select ‹p09›(b) from requests window 1', codes: ['MQL_BAD_PERCENTILE'] },
    { query: 'select percentile(b, ‹101›) from requests window 1', codes: ['MQL_ARGUMENTS'] },
    { query: 'select percentile(b, 99.9), topk(route, 5) from requests window 1', codes: [] },
    { query: 'select topk(route, ‹0›) from requests window 1', codes: ['MQL_ARGUMENTS'] },
    { query: 'select ‹lower(distinct route)› from requests', codes: ['MQL_DISTINCT_NOT_ALLOWED'] },
    { query: 'select ‹ewma(b, 0.5)› from requests', codes: ['MQL_SERIES_WINDOW'] },
  ],
  lists: [
    { query: 'select * from errors where a[*] = b[*] and (b[*] = c[*] or c[*] = d[*])', codes: [] },
    {
      query: 'select * from errors where ‹a[*] + b[*] + c[*] = d[*] + f[*] + g[*]›',
      codes: ['MQL_TOO_MANY_LISTS'],
    },
    { query: 'select count(*) as n from requests window 1 having n = b[*]', codes: [] },
    { query: 'select count(*) as n from requests window 1 having b[*] = 1 and n > 1', codes: [] },
    { query: 'select b[*] from requests having ‹b[*] = 1›', codes: ['MQL_HAVING_ON_ROWS'] },
  ],
  patterns: [
    { query: 'select * from requests where route ==~ /a.*/', codes: [] },
    { query: "select * from requests where route =~ 'a+'", codes: [] },
    { query: 'select * from requests where route ==~ /a‹(?!b)c/›', codes: ['MQL_BAD_PATTERN'] },
    { query: 'select * from requests where route ==~ ‹b›', codes: ['MQL_BAD_PATTERN'] },
    { query: 'select * from requests where route ==~ $re', codes: [], params: { re: 'a|b' } },
  ],
  types: [
    { query: 'select * from requests where ‹5›', codes: ['MQL_NOT_BOOLEAN'] },
    { query: 'select * from requests where ‹status + 1›', codes: ['MQL_NOT_BOOLEAN'] },
    { query: 'select * from requests where true', codes: [] },
    { query: 'select * from requests where b', codes: [] },
    { query: "select * from requests where ‹status = '500'›", codes: ['MQL_TYPE_MISMATCH'], hint: /500 without quotes/ },
    { query: "select * from requests where ‹1 < 'a'›", codes: ['MQL_TYPE_MISMATCH'] },
    { query: 'select ‹route› + 1 from requests', codes: ['MQL_TYPE_MISMATCH'], hint: /concat/ },
  ],
  parameters: [
    { query: 'select * from requests where status = ‹$s›', codes: ['MQL_PARAMETER_MISSING'] },
    { query: 'select * from requests where status = $s', codes: [], params: { s: 500 } },
    { query: '‹›select * from requests', codes: ['MQL_PARAMETER_UNUSED'], params: { s: 500 } },
    { query: 'select count(*) from requests window $w', codes: [], params: { w: 10 } },
    { query: 'select count(*) from requests window $w', codes: [], params: { w: '90s' } },
    { query: 'select count(*) from requests window ‹$w›', codes: ['MQL_PARAMETER_TYPE'], params: { w: 'soon' } },
    { query: 'select b[$i] from requests', codes: [], params: { i: -1 } },
    { query: 'select b[‹$i›] from requests', codes: ['MQL_PARAMETER_TYPE'], params: { i: true } },
    { query: "select e['b'][‹$i›][0] from requests", codes: ['MQL_PARAMETER_MISSING'] },
  ],
  series: [
    { query: 'select ewma(count(*), 0.3) from requests window 1', codes: [] },
    { query: 'select ‹ewma(count(*), 0.3)› from requests', codes: ['MQL_SERIES_WINDOW'], mode: 'finite' },
    { query: 'select ewma(count(*), ‹0›) from requests window 1', codes: ['MQL_ARGUMENTS'] },
    { query: 'select ewma(count(*), ‹1.5›) from requests window 1', codes: ['MQL_ARGUMENTS'] },
    { query: 'select ewma(count(*), ‹status›) from requests window 1', codes: ['MQL_ARGUMENTS'] },
    { query: 'select ewma(count(*), $a) from requests window 1', codes: [], params: { a: 0.5 } },
    { query: 'select ‹ewma(count(*))› from requests window 1', codes: ['MQL_ARGUMENTS'] },
    { query: 'select des(count(*), 1, 0) from requests window 1', codes: [] },
    { query: 'select ‹previous(*)› from requests window 1', codes: ['MQL_STAR_NOT_ALLOWED'] },
    { query: 'select lag(count(*), ‹0›) from requests window 1', codes: ['MQL_ARGUMENTS'] },
    { query: 'select lag(count(*), 1h) from requests window 1m', codes: [] },
    { query: 'select offset(count(*), 1h) from requests window 1m', codes: [] },
    { query: 'select offset(count(*), ‹90s›) from requests window 1m', codes: ['MQL_ARGUMENTS'] },
    { query: 'select holt_winters(count(*), 0.3, 0.1, 0.3, 1d) from requests window 10m', codes: [] },
    { query: 'select holt_winters(count(*), 0.3, 0.1, 0.3, ‹1›) from requests window 10m', codes: ['MQL_ARGUMENTS'] },
    { query: 'select baseline(count(*)), deviation(count(*), 1w) from requests window 10s', codes: [] },
    { query: 'select baseline(count(*), ‹36d›) from requests window 10s', codes: ['MQL_ARGUMENTS'] },
    { query: 'select count(*) from requests where ‹previous(status)› > 1 window 1', codes: ['MQL_SERIES_NOT_ALLOWED'] },
    { query: 'select sum(‹previous(status)›) from requests window 1', codes: ['MQL_SERIES_NOT_ALLOWED'] },
    { query: 'select ewma(change(count(*)), 0.3) from requests window 1 having change(count(*)) < 0', codes: [] },
    { query: 'select baseline(‹baseline(count(*))›) from requests window 1', codes: ['MQL_SERIES_NOT_ALLOWED'] },
    { query: 'select deviation(‹1 + baseline_low(count(*)) / 2›, 1d) from requests window 1', codes: ['MQL_SERIES_NOT_ALLOWED'] },
    { query: 'select baseline(count(*)) as b from requests window 1 having baseline_high(‹b›) > 1', codes: ['MQL_SERIES_NOT_ALLOWED'] },
    { query: 'select ewma(baseline(count(*)), 0.5), baseline(deviation(count(*))) from requests window 1', codes: [] },
    { query: 'select ‹previouss›(count(*)) from requests window 1', codes: ['MQL_UNKNOWN_FUNCTION'] },
    { query: 'select count(*) as n from requests window 1 anomaly mad n 1 2 having anomalous', codes: [] },
    { query: 'select count(*) as n from requests ‹anomaly mad n 1 2›', codes: ['MQL_SERIES_WINDOW'], mode: 'finite' },
    { query: 'select status from requests window 1 ‹anomaly mad status 1 2› lateness 1s', codes: ['MQL_SERIES_NOT_ALLOWED'] },
    { query: 'select status as anomalous from requests ‹anomaly mad status 1 2›', codes: ['MQL_DUPLICATE_COLUMN'] },
  ],
  windows: [
    { query: 'select count(*) from requests window 1.5', codes: [] },
    { query: 'select count(*) from requests window ‹$w›', codes: ['MQL_BAD_WINDOW'], params: { w: 0 } },
    { query: 'select count(*) from requests window ‹0.0001›', codes: ['MQL_BAD_WINDOW'] },
    { query: 'select count(*) from requests ‹window 1 2›', codes: ['MQL_WINDOW_GAPS'] },
    { query: 'select count(*) from requests ‹window 20s slide 1ms›', codes: ['MQL_BAD_WINDOW'] },
    { query: 'select count(*) from requests window |3|', codes: [] },
    { query: 'select count(*) from requests window |3| timeout 5s', codes: [] },
    { query: 'select count(*) from requests ‹window |1000001|›', codes: ['MQL_BAD_WINDOW'] },
    { query: 'select * from requests ‹window |100001|›', codes: ['MQL_BAD_WINDOW'] },
    {
      query: 'select count(*) from requests window |3| ‹emit every 1s›',
      codes: ['MQL_EMIT_IGNORED'],
    },
    {
      query: 'select count(*) from requests window |3| ‹lateness 1s›',
      codes: ['MQL_LATENESS_IGNORED'],
    },
    { query: 'select count(*) from requests window session 30s max 10m', codes: [] },
    { query: 'select count(*) from requests window session 30s lateness 1s', codes: [] },
    {
      query: 'select count(*) from requests window session 30s ‹emit every 1s›',
      codes: ['MQL_EMIT_IGNORED'],
    },
    { query: 'select ‹count(*)› from requests', codes: ['MQL_RUNNING_VALUE'] },
    { query: 'select count(*) from requests', codes: [], mode: 'finite' },
  ],
  clauses: [
    { query: 'select * from requests limit ‹$n›', codes: ['MQL_BAD_LIMIT'], params: { n: 1.5 } },
    { query: 'select * from requests limit 0', codes: [] },
    { query: 'select * from requests order by ‹status›', codes: ['MQL_ORDER_UNBOUNDED'] },
    { query: 'select * from requests order by status', codes: [], mode: 'finite' },
    { query: 'select status from requests order by ‹2› window 1', codes: ['MQL_BAD_POSITION'] },
    { query: 'select status from requests order by 1 window 1', codes: [] },
    { query: 'select count(*) from requests group by ‹3› window 1', codes: ['MQL_BAD_POSITION'] },
    { query: 'select * from requests group by ‹status›', codes: ['MQL_GROUP_IGNORED'] },
    { query: 'select status from requests having ‹status > 1›', codes: ['MQL_HAVING_ON_ROWS'] },
    { query: 'select ‹route›, count(*) from requests window 1', codes: ['MQL_FIRST_VALUE'] },
    { query: 'select route, count(*) from requests window 1 group by route', codes: [] },
    { query: 'select upper(route), count(*) from requests window 1 group by route', codes: [] },
    { query: 'select route, ‹status as route› from requests', codes: ['MQL_DUPLICATE_COLUMN'] },
    { query: 'select count(*) from requests window 1 ‹emit every 1s›', codes: ['MQL_EMIT_IGNORED'], mode: 'finite' },
    { query: 'select * from requests ‹emit every 1s›', codes: ['MQL_EMIT_IGNORED'] },
    { query: 'select count(*) from requests window 1 emit every ‹$d›', codes: ['MQL_BAD_DURATION'], params: { d: 1 } },
    { query: 'select count(*) from requests window 1 lateness ‹11m›', codes: ['MQL_BAD_DURATION'] },
    { query: 'select * from requests ‹lateness 1s›', codes: ['MQL_LATENESS_IGNORED'] },
    { query: 'select * from requests sample 50%', codes: [] },
    { query: 'select * from requests ‹sample 101%›', codes: ['MQL_BAD_SAMPLE'] },
    { query: 'select * from requests sample {"strategy":"RPS","threshold":5}', codes: [] },
    {
      query: `select * from requests sample {"strategy":"RPS","threshold":5,"extrapolate":true}`,
      codes: [],
    },
    { query: 'select * from requests ‹sample {"strategy":"RPS"}›', codes: ['MQL_BAD_SAMPLE'] },
    {
      query: 'select * from requests ‹sample {"strategy":"RPS","threshold":0.5}›',
      codes: ['MQL_BAD_SAMPLE'],
    },
    {
      query: `select * from requests ‹sample {"strategy":"STICKY","threshold":5}›`,
      codes: ['MQL_BAD_SAMPLE'],
    },
    { query: 'select * from requests sample 100%', codes: [] },
    { query: 'select * from requests ‹last 15m›', codes: ['MQL_NOT_SUPPORTED'] },
    { query: 'select * from requests r join errors x within 10s on r.status = x.status', codes: [] },
    { query: 'select * from requests anomaly mad status 1 2', codes: [] },
  ],
}; // prettier-ignore

describe.each(Object.entries(CASES))('what is said of %s', (_topic, cases) => {
  it.each(cases.map((one) => [one.query, one] as const))('%s', (_query, one) => {
    const start = one.query.indexOf('‹');
    const end = one.query.indexOf('›') - 1;
    const text = one.query.replace(/[‹›]/g, '');
    const { diagnostics } = planQuery(text, {
      catalogue: CATALOGUE,
      mode: one.mode ?? 'live',
      ...(one.params === undefined ? {} : { params: one.params }),
    });
    expect(diagnostics.map((d) => d.code).toSorted()).toEqual([...one.codes].toSorted());
    for (const diagnostic of diagnostics) {
      const fromGrammar = diagnostic.code === 'MQL_NAME_OR_ARITHMETIC';
      if (!fromGrammar) expect(Object.keys(ANALYSIS_CODES)).toContain(diagnostic.code);
      if (start < 0) continue;
      const { span } = diagnostic;
      expect(text.slice(span.start, span.end)).toBe(text.slice(start, end));
      expect(span.start).toBe(start);
    }
    if (one.hint !== undefined) expect(diagnostics[0]?.hint).toMatch(one.hint);
  });
});

describe('the catalogue', () => {
  it('is not needed: without it nothing is called unknown', () => {
    expect(planQuery('select anything from nowhere').diagnostics).toEqual([]);
  });

  it('empty knows no name, so a dash in a name is always pointed out', () => {
    const [warning] = planQuery('select a-b from nowhere').diagnostics;
    expect(warning?.code).toBe('MQL_NAME_OR_ARITHMETIC');
    expect(warning?.fixes?.map((fix) => fix.text)).toEqual(['a - b', '`a-b`']);
  });

  it('never changes the plan', () => {
    const query = 'select status-b, x-trace-id from requests where user.plan = pro';
    const known = planQuery(query, { catalogue: CATALOGUE }).plan;
    expect(known?.fingerprint).toBe(planQuery(query).plan?.fingerprint);
  });
});
