/** What trickles in goes in bodies; what cannot go is counted, message by message. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { configWith } from '../../../src/config.ts';
import { EngineError } from '../../../src/core/errors.ts';
import { BodyBatcher } from '../../../src/gateway/body-batcher.ts';
import { MemoryEngine } from '../../support/memory-engine.ts';

const KIND = { stream: 'statsd', format: { kind: 'statsd' }, timeField: null, slackMs: 0 } as const;
const BYTES_MAX = 65_536;

let engine: MemoryEngine;
let batcher: BodyBatcher;

beforeEach(() => {
  vi.useFakeTimers();
  engine = new MemoryEngine();
  batcher = new BodyBatcher(KIND, engine, configWith({ listenerQueueBytesMax: BYTES_MAX }));
});

afterEach(() => vi.useRealTimers());

function add(text: string, messages = 1): void {
  batcher.add([Buffer.from(text), Buffer.from('\n')], messages);
}

function bodies(): string[] {
  return engine.bodies.map(({ body }) => Buffer.from(body).toString());
}

test('a body goes a moment after its first byte', () => {
  add('a');
  add('b');
  expect(bodies()).toEqual([]);
  vi.advanceTimersByTime(20);
  expect(bodies()).toEqual(['a\nb\n']);
  vi.advanceTimersByTime(1_000);
  expect(bodies()).toHaveLength(1);
});

test('what is under way counts, until it has been taken', async () => {
  let open: () => void = () => undefined;
  engine.gate = new Promise((resolve) => (open = resolve));
  add('x'.repeat(40_000));
  vi.advanceTimersByTime(20);
  expect(batcher.fill).toBeGreaterThan(0.5);
  add('x'.repeat(40_000), 3);
  expect(engine.losses).toEqual([{ stream: 'statsd', reason: 'queue', count: 3 }]);
  open();
  await vi.advanceTimersByTimeAsync(1);
  expect(batcher.fill).toBe(0);
  add('y');
  vi.advanceTimersByTime(20);
  expect(bodies()).toHaveLength(2);
});

test('what no shard takes is lost, and counted', async () => {
  engine.ingest = () => Promise.reject(new EngineError('ENGINE_STARTING', 'no shard is up'));
  add('a', 2);
  add('b', 5);
  batcher.flush();
  await vi.advanceTimersByTimeAsync(1);
  expect(engine.losses).toEqual([{ stream: 'statsd', reason: 'queue', count: 7 }]);
  expect(batcher.fill).toBe(0);
});
