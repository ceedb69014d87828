/** One client's way out: what leaves in one write, and what waits for a socket that is full. */
import { expect, test } from 'vitest';
import { ClientOutlet, FlushRound } from '../../../src/gateway/client-outlet.ts';
import { deliver, rowsMessage } from '../../support/memory-engine.ts';

interface Rig {
  readonly outlet: ClientOutlet;
  readonly flushes: FlushRound;
  /** What each write said. */
  readonly writes: string[][];
  readonly socket: { isFull: boolean; gaveUp: number; nowMs: number };
}

function setUp(bytesMax = 100_000): Rig {
  const writes: string[][] = [];
  const socket = { isFull: false, gaveUp: 0, nowMs: 0 };
  const flushes = new FlushRound();
  const outlet = new ClientOutlet({
    bytesMax,
    slowMs: 100,
    counters: { conflated: 0, dropped: 0, slowClients: 0 },
    clock: { now: () => socket.nowMs },
    flushes,
    encode: (frames, sub, effect) => frames.push(Buffer.from(`${sub}:${effect.id}`)),
    encodeDrop: (frames, sub, count) => frames.push(Buffer.from(`${sub} dropped ${count}`)),
    write: (frames) => {
      writes.push(frames.map((frame) => frame.toString()));
      return !socket.isFull;
    },
    giveUp: () => socket.gaveUp++,
  });
  return { outlet, flushes, writes, socket };
}

function rows(id: string, length = 10): ReturnType<typeof deliver> {
  return deliver(rowsMessage({ windowStart: Number(id), rows: [{ t: 'x'.repeat(length) }] }), id);
}

test('what one turn brings leaves in one write, in order', () => {
  const { outlet, flushes, writes } = setUp();
  outlet.deliver('a', rows('1'));
  outlet.deliver('b', rows('2'));
  outlet.deliver('a', rows('3'));
  expect(writes).toStrictEqual([]);
  flushes.run();
  flushes.run();
  expect(writes).toStrictEqual([['a:1', 'b:2', 'a:3']]);
});

test('a turn that brings more than may wait loses nothing while the socket takes data', () => {
  const { outlet, flushes, writes } = setUp(100_000);
  // Far beyond what may wait for a client that does not read.
  for (let i = 0; i < 1_000; i++) outlet.deliver('a', rows(String(i), 1_000));
  flushes.run();
  expect(writes.flat()).toStrictEqual(Array.from({ length: 1_000 }, (_, i) => `a:${i}`));
  expect(writes.length).toBeLessThan(10);
});

test('a full socket holds back what follows, and newer answers replace those that wait', () => {
  const { outlet, flushes, writes, socket } = setUp();
  socket.isFull = true;
  outlet.deliver('a', rows('1'));
  flushes.run();
  outlet.deliver('a', rows('2'));
  outlet.deliver('a', rows('2'));
  flushes.run();
  expect(writes).toStrictEqual([['a:1']]);
  socket.isFull = false;
  outlet.drained();
  expect(writes).toStrictEqual([['a:1'], ['a:2']]);
  outlet.deliver('a', rows('3'));
  flushes.run();
  expect(writes.at(-1)).toStrictEqual(['a:3']);
});

test('drops are told before what is left, and who never reads is given up once', () => {
  const { outlet, flushes, writes, socket } = setUp(3_000);
  socket.isFull = true;
  outlet.deliver('a', rows('0'));
  flushes.run();
  for (let i = 1; i < 6; i++) outlet.deliver('a', rows(String(i), 1_000));
  expect(socket.gaveUp).toBe(0);
  outlet.drained();
  expect(writes[1]?.[0]).toMatch(/^a dropped [1-4]$/);
  expect(writes[1]?.at(-1)).toBe('a:5');
  for (let i = 6; i < 20; i++) {
    socket.nowMs += 20;
    outlet.deliver('a', rows(String(i), 1_000));
  }
  expect(socket.gaveUp).toBe(1);
});

test('a subscription that is over leaves nothing behind that waits', () => {
  const { outlet, flushes, writes, socket } = setUp();
  socket.isFull = true;
  outlet.deliver('a', rows('1'));
  flushes.run();
  outlet.deliver('a', rows('2'));
  outlet.deliver('b', rows('3'));
  outlet.forget('a');
  outlet.drained();
  expect(writes.flat()).toStrictEqual(['a:1', 'b:3']);
});
