/**
 * What leaves an agent and what reaches a query, by canaries: every value of every field is a text
 * that is nowhere else, and is looked for in all bytes that leave the process and in all results.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { whyNotAtAgents } from '../../src/plan/edge-aggregation.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import { pathText } from '../../src/ir/path-text.ts';
import type { QueryPlan } from '../../src/ir/plan.ts';
import type { AgentQuery } from '../../src/wire/agent-messages.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { streamOf } from '../support/live-agent.ts';
import { World } from '../support/world.ts';

const FIELDS = ['a', 'b', 'c', 'd', 'e'] as const;
type Field = (typeof FIELDS)[number];

const QUERIES: readonly { readonly text: string; readonly fields: readonly Field[] }[] = [
  { text: 'select a from s', fields: ['a'] },
  { text: "select b, a from s where c != 'nothing'", fields: ['a', 'b', 'c'] },
  { text: "select a from s where b = 'canary-b-1'", fields: ['a', 'b'] },
  { text: 'select count(*) as n from s window 1s', fields: [] },
  { text: 'select c, count(*) as n from s window 1s group by c', fields: ['c'] },
  { text: 'select max(d) as m, first(e) as f from s window 1s', fields: ['d', 'e'] },
  { text: 'select topk(b, 3) as t from s window 1s', fields: ['b'] },
  { text: "select count(*) filter (where e > 'x') as n from s window 1s", fields: ['e'] },
  { text: 'select d from s sample 50%', fields: ['d'] },
];

function event(n: number): Record<string, unknown> {
  return Object.fromEntries(FIELDS.map((field) => [field, `canary-${field}-${n}`]));
}

/** Fields of which some value is in the text. */
function leaked(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/canary-([a-e])-/g)].map(([, field]) => field!))].toSorted();
}

function agentQuery(plan: QueryPlan, index: number): AgentQuery {
  const { aggregate, source, window } = plan;
  const isEdge = aggregate !== null && whyNotAtAgents(plan) === null;
  return {
    query: `q${index}`,
    stream: 's',
    source,
    paneMs: window.kind === 'none' ? 0 : window.paneMs,
    aggregation: isEdge ? { stage: aggregate, emitEveryMs: 0 } : null,
  };
}

describe('the wire', () => {
  test('carries values of fields that some query reads, and of no other', () => {
    const some = fc.subarray([...QUERIES], { minLength: 1 });
    fc.assert(
      fc.property(some, (queries) => {
        const plans = queries.map(({ text }) => {
          const { diagnostics, plan } = planQuery(text, { mode: 'live' });
          if (plan === null) throw new Error(`${text}: ${JSON.stringify(diagnostics)}`);
          return plan;
        });
        // The list beside each query is what its plan reads.
        plans.forEach(({ source }, i) => {
          const read = source.fields.map(pathText);
          expect(read.filter((field) => !queries[i]!.fields.includes(field as Field))).toEqual([]);
        });
        const asked = new Set(queries.flatMap(({ fields }) => fields));
        const engine = new FakeEngine({ agentFlushEvents: 4 });
        const stream = streamOf(engine, 's');
        engine.welcome();
        engine.plans(1, plans.map(agentQuery));
        for (let n = 0; n < 20; n++) stream.publish(event(n));
        engine.advance(5_000);
        const frames = [...engine.raw].map((bytes) => Buffer.from(bytes).toString('latin1'));
        const said = JSON.stringify(engine.messages);
        const found = leaked(frames.join('\n') + said);
        expect(found.filter((field) => !asked.has(field as Field))).toEqual([]);
        expect(frames.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });

  test('carries nothing of an event while nobody asks, and nothing of a field that is denied', () => {
    const mask = [{ field: 'b', action: 'deny' }] as const;
    const engine = new FakeEngine({}, 1_000_000, { mask });
    const stream = streamOf(engine, 's');
    engine.welcome();
    for (let n = 0; n < 5; n++) stream.publish(event(n));
    engine.advance(2_000);
    expect(leaked(JSON.stringify(engine.messages))).toEqual([]);
    const { plan } = planQuery('select * from s', { mode: 'live' });
    engine.plans(1, [agentQuery(plan!, 0)]);
    for (let n = 0; n < 5; n++) stream.publish(event(n));
    engine.advance(2_000);
    const frames = engine.raw.map((bytes) => Buffer.from(bytes).toString('latin1')).join('\n');
    expect(leaked(frames)).toEqual(['a', 'c', 'd', 'e']);
  });
});

test('a query gets the fields that it asked for, whatever others ask of the same stream', () => {
  const world = new World({ shards: 2 });
  const agents = [world.agent('one'), world.agent('two')];
  for (const agent of agents) {
    world.stream(agent, 's');
    world.start(agent);
  }
  world.run(300);
  const received = QUERIES.map(({ text }, i) => world.subscribe(`q${i}`, text));
  world.run(200);
  let n = 0;
  world.run(3_000, () => {
    for (const agent of agents) world.stream(agent, 's').publish(event(n++ % 10));
  });
  world.run(1_000);
  QUERIES.forEach(({ fields, text }, i) => {
    const told = JSON.stringify(received[i]!.filter(({ message }) => message.type === 'rows'));
    // Conditions are read and not told.
    const found = leaked(told);
    expect(
      found.filter((field) => !fields.includes(field as Field)),
      text,
    ).toEqual([]);
    if (text.startsWith('select a from s')) expect(found, text).toEqual(['a']);
  });
});
