/** Which events came before, over another shard or an earlier life of the same. */
import { describe, expect, test } from 'vitest';
import type { EventBatch } from '../../../src/model/batch.ts';
import { SentAgain } from '../../../src/shard/sent-again.ts';

interface Sending {
  readonly shard: number;
  readonly numbers: readonly number[];
  readonly incarnation?: number | undefined;
  readonly agentId?: string;
}

/** The numbers of the events that are new. */
function taken(seen: SentAgain, { shard, numbers, agentId = 'a', ...rest }: Sending): number[] {
  const incarnation = 'incarnation' in rest ? rest.incarnation : 1;
  const sequences = Float64Array.from(numbers);
  const batch: EventBatch = {
    ...{ stream: 'plays', agentId, incarnation, firstSequence: sequences[0] ?? 0, sequences },
    ...{ rows: numbers.length, times: new Float64Array(numbers.length), fields: [] },
    span: { minMs: 0, maxMs: 0 },
    column: () => ({ kind: 'null' }),
  };
  const rows = Uint32Array.from(numbers, (_, row) => row);
  const n = seen.select(shard, batch, rows, numbers.length);
  return Array.from(seen.selected.subarray(0, n), (row) => numbers[row]!);
}

describe('what came before', () => {
  test('is left out when it comes over another shard', () => {
    const seen = new SentAgain(10);
    expect(taken(seen, { shard: 1, numbers: [1, 2, 5] })).toEqual([1, 2, 5]);
    expect(taken(seen, { shard: 2, numbers: [2, 5, 6, 9] })).toEqual([6, 9]);
    expect(taken(seen, { shard: 2, numbers: [10] })).toEqual([10]);
  });

  test('is left out when it comes over the next life of its shard, twice too', () => {
    const seen = new SentAgain(10);
    taken(seen, { shard: 1, numbers: [1, 2, 3] });
    seen.lost(1);
    expect(taken(seen, { shard: 1, numbers: [2, 3, 4] })).toEqual([4]);
    seen.lost(1);
    expect(taken(seen, { shard: 1, numbers: [2, 3, 4, 5] })).toEqual([5]);
  });

  test('is not what comes late over the former shard', () => {
    const seen = new SentAgain(10);
    taken(seen, { shard: 1, numbers: [1, 2] });
    taken(seen, { shard: 2, numbers: [6, 7] });
    expect(taken(seen, { shard: 1, numbers: [3, 4, 5] })).toEqual([3, 4, 5]);
    expect(taken(seen, { shard: 2, numbers: [8] })).toEqual([8]);
  });

  test('an agent may come back to a shard', () => {
    const seen = new SentAgain(10);
    taken(seen, { shard: 1, numbers: [1, 2] });
    taken(seen, { shard: 2, numbers: [3, 4] });
    expect(taken(seen, { shard: 1, numbers: [5] })).toEqual([5]);
    seen.lost(1);
    expect(taken(seen, { shard: 2, numbers: [5, 6] })).toEqual([6]);
  });

  test.each([
    ['another life', { incarnation: 2 }],
    ['another agent', { agentId: 'b' }],
    ['who never sends again', { incarnation: undefined }],
  ])('is nothing of %s', (_name, other) => {
    const seen = new SentAgain(10);
    taken(seen, { shard: 1, numbers: [1, 2, 3] });
    expect(taken(seen, { shard: 2, numbers: [1, 2, 3], ...other })).toEqual([1, 2, 3]);
  });

  test('is forgotten of those that were silent longest', () => {
    const seen = new SentAgain(2);
    for (const agentId of ['a', 'b', 'c']) taken(seen, { shard: 1, numbers: [1], agentId });
    expect(taken(seen, { shard: 2, numbers: [1], agentId: 'c' })).toEqual([]);
    expect(taken(seen, { shard: 2, numbers: [1], agentId: 'a' })).toEqual([1]);
  });
});
