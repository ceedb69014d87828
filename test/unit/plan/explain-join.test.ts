/** EXPLAIN of joins: what each source is asked for, and how rows meet. */
import { expect, it } from 'vitest';
import { explainPlan } from '../../../src/plan/explain.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';

function explained(text: string): string {
  const { plan, rules } = planQuery(text);
  if (plan === null) throw new Error('no plan');
  return explainPlan(plan, { rules }).replace(/fingerprint [0-9a-f]{32}/, 'fingerprint …');
}

it('shows what each side of a join is asked for, and how rows meet', () => {
  const text =
    'select p.region, count(x.code) as n from plays p left join errors x within 10s ' +
    'on p.session = x.session and x.fatal = true join titles t on p.title = t.id ' +
    "where p.device = 'tv' and x.code != t.code window 1m group by p.region";
  expect(explained(text).split('\n').slice(2, -3)).toEqual([
    'agent',
    '├─ p: plays',
    "├─    filter: (device = 'tv')",
    '├─    ships: device, region, session, title',
    '├─ x: errors',
    '├─    filter: (fatal = true)',
    '└─    ships: session, fatal, code',
    'shard',
    '└─ sends home: what agents ship',
    'home shard',
    '├─ because events of several streams must meet',
    '├─ left join x: within 10s on p.session = x.session',
    '├─ join t: table titles on p.title = t.id',
    '├─ filter: (x.code != t.code)',
    '├─ window: 1m tumbling',
    '├─ groups: by p.region, at most 10000',
    '└─ count(x.code)',
  ]);
});
