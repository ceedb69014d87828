/** Slips and habits of other languages: what is said of them is what helps. */
import { expect, test } from 'vitest';
import type { FieldCatalogue } from '../../../src/analyze/field-catalogue.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';

const CATALOGUE: FieldCatalogue = {
  streams: () => ['requests', 'plays'],
  fields: () => [
    { name: 'status', type: 'number' },
    { name: 'path', type: 'string' },
    { name: 'region', type: 'string' },
    { name: 'ts', type: 'string' },
  ],
};

/** The mistake stands between ‹ and ›. */
const CASES: readonly (readonly [query: string, hint: RegExp])[] = [
  // Slips of the hand.
  ['select ‹/› from requests', /right behind =~/],
  ['select status / from ‹requests› where status = 1', /from is read as a property/],
  ['select * from requests limit ‹-›1', /LIMIT 10/],
  ['select * from requests limit ‹1.5›', /without a fraction/],
  ['select * from requests limit ‹ten›', /LIMIT 10/],
  ['select * from requests limit 5‹,› 10', /one whole number/],
  ['select * from requests where status = 500 ‹foo›', /AND or OR/],
  ['select * from requests window 10s ‹foo›', /SLIDE/],
  ['select * from requests r ‹foo›', /WHERE, WINDOW/],
  ['select count(*) from requests window 1s group by path ‹foo›', /between commas/],
  ['select path from requests window 1s order by path ‹foo›', /DESC/],
  ['select count(*) from requests group by path, window ‹10s›', /window is read as a property/],
  ['select * from requests where status = ‹=› 500', /one piece/],
  ['select * from requests where status = 500 and‹›', /missing at the end/],
  ['select * from requests where path = ‹/›api/', /right behind =~/],
  ['select * from requests where (status = 500‹›', /close it with \)/],
  ['select * from requests where status = 500‹)›', /No parenthesis is open/],
  ['select * from requests where status in ‹500›', /IN \(500/],
  ['select * from requests where status in ‹[›500]', /IN \(500|IN \(1/],
  ['select * from requests where status in (‹)›', /missing in front/],
  ['select * from requests where status is ‹500›', /NOT NULL/],
  ['select * from requests where status not ‹500›', /NOT \(a = b\)/],
  ['select * from requests where path like ‹%›api', /'%api%'/],
  ['select * from requests where status between 1 ‹to› 5', /low AND high/],
  ['select count(*) from requests group ‹region›', /GROUP BY/],
  ['select count(*) from requests window‹›', /WINDOW 60s SLIDE/],
  ['select count(*) from requests window ‹0›', /10s/],
  ['select count(*) from requests window ‹-›5s', /more than 0/],
  ['select count(*) from requests window |10‹›', /WINDOW \|100\|/],
  ['select count(*), ‹,› sum(status) from requests window 1s', /in front of this comma/],
  ["select * from requests where path = 'it'‹s›'", /doubled/],
  ['select count(*) filter (‹status› = 1) from requests window 1s', /FILTER \(WHERE/],
  ['select count(*) filter where status = 1 ‹from› requests', /FILTER takes parentheses/],
  ['select case when status = 1 then 2 ‹from› requests', /END/],
  ['select * from requests r join plays p within 10s‹›', /ON p\.id = x\.id/],
  ['select count(*) from requests window 10s emit ‹1s›', /EMIT EVERY 1s/],
  ['explain‹›', /EXPLAIN SELECT/],
  ['select * from requests window 1s sample {‹s›trategy: "RANDOM"}', /"strategy": "RANDOM"/],
  // SQL.
  ['‹from› requests select *', /SELECT comes first/],
  ['‹show› streams', /squilla streams/],
  ['‹insert› into requests values (1)', /agents/],
  ['select * from requests limit 10 ‹offset› 5', /LIMIT has no OFFSET/],
  ['select top ‹5› path from requests', /LIMIT 5/],
  ['select cast(status ‹as› string) from requests', /to_string/],
  ['select case status ‹when› 500 then 1 end from requests', /CASE WHEN/],
  ["select now() - interval ‹'5 minutes'› from requests", /5m/],
  ['select * from requests r ‹right› join plays p within 1s on r.path = p.path', /LEFT JOIN/],
  ['select * from requests union ‹select› * from plays', /sub-queries|side by side/],
  ['select count(*) over ‹(›partition by region) from requests', /lag/],
  ['select ‹count(distinct region, path)› from requests window 1s', /count\(x\)/],
  ['select ‹ifnull›(status, 0) from requests', /coalesce/],
  ['select ‹mean›(status) from requests window 1s', /avg\(x\)/],
  ['select count(‹status > 5›) from requests window 1s', /FILTER \(WHERE status > 5\)/],
  ['select * from requests where ‹"region"› = \'eu\'', /no quotes.*region/],
  ["select count(*) as n from requests window 1s group by ‹'region'›", /region/],
  ["select count(*) as n from requests window 1s order by ‹'n'›", /no quotes/],
  ['select ‹requests.status› from requests', /FROM requests x/],
  ['select ‹count› from requests', /count\(…\)/],
  ['select * from requests where ‹!status = 5›', /NOT \(a = b\)/],
  ['select * from requests where ‹ts > now() - 5m›', /event_time/],
  ['select * from requests where path ‹regexp› "x"', /=~/],
  ['select * from requests ‹/›/ a comment', /--/],
  // PromQL and languages of pipes.
  ['‹rate›(requests[5m])', /SELECT rate\(\)/],
  ['‹requests› | where status == 500', /no pipes/],
  ['select rate(requests[‹5m›]) from requests', /WINDOW 5m/],
  ['select sum(status) by ‹region› from requests', /GROUP BY/],
  ['select ‹histogram_quantile›(0.99, status) from requests window 1s', /p99/],
  ['select percentile(95, ‹status›) from requests window 1s', /percentile\(x/],
  ['select count(*) from requests ‹tumbling› window 10s', /tumbling window/],
  ['select count(*) from requests window 1m ‹every› 10s', /SLIDE 5s/],
  ['select count(*) from requests window 10 ‹seconds›', /10s/],
];

test.each(CASES)('%s', (marked, hint) => {
  const start = marked.indexOf('‹');
  const end = marked.indexOf('›') - 1;
  const text = marked.replace(/[‹›]/g, '');
  const { diagnostics } = planQuery(text, { catalogue: CATALOGUE });
  const here = diagnostics.filter(({ span }) => span.start === start && span.end === end);
  expect(here.map((one) => one.hint ?? '').join('\n'), JSON.stringify(diagnostics)).toMatch(hint);
});
