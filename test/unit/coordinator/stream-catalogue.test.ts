/** Which streams there are, what they carry, and when they are forgotten. */
import { describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import { StreamCatalogue } from '../../../src/coordinator/stream-catalogue.ts';
import type { StreamOffer } from '../../../src/wire/agent-messages.ts';

const CONFIG = configWith({ rosterMs: 10_000, streamsMax: 2 });

function offerOf(name: string): StreamOffer {
  return { name, time: { kind: 'publish', field: null, slackMs: 0 }, fields: [] };
}

describe('the stream catalogue', () => {
  const time = { kind: 'field', field: 'ts', slackMs: 500 } as const;

  test('knows every stream that is offered and what is new, and lists fields of a few', () => {
    const catalogue = new StreamCatalogue(CONFIG, () => 0);
    expect(catalogue.offer(offerOf('a'))).toBe(true);
    expect(catalogue.offer(offerOf('a'))).toBe(false);
    expect(catalogue.ingest('b')).toBe(true);
    expect(catalogue.offer(offerOf('c'))).toBe(true);
    catalogue.learn('a', [{ name: 'x', type: 'number' }]);
    catalogue.learn('c', [{ name: 'x', type: 'number' }]);
    expect(catalogue.get('a')?.fields.size).toBe(1);
    expect(catalogue.get('c')?.fields.size).toBe(0);
  });

  test('keeps the first values of each field, from all shards together', () => {
    const catalogue = new StreamCatalogue({ ...CONFIG, fieldValuesMax: 3 }, () => 0);
    catalogue.offer(offerOf('a'));
    catalogue.suggest('a', [{ name: 'x', values: [1, 2] }]);
    catalogue.suggest('a', [{ name: 'x', values: [2, 3, 4] }]);
    catalogue.suggest('nobody', [{ name: 'x', values: [1] }]);
    expect(catalogue.get('a')?.values.get('x')).toEqual([1, 2, 3]);
    expect(catalogue.get('nobody')).toBeUndefined();
  });

  test('forgets what nobody offers after a while, and sooner where there are too many', () => {
    const catalogue = new StreamCatalogue(CONFIG, () => 0);
    for (const name of ['a', 'b']) catalogue.offer(offerOf(name));
    const isOffered = (name: string): boolean => name !== 'b';
    expect(catalogue.forget(0, isOffered)).toBe(false);
    expect(catalogue.forget(5_000, () => true)).toBe(false);
    expect(catalogue.forget(6_000, isOffered)).toBe(false);
    expect(catalogue.forget(15_999, isOffered)).toBe(false);
    expect(catalogue.forget(16_000, isOffered)).toBe(true);
    expect([...catalogue.streams()].map(({ name }) => name)).toStrictEqual(['a']);
    for (const name of ['b', 'c']) catalogue.offer(offerOf(name));
    expect(catalogue.forget(17_000, isOffered)).toBe(false);
    expect(catalogue.forget(18_000, isOffered)).toBe(true);
    expect([...catalogue.streams()].map(({ name }) => name)).toStrictEqual(['a', 'c']);
  });

  test('what shards learn of its times may become less, what is asked for may not', () => {
    const catalogue = new StreamCatalogue(CONFIG, () => 0);
    const learn = (shard: number, slackMs: number): number | undefined => {
      catalogue.ingest('a', { kind: 'field', field: 'time', slackMs }, shard);
      return catalogue.get('a')?.time.slackMs;
    };
    expect([learn(0, 6_000), learn(1, 2_000), learn(0, 1_000), learn(1, 1_000)]).toEqual([
      ...[6_000, 6_000, 2_000, 1_000],
    ]);
    catalogue.ingest('a', { kind: 'field', field: 'time', slackMs: 3_000 });
    expect(learn(0, 1_000)).toBe(3_000);
    expect(learn(0, 4_000)).toBe(4_000);
  });

  test('waits for the latest of those who post', () => {
    const catalogue = new StreamCatalogue(CONFIG, () => 0);
    catalogue.ingest('a');
    catalogue.ingest('a', time);
    catalogue.ingest('a', { ...time, slackMs: 100 });
    expect(catalogue.get('a')).toMatchObject({ time, ingested: true });
    catalogue.ingest('a', { kind: 'field', field: 'at', slackMs: 0 });
    expect(catalogue.get('a')?.time).toStrictEqual({ kind: 'field', field: 'at', slackMs: 500 });
  });

  test('learns fields, and calls one of two types mixed', () => {
    const catalogue = new StreamCatalogue(CONFIG, () => 0);
    catalogue.ingest('a');
    catalogue.learn('a', [{ name: 'x', type: 'number' }]);
    catalogue.learn('a', [{ name: 'x', type: 'string' }]);
    catalogue.learn('a', [{ name: 'x', type: 'number' }]);
    catalogue.learn('nobody', [{ name: 'x', type: 'number' }]);
    expect([...(catalogue.get('a')?.fields ?? [])]).toStrictEqual([['x', 'mixed']]);
  });

  test('remembers what changed of a stream after its first minute, boundedly', () => {
    let nowMs = 0;
    const catalogue = new StreamCatalogue({ ...CONFIG, fieldChangesMax: 2 }, () => nowMs);
    catalogue.ingest('a');
    catalogue.learn('a', [{ name: 'x', type: 'number' }]);
    nowMs = 59_999;
    catalogue.learn('a', [{ name: 'y', type: 'number' }]);
    expect(catalogue.get('a')?.changes).toEqual([]);
    nowMs = 70_000;
    catalogue.learn('a', [{ name: 'x', type: 'string' }]);
    catalogue.learn('a', [{ name: 'x', type: 'string' }]);
    nowMs = 80_000;
    catalogue.learn('a', [{ name: 'z', type: 'string' }]);
    expect(catalogue.get('a')?.changes).toEqual([
      { atMs: 70_000, field: 'x', from: 'number', to: 'mixed' },
      { atMs: 80_000, field: 'z', from: null, to: 'string' },
    ]);
    catalogue.learn('a', [{ name: 'w', type: 'string' }]);
    expect(catalogue.get('a')?.changes).toHaveLength(2);
  });
});
