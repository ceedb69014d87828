/** A text that is planned in another thread means what it means here. */
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import type { FieldCatalogue } from '../../../src/analyze/field-catalogue.ts';
import { plan, planTask } from '../../../src/main/plan-task.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';

const catalogue: FieldCatalogue = {
  streams: () => ['plays'],
  fields: () => [{ name: 'region', type: 'string' }],
  tables: () => ['hosts'],
  table: (name) =>
    name === 'hosts' ? { keyColumn: 'host', fields: [{ name: 'rack', type: 'string' }] } : null,
};
const busy = {
  name: 'busy',
  version: 3,
  text: 'select region, count(*) as n from plays window 1s group by region having n > $least',
  params: { least: 10 },
};
const views = {
  names: () => ['busy'],
  get: (name: string) => (name === 'busy' ? busy : undefined),
};

test.each([
  'select region from plays',
  'select regoin from play',
  'select region, n from busy',
  'select region from busi',
  "select region from plays where region = $r and region != 'x'",
  'select p.region, h.rack from plays p join hosts h on p.host = h.host',
])('%s', (query) => {
  const params = { r: 'eu' };
  const here = planQuery(query, { mode: 'live', params, config: DEFAULTS, catalogue, views });
  const task = structuredClone(planTask({ query, params, config: DEFAULTS }, { catalogue, views }));
  expect(plan(task)).toEqual(here);
});
