/** EXPLAIN shows what runs where. */
import { expect, it } from 'vitest';
import { explainPlan } from '../../../src/plan/explain.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';

function explained(text: string): string {
  const { plan, rules } = planQuery(text);
  if (plan === null) throw new Error('no plan');
  return explainPlan(plan, { rules }).replace(/fingerprint [0-9a-f]{32}/, 'fingerprint …');
}

it('shows an aggregate as agent, shard and merge', () => {
  const text =
    'select route, p99(durMs) as p from requests window 60s slide 5s where status >= 500 ' +
    'group by route having p > 100 order by p desc limit 10 lateness 2s';
  expect(explained(text).split('\n').slice(1)).toEqual([
    'fingerprint …',
    'agent',
    '├─ streams: requests',
    '├─ filter: (status >= 500)',
    '├─ aggregates: by itself, and sends a partial for each pane of 5s',
    '└─ ships: status, route, durMs',
    'shard',
    '├─ window: 1m sliding every 5s, in panes of 5s',
    '├─ groups: by route, at most 10000',
    expect.stringMatching(/^└─ quantile\(durMs, 0\.99\) · exact up to 256 values/),
    'merge',
    expect.stringMatching(/^├─ having: \(quantile\(durMs, 0\.99\) > 100\)$/),
    expect.stringMatching(/^├─ order: quantile\(durMs, 0\.99\) DESC NULLS LAST$/),
    '├─ limit: 10 rows each time',
    '├─ amendable for: 2s',
    '└─ columns: route (key), p = quantile(durMs, 0.99)',
    'rules: prune-fields',
  ]);
});

it('shows a plain select', () => {
  expect(explained('select * from a*').split('\n').slice(1)).toEqual([
    'fingerprint …',
    'agent',
    '├─ streams: a* (pattern)',
    '├─ filter: none',
    '└─ ships: every field',
    'shard',
    '├─ window: none',
    '└─ rows: *',
    'merge',
    '└─ columns: *',
    'rules: none',
  ]);
});

it('says what runs on the home shard, and what the others send there', () => {
  const text =
    "select count(*) as n from plays where region = 'eu' window |100| timeout 5s group by device";
  expect(explained(text).split('\n').slice(2, -3)).toEqual([
    'agent',
    '├─ streams: plays',
    "├─ filter: (region = 'eu')",
    '├─ aggregates: nothing, because one shard must see every event',
    '└─ ships: region, device',
    'shard',
    '└─ sends home: device',
    'home shard',
    '├─ because a number of events is counted in one order',
    '├─ window: every 100 events, or 5s after its first',
    '├─ groups: by device, at most 10000',
    '└─ count(*)',
  ]);
});

it('what is read of one of several streams is shown with its name', () => {
  const { plan } = planQuery('select p.title, x.* from plays p, errors* x where p.l[*].v = 1');
  if (plan === null) throw new Error('no plan');
  const text = explainPlan(plan);
  expect(text).toContain('ships: plays.l, plays.title, errors*.*');
  expect(text).toContain('of plays.l:');
});
