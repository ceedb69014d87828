/** How a shard follows the set of queries, and what its agents hear of it. */
import { describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import type { ConnectionInput, ShardEffect } from '../../../src/shard/effects.ts';
import type { PlannedQuery, ShardInput, ShardOutput } from '../../../src/shard/messages.ts';
import { Shard } from '../../../src/shard/shard.ts';
import { aggregateSpec, planOf, tumbling } from '../../support/hand-plans.ts';

const NOTHING = { added: [], removed: [], moved: [] };

function newShard(): (input: ShardInput | ConnectionInput) => ShardEffect[] {
  const authorize = (): { mayIngest: () => boolean } => ({ mayIngest: () => true });
  const shard = new Shard({ shard: 0, config: DEFAULTS, nowMs: 0, authorize });
  return (input) => shard.handle(input, 0);
}

function planned(pipeline: string, stream = 'plays'): PlannedQuery {
  const plan = planOf({ aggregates: [aggregateSpec('count', null)], window: tumbling(1_000) });
  const sources = [{ pattern: stream, glob: false }];
  return { pipeline, plan: { ...plan, sources }, home: null, share: null, closedThroughMs: 0 };
}

function told(effects: readonly ShardEffect[]): ShardOutput[] {
  return effects.flatMap((effect) => (effect.type === 'to-coordinator' ? [effect.message] : []));
}

/** Of each message to agents: type, epoch, base, how many were added, how many removed. */
function plansSaid(effects: readonly ShardEffect[]): unknown[] {
  const count = (list: unknown): number => (Array.isArray(list) ? list.length : 0);
  return effects.flatMap((effect) => {
    if (effect.type !== 'send') return [];
    const { type, epoch, base, queries, added, removed } = JSON.parse(effect.text);
    return type === 'welcome' ? [] : [[type, epoch, base, count(queries ?? added), count(removed)]];
  });
}

function hello(streams: readonly string[]): string {
  const agent = { id: 'a#1', incarnation: 1, service: 's', host: 'h', library: 'l', tags: {} };
  const time = { kind: 'publish', field: null, slackMs: 0 };
  const offers = streams.map((name) => ({ name, time, fields: [] }));
  const rest = { version: 1, token: null, agent, streams: offers, resendFrom: null };
  return JSON.stringify({ type: 'hello', ...rest });
}

describe('changes of the plan set', () => {
  test.each([
    ['of which some were lost', { epoch: 6, base: 5 }],
    ['that come again', { epoch: 4, base: 3 }],
    ['of another engine run', { epoch: 1, base: 0 }],
  ])('%s are refused, and the whole set is asked for, once', (_what, epochs) => {
    const give = newShard();
    give({ type: 'plans', epoch: 4, plans: [planned('q')] });
    const changes = { type: 'plan-changes', ...epochs, ...NOTHING } as const;
    expect(told(give(changes))).toStrictEqual([{ type: 'plans-wanted' }]);
    expect(told(give(changes))).toStrictEqual([]);
    // What runs goes on meanwhile.
    const close = { type: 'close', throughMs: 1_000, awaits: [] as number[] } as const;
    expect(told(give({ ...close, pipeline: 'q' }))).toMatchObject([{ type: 'panes' }]);
    give({ type: 'plans', epoch: 9, plans: [planned('r')] });
    expect(told(give({ ...close, pipeline: 'q' }))).toStrictEqual([]);
    const next = { epoch: 10, base: 9, added: [planned('q')], removed: ['r'], moved: [] };
    give({ type: 'plan-changes', ...next });
    expect(told(give({ ...close, pipeline: 'q' }))).toMatchObject([{ type: 'panes' }]);
    expect(told(give({ ...close, pipeline: 'r' }))).toStrictEqual([]);
  });

  test('reach an agent as such, after the whole set in parts that fit a frame', () => {
    const give = newShard();
    const plans = Array.from({ length: 1_200 }, (_, i) => planned(`q${i}`));
    give({ type: 'plans', epoch: 1, plans });
    give({ type: 'open', connection: 1, kind: 'agent' });
    give({ type: 'text', connection: 1, text: hello(['plays']) });
    const verdict = { accepted: true, agentKey: 1, evaluatedSequence: 0, code: null, detail: null };
    expect(plansSaid(give({ type: 'verdict', connection: 1, ...verdict }))).toStrictEqual([
      ['plans', 1, undefined, 500, 0],
      ['planChanges', 1, 1, 500, 0],
      ['planChanges', 1, 1, 200, 0],
    ]);
    const ack = JSON.stringify({ type: 'plansAck', epoch: 1, active: [], refused: [] });
    for (let i = 0; i < 3; i++) give({ type: 'text', connection: 1, text: ack });
    const first = { epoch: 2, base: 1, moved: [], added: [planned('new'), planned('x', 'other')] };
    expect(plansSaid(give({ type: 'plan-changes', ...first, removed: ['q7'] }))).toStrictEqual([
      ['planChanges', 2, 1, 0, 1],
      ['planChanges', 2, 2, 1, 0],
    ]);
    // Nothing of the agent's: it keeps its epoch, and the next change leads on from there.
    const second = { epoch: 3, base: 2, moved: [], added: [], removed: ['x'] };
    expect(plansSaid(give({ type: 'plan-changes', ...second }))).toStrictEqual([]);
    const third = { epoch: 4, base: 3, moved: [], added: [], removed: ['new'] };
    expect(plansSaid(give({ type: 'plan-changes', ...third }))).toStrictEqual([
      ['planChanges', 4, 2, 0, 1],
    ]);
  });

  test('wait for the agent, so that thousands of plans never pile up in its socket', () => {
    const give = newShard();
    const plans = Array.from({ length: 3_000 }, (_, i) => planned(`q${i}`));
    give({ type: 'plans', epoch: 1, plans });
    give({ type: 'open', connection: 1, kind: 'agent' });
    give({ type: 'text', connection: 1, text: hello(['plays']) });
    const verdict = { accepted: true, agentKey: 1, evaluatedSequence: 0, code: null, detail: null };
    let said = plansSaid(give({ type: 'verdict', connection: 1, ...verdict }));
    expect(said).toHaveLength(4);
    const text = JSON.stringify({ type: 'plansAck', epoch: 1, active: [], refused: [] });
    const added = 'planChanges';
    said = plansSaid(give({ type: 'text', connection: 1, text }));
    expect(said).toStrictEqual([[added, 1, 1, 500, 0]]);
    // What changes meanwhile comes after what waits.
    const changes = { epoch: 2, base: 1, added: [planned('late')], removed: [] };
    expect(plansSaid(give({ type: 'plan-changes', moved: [], ...changes }))).toStrictEqual([]);
    const rest = [1, 2].flatMap(() => plansSaid(give({ type: 'text', connection: 1, text })));
    expect(rest).toStrictEqual([
      [added, 1, 1, 500, 0],
      [added, 2, 1, 1, 0],
    ]);
  });

  test('a stream that an agent offers later brings the whole set, if somebody asks for it', () => {
    const give = newShard();
    give({ type: 'plans', epoch: 1, plans: [planned('q'), planned('x', 'other')] });
    give({ type: 'open', connection: 1, kind: 'agent' });
    give({ type: 'text', connection: 1, text: hello(['plays']) });
    const verdict = { accepted: true, agentKey: 1, evaluatedSequence: 0, code: null, detail: null };
    give({ type: 'verdict', connection: 1, ...verdict });
    const offer = (name: string): ShardEffect[] => {
      const time = { kind: 'publish', field: null, slackMs: 0 };
      const text = JSON.stringify({ type: 'offer', streams: [{ name, time, fields: [] }] });
      return give({ type: 'text', connection: 1, text });
    };
    expect(plansSaid(offer('unasked'))).toStrictEqual([]);
    expect(plansSaid(offer('other'))).toStrictEqual([['plans', 1, undefined, 2, 0]]);
  });
});
