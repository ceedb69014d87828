/** Results say which of their columns are estimates, and which may lack values. */
import { describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../src/config.ts';
import type { RowsMessage } from '../../src/wire/results.ts';
import { World } from '../support/world.ts';

const CONFIG = { leaseMs: 700, heartbeatMs: 200, closeWaitMs: 300, lingerMs: 0 };

/** The results that matched something, of `each[i]` events in second i. */
function told(query: string, each: readonly number[], shards: number): readonly RowsMessage[] {
  const world = new World({ seed: 1, shards, config: CONFIG });
  const agents = ['a', 'b'].map((name) => world.agent(name));
  for (const agent of agents) {
    world.stream(agent, 'plays');
    world.start(agent);
  }
  world.run(500);
  const received = world.subscribe('s', query);
  world.run(3_000 - (world.nowMs % 1_000));
  for (const count of each) {
    let left = count;
    let made = 0;
    world.run(1_000, () => {
      // A hundred at a time, so that nothing waits in a full queue.
      for (let i = 0; i < 100 && left > 0; i++, left--, made++) {
        const agent = agents[made % agents.length]!;
        world.stream(agent, 'plays').publish({ n: made, k: made % 40 });
      }
    });
  }
  world.run(2_000);
  return received
    .map(({ message }) => message)
    .filter((message) => message.type === 'rows')
    .filter(({ completeness }) => completeness.events.matched > 0);
}

describe.each([1, 3])('with %i shards', (shards) => {
  test('a percentile of many values is an estimate, of few it is not', () => {
    const query =
      'select p50(n) as mid, count_distinct(n) as d, count_distinct(k) as k, max(n) as top from plays window 1s';
    const [few, many] = told(query, [100, 1_000], shards);
    expect(few?.completeness.estimated).toBeUndefined();
    expect(many?.completeness.estimated?.toSorted()).toEqual(['d', 'mid']);
    expect(many?.completeness.status).toBe('complete');
    expect(many?.rows[0]?.['top']).toBe(999);
  });

  test('what is worked out of an estimate is one, in windows of a number of events too', () => {
    const query = 'select p50(n) - 1 as less, count(*) as c from plays window |600|';
    const [window] = told(query, [600], shards);
    expect(window?.rows[0]?.['c']).toBe(600);
    expect(window?.completeness.estimated).toEqual(['less']);
  });

  test('a running value says it as well', () => {
    const query = 'select p50(n) as mid from plays';
    expect(told(query, [600], shards).at(-1)?.completeness.estimated).toEqual(['mid']);
  });

  test('a list that is full may lack values, and says so', () => {
    const many = DEFAULTS.listValuesMax + 10;
    const query = 'select list(n) as all, list(k) filter (where k = 1) as few from plays window 1s';
    const [window] = told(query, [many], shards);
    expect(window?.rows[0]?.['all']).toHaveLength(DEFAULTS.listValuesMax);
    expect(window?.completeness).toMatchObject({ cut: ['all'], status: 'degraded' });
    expect(window?.completeness.reasons).toContain('values-cut');
  });
});
