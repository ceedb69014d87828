/** Budgets of what queries and clients hold, against reports of shards. */
import { describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import { Budgets } from '../../../src/coordinator/budgets.ts';
import type { QueryState } from '../../../src/shard/messages.ts';

interface Query {
  readonly stage: string;
  readonly owner: string | null;
  readonly isStanding: boolean;
}

const CONFIG = {
  ...{ queryStateBytesMax: 1_000, clientStateBytesMax: 2_000, clientGroupsMax: 50 },
  ...{ shedCalmMs: 1_000, shedProbeMsMax: 8_000 },
};
const QUERIES: Record<string, Query> = {};
for (const [stage, owner, isStanding] of [
  ['a1', 'ann', false],
  ['a2', 'ann', false],
  ['a3', 'ann', false],
  ['b1', 'bob', false],
  ['rule', null, true],
] as const) {
  QUERIES[stage] = { stage, owner, isStanding };
}

function opened(): Budgets<Query> {
  return new Budgets<Query>({ ...DEFAULTS, ...CONFIG }, (stage) => QUERIES[stage]);
}

function state(pipeline: string, bytes: number, groups = 1): QueryState {
  return { pipeline, bytes, groups };
}

function suspended(budgets: Budgets<Query>): Record<string, string | null> {
  return Object.fromEntries([...budgets.queries].map((one) => [one.stage, budgets.why(one)]));
}

describe('budgets', () => {
  test.each([
    ['within them nobody is suspended', [[state('a1', 1_000), state('a2', 1_000)]], {}],
    [
      'bytes of a query add up over shards',
      [[state('a1', 600)], [state('a1', 600)]],
      { a1: 'query-state' },
    ],
    ['groups of a query do not', [[state('a1', 1, 40)], [state('a1', 1, 40)]], {}],
    [
      'of a client the largest go until the rest may stay',
      [[state('a1', 600), state('a2', 900), state('a3', 700), state('b1', 1_000)]],
      { a2: 'client-state' },
    ],
    [
      'groups of a client add up',
      [[state('a1', 9, 30), state('a2', 8, 30)]],
      { a1: 'client-groups' },
    ],
    ['a rule may hold what one query may', [[state('rule', 1_001)]], { rule: 'query-state' }],
    ['unknown queries are nobody’s', [[state('gone', 9_999)]], {}],
  ])('%s', (_what, shards, expected) => {
    const budgets = opened();
    shards.forEach((states, shard) => budgets.report(shard, states));
    budgets.decide(0);
    expect(suspended(budgets)).toStrictEqual(expected);
  });

  test('who is suspended is tried again, each time after twice as long', () => {
    const budgets = opened();
    const tries: number[] = [];
    let held = [state('a1', 5_000)];
    for (let nowMs = 0; nowMs <= 60_000; nowMs += 200) {
      if (nowMs % 1_000 === 0) budgets.report(0, held);
      const before = budgets.size;
      budgets.decide(nowMs);
      if (budgets.size < before) tries.push(nowMs);
      held = budgets.size === 0 ? [state('a1', 5_000)] : [];
    }
    const waits = tries.map((at, i) => at - (tries[i - 1] ?? 0));
    expect(waits[0]).toBe(CONFIG.shedCalmMs);
    expect(Math.max(...waits)).toBeLessThanOrEqual(CONFIG.shedProbeMsMax + 1_000);
    expect(waits.at(-1)).toBeGreaterThanOrEqual(CONFIG.shedProbeMsMax);
  });

  test('a client over his budget may ask nothing more, and another may', () => {
    const budgets = opened();
    expect(budgets.refusal('ann')).toBeNull();
    budgets.report(0, [state('a1', 999), state('a2', 999), state('a3', 999)]);
    expect(budgets.refusal('ann')).toContain('2997 of 2000 bytes');
    budgets.decide(0);
    expect(budgets.refusal('ann')).toContain('client-state');
    expect(budgets.refusal('bob')).toBeNull();
    budgets.report(0, [state('a2', 10)]);
    budgets.decide(CONFIG.shedCalmMs);
    expect(budgets.refusal('ann')).toBeNull();
  });

  test('a shard that is gone holds nothing, a query that ended is not suspended', () => {
    const budgets = opened();
    budgets.report(0, [state('a1', 5_000)]);
    budgets.decide(0);
    expect(budgets.held('a1')).toStrictEqual({ bytes: 5_000, groups: 1 });
    budgets.lost(0);
    expect(budgets.held('a1')).toBeNull();
    budgets.forget(QUERIES['a1']!);
    expect(budgets.size).toBe(0);
  });
});
