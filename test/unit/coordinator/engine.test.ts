/** The coordinator as a state machine: what it asks of shards, and in which order. */
import { describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import { Engine } from '../../../src/coordinator/engine.ts';
import type { ShardOutput } from '../../../src/shard/messages.ts';
import type { Completeness } from '../../../src/wire/results.ts';

describe('a new query', () => {
  test('is known to the shards before they are asked to close a window of it', () => {
    const config = configWith({ closeWaitMs: 0, publishSlackMs: 0 });
    const engine = new Engine({ config, incarnation: 'i', nowMs: 990 });
    engine.handle({ type: 'shard-up', shard: 0 }, 990);
    const query = 'select count(*) as n from plays window 1s';
    const who = { subscription: 's', client: 'c', params: {}, resume: null, planned: null };
    engine.handle({ type: 'subscribe', query, ...who }, 995);
    // The first tick of the query's life falls behind the end of a window.
    const types = engine
      .handle({ type: 'tick' }, 1_005)
      .flatMap((effect) =>
        effect.type === 'to-shard' || effect.type === 'to-all-shards' ? [effect.message.type] : [],
      );
    expect(types).toStrictEqual(['plan-changes', 'close']);
  });
});

describe('when there are as many queries as there may be', () => {
  const who = { client: 'c', params: {}, resume: null, planned: null };
  const text = (i: number): string => `select count(*) as n from s${i} window 1s`;
  const full = (): Engine => {
    const config = configWith({ queriesMax: 3, lingerMs: 60_000 });
    const engine = new Engine({ config, incarnation: 'i', nowMs: 0 });
    for (let i = 0; i < 3; i++) subscribe(engine, i);
    return engine;
  };
  const subscribe = (engine: Engine, i: number): unknown[] =>
    engine
      .handle({ type: 'subscribe', subscription: `s${i}`, query: text(i), ...who }, i)
      .flatMap((effect) => (effect.type === 'deliver' ? [effect.message] : []));
  const running = (engine: Engine): string[] =>
    [...engine.pipelines.values()].map(({ plan }) => plan.sources[0]?.pattern ?? '').toSorted();

  test('those that nobody reads any more make room, longest unread first', () => {
    const engine = full();
    engine.handle({ type: 'unsubscribe', subscription: 's1' }, 10);
    engine.handle({ type: 'unsubscribe', subscription: 's0' }, 20);
    expect(subscribe(engine, 3)).toMatchObject([{ type: 'schema' }]);
    expect(running(engine)).toStrictEqual(['s0', 's2', 's3']);
    expect(subscribe(engine, 4)).toMatchObject([{ type: 'schema' }]);
    expect(running(engine)).toStrictEqual(['s2', 's3', 's4']);
  });

  test('a further one is refused, and one that runs is not', () => {
    const engine = full();
    const problem = { code: 'LIMIT_QUERIES' };
    expect(subscribe(engine, 3)).toMatchObject([{ type: 'error', problem }]);
    expect(running(engine)).toStrictEqual(['s0', 's1', 's2']);
    const again = { type: 'subscribe', subscription: 'again', query: text(0), ...who } as const;
    expect(engine.handle(again, 9)[0]).toMatchObject({ message: { type: 'schema' } });
  });
});

describe('an agent that says nothing', () => {
  /**
   * Of the last window after four seconds of silence; the shard says once a second how it fares.
   */
  function afterSilence(load: { busy: number; lagMs: number } | null): Completeness | undefined {
    const config = configWith({ leaseMs: 3_000, behindMs: 1_000, startupMs: 0 });
    const engine = new Engine({ config, incarnation: 'i', nowMs: 0 });
    const tell = (message: ShardOutput, nowMs: number) =>
      engine.handle({ type: 'shard', shard: 0, message }, nowMs);
    engine.handle({ type: 'shard-up', shard: 0 }, 0);
    const query = 'select count(*) as n from plays window 1s';
    const who = { subscription: 's', client: 'c', params: {}, resume: null, planned: null };
    engine.handle({ type: 'subscribe', query, ...who }, 0);
    const agent = { id: 'a', incarnation: 0, service: 's', host: 'h', library: 'l', tags: {} };
    const time = { kind: 'publish', field: null, slackMs: 50 } as const;
    tell(
      { type: 'claim', connection: 1, agent, streams: [{ name: 'plays', time, fields: [] }] },
      0,
    );
    tell(
      {
        ...{ type: 'agent-report', agentKey: 1, evaluatedSequence: 0, offsetMs: 0 },
        streams: [
          {
            ...{ stream: 'plays', watermarkMs: 500, counts: null },
            ...{ received: 0, evaluated: 0, dropped: {} },
          },
        ],
      },
      500,
    );
    let last: Completeness | undefined;
    for (let nowMs = 600; nowMs <= 6_000; nowMs += 100) {
      if (load !== null && nowMs % 1_000 === 0) {
        tell({ type: 'load', ...load, costs: [], states: [] }, nowMs);
      }
      const effects = engine.handle({ type: 'tick' }, nowMs);
      for (const effect of effects) {
        if (effect.type !== 'to-shard' && effect.type !== 'to-all-shards') continue;
        const { message } = effect;
        if (message.type !== 'close') continue;
        const { pipeline, throughMs } = message;
        const panes = { type: 'panes', pipeline, closed: true, throughMs, panes: [] } as const;
        for (const told of tell({ ...panes, late: 0, dropped: {} }, nowMs)) {
          if (told.type === 'deliver' && told.message.type === 'rows') {
            last = told.message.completeness;
          }
        }
      }
    }
    return last;
  }

  test('is silent while its shard keeps up', () => {
    expect(afterSilence({ busy: 0.1, lagMs: 0 })).toMatchObject({
      ...{ status: 'degraded', source: 'silent', engine: 'current' },
      reasons: ['agents-missing'],
    });
  });

  test('is no agent that is silent while its shard is behind in reading', () => {
    expect(afterSilence({ busy: 1, lagMs: 4_000 })).toMatchObject({
      ...{ status: 'degraded', source: 'partly', engine: 'behind' },
      reasons: ['agents-missing', 'behind'],
    });
  });
});
