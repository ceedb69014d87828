/** Long texts are planned in the pool; whoever needs a plan at once finds it prepared. */
import { afterAll, expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import { VirtualClock } from '../../../src/core/clock.ts';
import { LongPlans } from '../../../src/main/long-plans.ts';
import type { PlanPool } from '../../../src/main/plan-pool.ts';
import { plan, POOL_TEXT_LENGTH } from '../../../src/main/plan-task.ts';
import type { PlanTask } from '../../../src/main/plan-task.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';

const LONG = `select count(*) as n from plays window 1s -- ${'x'.repeat(POOL_TEXT_LENGTH)}`;
const clock = new VirtualClock(1_000);
const inPool: string[] = [];
const here: string[] = [];
let isFull = false;

const pool: Pick<PlanPool, 'plan'> = {
  plan: (task: PlanTask) => {
    if (isFull) return Promise.reject(new Error('full'));
    inPool.push(task.query);
    return Promise.resolve(plan(task));
  },
};
const plans = new LongPlans({
  ...{ pool: pool as PlanPool, clock, config: DEFAULTS },
  known: () => ({
    catalogue: { streams: () => ['plays'], fields: () => [] },
    views: { names: () => [], get: () => undefined },
  }),
  planHere: (query, params) => {
    here.push(query);
    return planQuery(query, { mode: 'live', params });
  },
});

afterAll(() => expect(here).toHaveLength(1));

test('a short text is not prepared, and a long one once', async () => {
  await plans.prepare(['select a from plays', LONG, LONG]);
  expect(inPool).toEqual([LONG]);
  expect(plans.prepared('select a from plays')).toBeNull();
  expect(plans.prepared(LONG)?.plan?.aggregate).not.toBeNull();
});

test('what was prepared is found for a moment', () => {
  clock.advance(10_001);
  expect(plans.prepared(LONG)).toBeNull();
});

test('a full pool leaves the work to this thread', async () => {
  isFull = true;
  await plans.prepare([LONG]);
  expect(plans.prepared(LONG)?.plan).not.toBeNull();
});
