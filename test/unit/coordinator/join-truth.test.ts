/** A join says which of its sources nobody feeds. */
import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import { Engine } from '../../../src/coordinator/engine.ts';
import type { CoordinatorEffect } from '../../../src/coordinator/messages.ts';
import type { Completeness } from '../../../src/wire/results.ts';

const QUERY = 'select count(*) as n from plays p join errors x within 1s on session window 1s';
const AFTER_START_MS = DEFAULTS.startupMs + 5_000;

/** An engine without shards, where the named streams are fed over HTTP. */
function completenessOver(streams: readonly string[]): Completeness {
  const engine = new Engine({ config: DEFAULTS, incarnation: 'x', nowMs: 0 });
  for (const stream of streams) {
    const time = { kind: 'arrival', field: null, slackMs: 0 } as const;
    const message = { type: 'stream-time', stream, time, isLearned: false } as const;
    engine.handle({ type: 'shard', shard: 0, message }, 0);
  }
  const subscribe = { type: 'subscribe', subscription: 's', client: 'c', query: QUERY } as const;
  const told: CoordinatorEffect[] = [];
  const rest = { params: {}, resume: null, planned: null };
  told.push(...engine.handle({ ...subscribe, ...rest }, AFTER_START_MS));
  for (let ms = 0; ms < 5_000; ms += 100) {
    told.push(...engine.handle({ type: 'tick' }, AFTER_START_MS + ms));
  }
  const messages = told.flatMap((effect) => (effect.type === 'deliver' ? [effect.message] : []));
  const last = messages.findLast((message) => message.type === 'rows');
  if (last?.type !== 'rows') throw new Error('no window closed');
  return last.completeness;
}

describe('a join', () => {
  it('names the source that nobody feeds', () => {
    const { reasons, source, status } = completenessOver(['plays']);
    expect({ reasons, source, status }).toEqual({
      ...{ reasons: ['silent-source:errors'], source: 'partly', status: 'degraded' },
    });
  });

  it('is whole where both are fed', () => {
    const { reasons, source, status } = completenessOver(['plays', 'errors']);
    expect({ reasons, source, status }).toEqual({
      reasons: [],
      source: 'live',
      status: 'complete',
    });
  });
});
