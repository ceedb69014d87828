/** The rule `aggregate-at-agents`: when agents count and when they ship. */
import { describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import { chooseEdge } from '../../../src/coordinator/edge-choice.ts';
import { GroupMemory } from '../../../src/coordinator/group-memory.ts';
import type { QueryPlan } from '../../../src/ir/plan.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';

function planOf(text: string): QueryPlan {
  const { plan } = planQuery(text, { mode: 'live', config: DEFAULTS });
  if (plan === null) throw new Error(text);
  return plan;
}

const BOUNDS = { ...DEFAULTS, hasMany: () => false };
const shipped = { isEdge: false, because: '' };
const COUNT = 'select region, count(*) from plays window 1s group by region';

describe('agents', () => {
  test.each<[string, string]>([
    ['a count in windows', COUNT],
    ['a running value', 'select count(*) from plays'],
    ['sliding windows', 'select p99(v) from plays window 10s slide 1s'],
    ['a pattern of streams', 'select sum(v) from pl* window 1s'],
    ['first and last of one stream', 'select first(v), last(v) from plays window 1s'],
    ['distinct values', 'select count(distinct v), topk(v, 3) from plays window 1s'],
  ])('aggregate %s', (_name, text) => {
    expect(chooseEdge(planOf(text), [], BOUNDS)).toStrictEqual({ isEdge: true, because: null });
  });

  test.each<[string, string, RegExp]>([
    ['events', 'select * from plays window 1s', /asks for events/],
    ['lists', 'select list(v) from plays window 1s', /list needs the events/],
    ['examples', 'select samples(2) from plays window 1s', /samples needs the events/],
    ['counters', 'select delta(v) from plays window 1s', /delta needs the events/],
    ['windows of a number', 'select count(*) from plays window |5|', /one shard must see/],
    ['tiny panes', 'select count(*) from plays window 50ms', /shorter than 100 ms/],
    ['order over streams', 'select first(v) from pl* window 1s', /have one order/],
  ])('ship %s', (_name, text, because) => {
    const choice = chooseEdge(planOf(text), [], BOUNDS);
    expect(choice).toStrictEqual({
      isEdge: false,
      because: expect.stringMatching(because) as string,
    });
  });

  test('ship what another query has shipped anyway', () => {
    const all = { plan: planOf('select * from plays'), edge: shipped };
    expect(chooseEdge(planOf(COUNT), [all], BOUNDS).because).toMatch(/another query/);
    const some = { plan: planOf('select v from plays'), edge: shipped };
    expect(chooseEdge(planOf(COUNT), [some], BOUNDS).isEdge).toBe(true);
    const few = { plan: planOf("select * from plays where region = 'eu'"), edge: shipped };
    expect(chooseEdge(planOf(COUNT), [few], BOUNDS).isEdge).toBe(true);
    const others = { plan: planOf('select * from searches'), edge: shipped };
    expect(chooseEdge(planOf(COUNT), [others], BOUNDS).isEdge).toBe(true);
  });

  test('aggregate so many queries of a stream, and none if told so', () => {
    const edge = { isEdge: true, because: null };
    const two = ['select count(*) from plays', 'select sum(v) from p*'].map((text) => {
      return { plan: planOf(text), edge };
    });
    const atMost = (edgeQueriesMax: number) =>
      chooseEdge(planOf(COUNT), two, { ...BOUNDS, edgeQueriesMax });
    expect(atMost(3).isEdge).toBe(true);
    expect(atMost(2).because).toMatch(/2 queries .* already/);
    expect(atMost(0).because).toMatch(/edgeQueriesMax is 0/);
  });

  test('ship what had nearly as many groups as events when it last ran', () => {
    const memory = new GroupMemory(2);
    const plan = planOf(COUNT);
    const bounds = { ...DEFAULTS, hasMany: (id: string) => memory.hasMany(id) };
    memory.ended(plan.fingerprint, { matched: 2_000, merged: 900 });
    memory.ended('few events', { matched: 10, merged: 10 });
    expect(chooseEdge(plan, [], bounds).isEdge).toBe(true);
    expect(memory.hasMany('few events')).toBe(false);
    memory.ended(plan.fingerprint, { matched: 2_000, merged: 1_100 });
    expect(chooseEdge(plan, [], bounds).because).toMatch(/more groups than half its events/);
    for (const other of ['a', 'b']) memory.ended(other, { matched: 2_000, merged: 2_000 });
    expect(memory.hasMany(plan.fingerprint)).toBe(false);
  });
});
