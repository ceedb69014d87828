/** Long rules are checked in the pool, with the same outcome, and nothing is left to plan here. */
import { beforeEach, expect, test } from 'vitest';
import { checkRules, rulesCheck } from '../../../src/alert/check-rules.ts';
import type { QueryParams } from '../../../src/alert/rule-scope.ts';
import { DEFAULTS } from '../../../src/config.ts';
import { VirtualClock } from '../../../src/core/clock.ts';
import { HostRules } from '../../../src/main/host-rules.ts';
import { LongPlans } from '../../../src/main/long-plans.ts';
import type { PlanPool } from '../../../src/main/plan-pool.ts';
import { checkRuleFile, checkRuleText, POOL_TEXT_LENGTH } from '../../../src/main/plan-task.ts';
import type { RuleFileTask } from '../../../src/main/plan-task.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';
import type { PlannedQuery } from '../../../src/plan/plan-query.ts';

const PADDING = `-- ${'x'.repeat(POOL_TEXT_LENGTH)}`;
const QUERY = 'select count(*) as n from plays where region = $region window 1s';
const view = { name: 'long', version: 1, text: `${QUERY} ${PADDING}`, params: { region: 'eu' } };
const views = {
  names: () => ['long'],
  get: (name: string) => (name === 'long' ? view : undefined),
};
const ON_SAVED = 'name: a\nsaved: long\nwhen: n > 2 * baseline(n)\n';
const LONG = `name: a\nquery: "select count(*) as n from plays window 1s"\nwhen: n > 5\ndescription: ${PADDING}\n`;

let here: string[] = [];
let inPool = 0;
let isFull = false;

const pool: Pick<PlanPool, 'checkRuleFile' | 'checkRuleText'> = {
  checkRuleFile: (task) => Promise.resolve(checkRuleFile(structuredClone(task))),
  checkRuleText: (task: RuleFileTask) => {
    if (isFull) return Promise.reject(new Error('full'));
    inPool++;
    return Promise.resolve(structuredClone(checkRuleText(structuredClone(task))));
  },
};
const planHere = (query: string, params: QueryParams): PlannedQuery => {
  here.push(query);
  return planQuery(query, { mode: 'live', params, views });
};
const known = (): {
  catalogue: { streams: () => never[]; fields: () => never[] };
  views: typeof views;
} => ({
  catalogue: { streams: () => [], fields: () => [] },
  views,
});
const parts = { config: DEFAULTS, known, planHere };
const clock = new VirtualClock(0);
const longPlans = new LongPlans({ ...parts, clock, pool: pool as PlanPool });
const rules = new HostRules({ ...parts, pool, longPlans });

beforeEach(() => {
  here = [];
  inPool = 0;
  isFull = false;
});

test('a short rule is for this thread', async () => {
  expect(await rules.checkElsewhere('name: a\nquery: select 1\nwhen: n > 5')).toBeNull();
  expect([here.length, inPool]).toEqual([0, 0]);
});

test.each([
  ['that is long', LONG],
  ['that asks a long saved query with parameters', ON_SAVED],
  ['with mistakes', `${ON_SAVED}frobnicate: ${PADDING}`],
])('a rule %s is checked elsewhere, and then costs no plan here', async (_what, text) => {
  const check = await rules.checkElsewhere(text);
  const again = rulesCheck(checkRules(text, rules.scope()));
  expect(inPool).toBe(1);
  expect(check).toEqual(again);
  expect(here.filter((query) => query.length > POOL_TEXT_LENGTH)).toEqual([]);
});

test('a plan with other parameters is another plan', async () => {
  await rules.checkElsewhere(ON_SAVED);
  const { text } = view;
  const other = rules.scope().plan(text, { region: 'us' });
  expect(here).toEqual([text]);
  expect(rules.scope().plan(text, { region: 'eu' }).plan).not.toEqual(other.plan);
  expect(here).toEqual([text]);
});

test('a full pool leaves the work to this thread', async () => {
  isFull = true;
  expect(await rules.checkElsewhere(LONG)).toBeNull();
});

test('of many plans the oldest make room, and not all of them', () => {
  const planned = planQuery('select a from b', { mode: 'live' });
  const query = (i: number): string => `${PADDING} ${i}`;
  for (let i = 0; i < 300; i++) longPlans.keep([{ query: query(i), params: {}, planned }]);
  const found = Array.from({ length: 300 }, (_, i) => longPlans.prepared(query(i)) !== null);
  expect(found.indexOf(true)).toBe(44);
  expect(found.slice(44)).not.toContain(false);
});
