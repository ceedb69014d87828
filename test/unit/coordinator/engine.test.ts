/** The coordinator as a state machine: what it asks of shards, and in which order. */
import { describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import { Engine } from '../../../src/coordinator/engine.ts';

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
