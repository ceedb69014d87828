/** Home shards: spread evenly, and moved only if they must be. */
import { describe, expect, test } from 'vitest';
import { homeShard } from '../../../src/coordinator/home-shard.ts';

const QUERIES = Array.from({ length: 4_000 }, (_none, i) => `query ${i}`);

describe('the home shard of a query', () => {
  test('is none while no shard is up', () => {
    expect(homeShard('q', [])).toBeNull();
  });

  test('does not depend on the order of shards', () => {
    for (const query of QUERIES.slice(0, 100)) {
      expect(homeShard(query, [0, 1, 2, 3])).toBe(homeShard(query, [3, 1, 0, 2]));
    }
  });

  test('spreads queries evenly', () => {
    const counts = [0, 0, 0, 0];
    for (const query of QUERIES) counts[homeShard(query, [0, 1, 2, 3])!]!++;
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  test('changes only for queries of a shard that is gone', () => {
    for (const query of QUERIES) {
      const before = homeShard(query, [0, 1, 2, 3]);
      const after = homeShard(query, [0, 1, 3]);
      if (before !== 2) expect(after).toBe(before);
      else expect(after).not.toBe(2);
    }
  });
});
