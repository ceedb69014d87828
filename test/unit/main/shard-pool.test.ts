/** The pool's promises about threads that die, with threads that only pretend to run. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EngineError } from '../../../src/core/errors.ts';
import { ShardPool } from '../../../src/main/shard-pool.ts';
import type { ShardThread } from '../../../src/main/shard-pool.ts';
import type { ShardThreadData, ShardThreadMessage } from '../../../src/main/shard-thread.ts';
import { silentLogger } from '../../../src/observe/logger.ts';

class FakeThread extends EventEmitter implements ShardThread {
  readonly shard: number;
  readonly posted: unknown[] = [];

  constructor(shard: number) {
    super();
    this.shard = shard;
  }

  postMessage(message: unknown): void {
    this.posted.push(message);
  }

  say(message: ShardThreadMessage): void {
    this.emit('message', message);
  }

  listen(): void {
    this.say({ type: 'listening', port: 7, transport: 'ws' });
  }

  refuse(code = 'ENGINE_PORT_IN_USE'): void {
    this.say({ type: 'cannot-listen', code, detail: 'taken' });
    this.emit('exit', 1);
  }

  die(reason = 'boom'): void {
    this.emit('error', new Error(reason));
    this.emit('exit', 1);
  }
}

interface World {
  readonly pool: ShardPool;
  readonly threads: FakeThread[];
  readonly up: number[];
  readonly down: number[];
  readonly lost: EngineError[];
  /** The newest thread of all. */
  readonly last: () => FakeThread;
}

function world(count: number): World {
  const threads: FakeThread[] = [];
  const [up, down, lost]: [number[], number[], EngineError[]] = [[], [], []];
  const pool = new ShardPool({
    count,
    log: silentLogger,
    now: () => performance.now(),
    threadData: (shard) => ({ shard }) as ShardThreadData,
    startThread: ({ shard }) => {
      const thread = new FakeThread(shard);
      threads.push(thread);
      return thread;
    },
    onOutputs: () => undefined,
    onCommands: () => undefined,
    onUp: (shard) => up.push(shard),
    onDown: (shard) => down.push(shard),
    onAllLost: (error) => lost.push(error),
  });
  return { pool, threads, up, down, lost, last: () => threads.at(-1) as FakeThread };
}

async function started(count: number): Promise<World> {
  const made = world(count);
  const start = made.pool.start(0);
  for (let shard = 0; shard < count; shard++) {
    await vi.advanceTimersByTimeAsync(0);
    made.last().listen();
  }
  await start;
  return made;
}

/** Kills every thread of the shard as soon as it was started, until none is started any more. */
async function killForGood({ threads }: World, shard: number): Promise<number> {
  let deaths = 0;
  for (let seen = 0; ;) {
    const next = threads.slice(seen).filter((thread) => thread.shard === shard);
    if (next.length === 0) return deaths;
    seen = threads.length;
    for (const thread of next) thread.die();
    deaths += next.length;
    await vi.advanceTimersByTimeAsync(2_000);
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the first start', () => {
  test.each([
    ['dies', (thread: FakeThread) => thread.die(), 'ENGINE_INTERNAL', /before it listened: .*boom/],
    ['ends', (thread: FakeThread) => thread.emit('exit', 0), 'ENGINE_INTERNAL', /it ended/],
    ['cannot listen', (thread: FakeThread) => thread.refuse(), 'ENGINE_PORT_IN_USE', /taken/],
    [
      'has no transport',
      (t: FakeThread) => t.refuse('ENGINE_NO_TRANSPORT'),
      'ENGINE_NO_TRANSPORT',
      /./,
    ],
  ])('fails with a code if a shard %s, and nothing is retried', async (_, fail, code, detail) => {
    const made = world(2);
    const start = made.pool.start(0);
    fail(made.last());
    await expect(start).rejects.toMatchObject({
      code,
      detail: expect.stringMatching(detail) as string,
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(made.threads).toHaveLength(1);
    expect(made.lost).toHaveLength(0);
  });
});

describe('a shard that was up', () => {
  test('is started again at once', async () => {
    const made = await started(1);
    made.last().die();
    expect(made.down).toStrictEqual([0]);
    await vi.advanceTimersByTimeAsync(1);
    expect(made.threads).toHaveLength(2);
    made.last().listen();
    expect(made.up).toStrictEqual([0, 0]);
  });

  test('waits longer with each further failure', async () => {
    const made = await started(1);
    made.last().die();
    await vi.advanceTimersByTimeAsync(1);
    made.last().die();
    await vi.advanceTimersByTimeAsync(49);
    expect(made.threads).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(made.threads).toHaveLength(3);
    made.last().die();
    await vi.advanceTimersByTimeAsync(99);
    expect(made.threads).toHaveLength(3);
  });

  test('is tried again if it cannot listen for a while, and others still are restarted', async () => {
    const made = await started(2);
    made.threads[0]?.die();
    await vi.advanceTimersByTimeAsync(1);
    made.last().refuse();
    await vi.advanceTimersByTimeAsync(50);
    expect(made.threads).toHaveLength(4);
    made.last().listen();
    made.threads[1]?.die();
    await vi.advanceTimersByTimeAsync(1);
    expect(made.last().shard).toBe(1);
    expect(made.threads).toHaveLength(5);
    expect(made.down).toStrictEqual([0, 1]);
  });

  test('is given up after twenty failures; the engine goes on with the others', async () => {
    const made = await started(2);
    expect(await killForGood(made, 0)).toBe(20);
    expect(made.lost).toHaveLength(0);
    expect(made.down).toStrictEqual([0]);
    await killForGood(made, 1);
    expect(made.lost).toMatchObject([{ code: 'ENGINE_INTERNAL' }]);
  });

  test('gets no message while it is down', async () => {
    const made = await started(1);
    const thread = made.last();
    thread.die();
    made.pool.send(0, { type: 'tick' });
    await vi.advanceTimersByTimeAsync(50);
    made.last().listen();
    await vi.advanceTimersByTimeAsync(1);
    expect(made.threads).toHaveLength(2);
    expect(made.threads.flatMap(({ posted }) => posted)).toHaveLength(0);
  });

  test('gets what one turn has for it in one message, in order', async () => {
    const made = await started(2);
    made.pool.send(1, { type: 'tick' });
    made.pool.send(1, { type: 'view-end', stream: 'a' });
    made.pool.sendToAll({ type: 'view-end', stream: 'b' });
    await vi.advanceTimersByTimeAsync(1);
    made.pool.send(1, { type: 'view-end', stream: 'c' });
    await vi.advanceTimersByTimeAsync(1);
    const [first, second] = made.threads.map(({ posted }) =>
      posted.filter((message) => (message as { type: string }).type !== 'peer-port'),
    );
    const ends = ['a', 'b', 'c'].map((stream) => ({ type: 'view-end', stream }));
    expect(first).toStrictEqual([ends[1]]);
    const inputs = [{ type: 'tick' }, ends[0], ends[1]];
    expect(second).toStrictEqual([{ type: 'inputs', inputs }, ends[2]]);
  });
});

describe('a drain', () => {
  test('ends restarts that wait, and shards that end are not started again', async () => {
    const made = await started(2);
    made.threads[0]?.die();
    made.pool.sendToAll({ type: 'drain', reason: 'test' });
    made.threads[1]?.emit('exit', 0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(made.threads).toHaveLength(2);
    expect(made.down).toStrictEqual([0, 1]);
  });

  test('is over when the threads have ended, or after its bound', async () => {
    const made = await started(2);
    made.pool.sendToAll({ type: 'drain', reason: 'test' });
    let over = false;
    const stop = made.pool.stop(500).then(() => (over = true));
    made.threads[0]?.emit('exit', 0);
    await vi.advanceTimersByTimeAsync(499);
    expect(over).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(over).toBe(true);
    await stop;
    expect(vi.getTimerCount()).toBe(0);
  });
});
