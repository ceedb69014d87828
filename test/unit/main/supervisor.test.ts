/** What the supervisor does about children that fail in every way, with children that pretend. */
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import type { EngineRunOptions } from '../../../src/main/engine-options.ts';
import { supervise } from '../../../src/main/supervisor.ts';
import type { Supervisor } from '../../../src/main/supervisor.ts';

type Sent = { readonly type: string } & Record<string, unknown>;

class FakeChild extends EventEmitter {
  readonly name: string;
  readonly pid: number | undefined;
  connected = true;
  /** The other end of the channel is gone, and nobody has noticed yet. */
  breaks = false;
  readonly sent: Sent[] = [];
  readonly signals: string[] = [];

  constructor(name: string, pid: number | undefined) {
    super();
    this.name = name;
    this.pid = pid;
  }

  send(message: Sent, done?: (error: Error | null) => void): boolean {
    const error = this.breaks ? new Error('write EPIPE') : null;
    if (error === null) this.sent.push(message);
    if (done !== undefined) done(error);
    else if (error !== null) this.emit('error', error);
    return true;
  }

  kill(signal: string): boolean {
    this.signals.push(signal);
    return true;
  }

  end(code = 0): void {
    this.connected = false;
    this.emit('exit', code, null);
  }
}

interface World {
  readonly supervisor: Supervisor;
  readonly children: FakeChild[];
  readonly notices: string[];
  readonly exitCode: () => number | null;
  readonly running: (name: string) => FakeChild;
}

const RUN: EngineRunOptions = {
  config: DEFAULTS,
  host: '127.0.0.1',
  transport: 'auto',
  tls: null,
  insecure: false,
  allowedHosts: [],
  pageOrigins: [],
  tokens: [],
  requireToken: false,
  dataDir: null,
  storeSync: 'full',
  rulesDir: null,
  queriesDir: null,
  boardsDir: null,
  notifyPath: null,
  tables: [],
  tablesAllowPrivate: false,
  ownTokens: null,
  listeners: { otlp: { port: 0, isOptional: false } },
  demo: true,
  logLevel: 'silent',
};
const READY = {
  type: 'ready',
  port: 1,
  ingestPort: 2,
  url: 'http://x',
  transport: 'ws',
  shards: 1,
  listeners: { otlp: 3 },
  ownTokens: null,
};

function world(make = (name: string) => new FakeChild(name, 1)): World {
  const children: FakeChild[] = [];
  const notices: string[] = [];
  let exitCode: number | null = null;
  const supervisor = supervise({
    run: RUN,
    now: () => performance.now(),
    onReady: () => undefined,
    onNotice: (line) => notices.push(line),
    fork: (entry) => {
      const name = /engine|demo|host/.exec(entry.pathname.split('/').slice(-2).join('/'))?.[0];
      const child = make(name ?? '');
      children.push(child);
      return child as unknown as ChildProcess;
    },
  });
  void supervisor.ended.then((code) => (exitCode = code));
  const running = (name: string): FakeChild =>
    children.findLast((child) => child.name === name) as FakeChild;
  return { supervisor, children, notices, exitCode: () => exitCode, running };
}

function countOf({ children }: World, name: string): number {
  return children.filter((child) => child.name === name).length;
}

let hooks = 0;
beforeEach(() => {
  vi.useFakeTimers();
  hooks = process.listenerCount('exit');
});
afterEach(() => void vi.useRealTimers());

describe('an engine', () => {
  test('that cannot be spawned is tried again, and given up in the end', async () => {
    const made = world((name) => {
      const child = new FakeChild(name, undefined);
      child.connected = false;
      queueMicrotask(() => child.emit('error', new Error('spawn EAGAIN')));
      return child;
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(countOf(made, 'engine')).toBe(5);
    expect(made.notices.at(-1)).toContain('(spawn EAGAIN) 5 times in a minute; giving up');
    expect(made.exitCode()).toBe(1);
    expect(process.listenerCount('exit')).toBe(hooks);
  });

  test('whose spawn throws is no uncaught exception', async () => {
    const made = world(() => {
      throw new Error('spawn ENOMEM');
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(made.notices[0]).toContain('spawn ENOMEM');
    expect(made.exitCode()).toBe(1);
  });

  test('that reports an error but lives is killed before another is started', async () => {
    const made = world();
    made.running('engine').emit('error', new Error('kill EPERM'));
    made.running('engine').emit('error', new Error('kill EPERM'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(made.running('engine').signals).toStrictEqual(['SIGKILL']);
    expect(countOf(made, 'engine')).toBe(1);
    made.running('engine').end(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(countOf(made, 'engine')).toBe(2);
  });

  test('that breaks the channel is heard of by its exit alone', async () => {
    const made = world();
    made.running('engine').breaks = true;
    made.running('engine').emit('message', { type: 'demo', request: 1, command: {} });
    expect(made.running('engine').signals).toHaveLength(0);
    made.running('engine').end(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(countOf(made, 'engine')).toBe(2);
  });

  test('that waits for its restart is not started once the supervisor is stopped', async () => {
    const made = world();
    made.running('engine').end(1);
    made.supervisor.stop('test');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(countOf(made, 'engine')).toBe(1);
    expect(made.exitCode()).toBe(0);
  });

  test('that does not drain is killed after its bound', async () => {
    const made = world();
    made.supervisor.stop('test');
    await vi.advanceTimersByTimeAsync(DEFAULTS.drainMs + 999);
    expect(made.running('engine').sent.at(-1)).toMatchObject({ type: 'drain' });
    expect(made.running('engine').signals).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(made.running('engine').signals).toStrictEqual(['SIGKILL']);
    expect(made.exitCode()).toBeNull();
    made.running('engine').end();
    await vi.advanceTimersByTimeAsync(0);
    expect(made.exitCode()).toBe(0);
  });
});

describe('agents of the supervisor', () => {
  test('are each started once, however often the engine is', async () => {
    const made = world();
    made.running('engine').emit('message', READY);
    made.running('engine').end(1);
    await vi.advanceTimersByTimeAsync(1);
    made.running('engine').emit('message', READY);
    expect([countOf(made, 'demo'), countOf(made, 'host')]).toStrictEqual([1, 1]);
  });

  test('a demo that dies under a command leaves an answer', () => {
    const made = world();
    made.running('engine').emit('message', READY);
    made.running('demo').breaks = true;
    made.running('engine').emit('message', { type: 'demo', request: 9, command: {} });
    expect(made.running('engine').sent.at(-1)).toMatchObject({
      type: 'demo-done',
      request: 9,
      answer: { ok: false },
    });
  });

  test('end, by force if need be, before a supervisor that gives up', async () => {
    const made = world();
    made.running('engine').emit('message', READY);
    made.running('engine').emit('message', { type: 'failed', code: 'X', detail: '', remedy: '' });
    made.running('engine').end(1);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(made.exitCode()).toBeNull();
    made.running('host').end();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(made.running('demo').signals).toStrictEqual(['SIGTERM', 'SIGKILL']);
    expect(countOf(made, 'host')).toBe(1);
    expect(made.exitCode()).toBe(1);
  });
});
