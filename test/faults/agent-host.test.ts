/**
 * A service is unharmed by its agent, whatever happens to the engine, the network or the disk: it
 * comes to do its own work, nothing is thrown into it, and it ends when it is done. Each runs in a
 * process of its own. How little its event loop is delayed is measured by `npm run bench -- agent`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createRng } from '../../src/core/rng.ts';
import type { RowsMessage } from '../../src/wire/results.ts';
import { endAll, startEngine, temporaryFolder, until } from '../support/engine-process.ts';
import { queryOf, sourceOf } from '../support/fake-engine.ts';
import { aggregateSpec, field } from '../support/hand-plans.ts';
import { HostProcess } from '../support/host-process.ts';
import type { HostOptions } from '../support/host-program.ts';
import { firstOf, readEvents } from '../support/result-reader.ts';
import { SocketEngine } from '../support/socket-engine.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const TIMEOUT_MS = 120_000;
const PATIENCE_MS = 60_000;
const MIB = 1_024 * 1_024;
/** Small, so that faults show at once. */
const LIMITS = {
  agentCpuPercent: 0,
  agentQueueBytes: 2 * MIB,
  agentTableBytes: MIB,
  sendQueueBytesMax: MIB,
  reconnectMinMs: 5,
  reconnectMaxMs: 50,
};
/** What a process that behaves takes more, at most, for all its agent holds back. */
const GROWTH_BYTES_MAX = 150 * MIB;

const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

afterAll(endAll);

function hostOn(
  url: HostOptions['url'],
  options: Partial<HostOptions> = {},
  within?: readonly string[],
): HostProcess {
  const host = new HostProcess({ url, service: 'checkout', limits: LIMITS, ...options }, within);
  closing.push(() => host.kill());
  return host;
}

async function engineOn(): Promise<SocketEngine> {
  const engine = await SocketEngine.listen();
  closing.push(() => engine.close());
  engine.queries = [queryOf('orders', sourceOf(['n', 'key']))];
  return engine;
}

async function proxyTo(engine: SocketEngine): Promise<TcpProxy> {
  const proxy = await TcpProxy.to(engine.port);
  closing.push(() => proxy.close());
  return proxy;
}

/** It was not harmed: it ends by itself, and had nothing to say. */
async function expectUnharmed(host: HostProcess): Promise<void> {
  const { outcomes, published } = await host.status();
  const answers = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  expect(answers).toBe(published);
  expect(await host.end()).toBe(0);
  expect(host.printed).toBe('');
}

describe('the engine', () => {
  test(
    'is killed: the service works on, and the ledger closes when the next one is there',
    async () => {
      const engine = await startEngine();
      const host = hostOn(engine.ingestUrl);
      const mql = 'select count(*) as n from orders window 250ms';
      await host.is('is connected', ({ connected }) => connected);
      const reader = await readEvents(engine.url, mql);
      await host.is('is asked', ({ active }) => active);
      process.kill(engine.enginePid(), 'SIGKILL');
      await host.is('has noticed', ({ told }) => told.includes('disconnected'));
      await host.works();
      await host.is('is connected again', ({ connected }) => connected);
      reader.close();
      const again = await readEvents(engine.url, mql);
      const isComplete = ({ completeness }: RowsMessage): boolean =>
        completeness.status === 'complete';
      await firstOf(again, 'rows', isComplete, PATIENCE_MS);
      again.close();
      await until(
        async () => {
          const { closes } = (await engine.get('/api/v1/ledger')) as { closes: boolean };
          return closes;
        },
        'the ledger closes',
        PATIENCE_MS,
      );
      await expectUnharmed(host);
    },
    TIMEOUT_MS,
  );

  test(
    'is slow: what waits is bounded, and what is lost is counted',
    async () => {
      const engine = await engineOn();
      const proxy = await proxyTo(engine);
      const host = hostOn(proxy.url, { textLength: 20_000 });
      const calm = await host.is('is asked', ({ active }) => active);
      proxy.mode = 'stall';
      // So many events of 20 kB are far more than all its queues hold.
      const full = await host.works(800);
      expect(full.residentBytes - calm.residentBytes).toBeLessThan(GROWTH_BYTES_MAX);
      proxy.mode = 'pass';
      const lost = (): number => {
        const pulses = engine.messages.flatMap((m) => (m.type === 'heartbeat' ? m.streams : []));
        return pulses.at(-1)?.counts.dropped['queue'] ?? 0;
      };
      await until(() => lost() > 100, 'the engine hears what was lost', PATIENCE_MS);
      await expectUnharmed(host);
    },
    TIMEOUT_MS,
  );

  test(
    'sends hostile plans and nonsense: the service does not even notice',
    async () => {
      const hostile = await hostileEngine();
      const host = hostOn(hostile.url);
      await until(() => hostile.connections() > 20, 'it came back again and again', PATIENCE_MS);
      await host.works(500);
      await expectUnharmed(host);
    },
    TIMEOUT_MS,
  );

  test(
    'asks for groups without end: what is counted is bounded',
    async () => {
      const engine = await engineOn();
      const stage = {
        keys: [field('key')],
        aggregates: [aggregateSpec('count', null)],
        groupsMax: 1_000_000,
      };
      const aggregation = { stage, emitEveryMs: 0 };
      engine.takesPartials = true;
      engine.queries = [queryOf('orders', sourceOf(['key']), { paneMs: 3_600_000, aggregation })];
      const host = hostOn(engine.url, { textLength: 20_000 });
      const calm = await host.is('is asked', ({ active }) => active);
      const grown = await host.works(800);
      expect(grown.residentBytes - calm.residentBytes).toBeLessThan(GROWTH_BYTES_MAX);
      await until(() => engine.partials > 5, 'what was counted arrives', PATIENCE_MS);
      await expectUnharmed(host);
    },
    TIMEOUT_MS,
  );
});

describe('the network', () => {
  test(
    'is a black hole: the engine is given up, and found again',
    async () => {
      const engine = await engineOn();
      const proxy = await proxyTo(engine);
      const host = hostOn(proxy.url);
      await host.is('is asked', ({ active }) => active);
      proxy.mode = 'swallow';
      const swallowed = proxy.received;
      await host.is('has noticed', ({ told }) => told.includes('disconnected'));
      expect(proxy.received).toBeGreaterThan(swallowed);
      await host.works();
      proxy.mode = 'pass';
      const hellos = engine.hellos.length;
      await until(() => engine.hellos.length > hellos, 'it is back', PATIENCE_MS);
      await host.works();
      await expectUnharmed(host);
    },
    TIMEOUT_MS,
  );

  test(
    'swallows everything from the start: the service ends when it wants to',
    async () => {
      const server = createServer((socket) => {
        closing.push(() => void socket.destroy());
        socket.on('error', () => undefined);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closing.push(() => void server.close());
      const host = hostOn(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
      await host.works();
      await expectUnharmed(host);
    },
    TIMEOUT_MS,
  );
});

describe('the disk', () => {
  const isolated = ['unshare', '--user', '--map-root-user', '--mount'];
  const [unshare = '', ...flags] = isolated;
  const mounts = spawnSync(unshare, [...flags, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);

  test.skipIf(mounts.status !== 0)(
    'is full: events are lost and counted, and the service works on (needs user namespaces)',
    async () => {
      const engine = await engineOn();
      const proxy = await proxyTo(engine);
      const folder = join(temporaryFolder(), 'small');
      mkdirSync(folder);
      const mount = `mount -t tmpfs -o size=256k tmpfs ${folder} && exec "$@"`;
      const limits = { ...LIMITS, agentQueueEvents: 500 };
      const options = { spool: folder, textLength: 500, limits };
      const host = hostOn(proxy.url, options, [...isolated, 'sh', '-c', mount, 'sh']);
      await host.is('is asked', ({ active }) => active);
      proxy.mode = 'refuse';
      await host.is('has a full disk', ({ told }) => told.includes('spool'));
      await host.works();
      proxy.mode = 'pass';
      const lost = (): number => {
        const pulses = engine.messages.flatMap((m) => (m.type === 'heartbeat' ? m.streams : []));
        return pulses.at(-1)?.counts.dropped['spool'] ?? 0;
      };
      await until(() => lost() > 0, 'the engine hears what was lost', PATIENCE_MS);
      await expectUnharmed(host);
    },
    TIMEOUT_MS,
  );
});

describe('the clock', () => {
  test(
    'jumps, here and at the engine, and back: it begins anew, nothing is lost, and the service works on',
    async () => {
      const engine = await engineOn();
      const host = hostOn(engine.url, { clockJumps: true });
      await host.is('is asked', ({ active }) => active);
      for (const aheadMs of [3_600_000, -3_600_000, 0]) {
        engine.clockAheadMs = aheadMs;
        const heard = engine.messages.length;
        const rows = engine.rows.length;
        await until(
          () => engine.messages.length > heard + 5,
          'it is told of the time',
          PATIENCE_MS,
        );
        await until(() => engine.rows.length > rows + 100, 'events arrive', PATIENCE_MS);
        await host.works(50);
      }
      // What was promised under a clock that was set back cannot be kept in the same session.
      expect(engine.hellos).toHaveLength(2);
      const pulses = engine.messages.flatMap((m) => (m.type === 'heartbeat' ? m.streams : []));
      expect(pulses.at(-1)?.counts.dropped).toEqual({});
      await expectUnharmed(host);
    },
    TIMEOUT_MS,
  );
});

/** Welcomes whoever comes, and then says something that no engine should. */
async function hostileEngine(): Promise<{
  readonly url: string;
  readonly connections: () => number;
}> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const rng = createRng(7);
  let connections = 0;
  server.on('connection', (socket) => {
    const attack = ATTACKS[connections++ % ATTACKS.length]!;
    socket.on('error', () => undefined);
    socket.once('message', () => {
      const welcome = { type: 'welcome', version: 2, agentKey: 1, nowMs: 0, evaluatedSequence: 0 };
      socket.send(JSON.stringify({ ...welcome, heartbeatMs: 1 }));
      socket.send(attack(rng.int(1 << 30)));
      // Then it falls silent, or not even that.
      setTimeout(() => socket.terminate(), 50);
    });
  });
  const { port } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}`, connections: () => connections };
}

const deep = (levels: number): unknown =>
  levels === 0 ? { op: 'literal', value: 1 } : { op: 'not', arg: deep(levels - 1) };

function plans(...wheres: readonly unknown[]): string {
  const queries = wheres.map((where, i) => ({
    ...queryOf('orders', sourceOf(['n'], where as never), { query: `q${i}` }),
    paneMs: 0.001,
  }));
  return JSON.stringify({ type: 'plans', epoch: 1, queries });
}

const matches = (pattern: string): unknown => ({
  ...{ op: 'match', kind: 'regex', pattern, flags: '', arg: field('key') },
});

const ATTACKS: readonly ((seed: number) => string | Uint8Array)[] = [
  () => plans(deep(200)),
  () => plans(...Array.from({ length: 3_000 }, () => ({ op: 'not', arg: field('key') }))),
  () => plans(matches('(a+)+$'), matches('('.repeat(500)), matches('x{1000}{1000}')),
  () => '['.repeat(100_000),
  () => JSON.stringify({ type: 'plans', epoch: 1e300, queries: 'x'.repeat(1_000_000) }),
  () => JSON.stringify({ type: 'moveTo', url: 'ws://0.0.0.0:1/__proto__' }),
  () => JSON.stringify({ type: 'ack', sequence: Number.MAX_SAFE_INTEGER }),
  () => JSON.stringify({ type: 'refuse', code: 'X', detail: 'x'.repeat(5_000), retryAfterMs: 0 }),
  () => JSON.stringify({ type: 'pulse', engineSentMs: 8e15, heartbeatSentMs: -8e15 }),
  (seed) => {
    const rng = createRng(seed);
    return Uint8Array.from({ length: 2_000 }, () => rng.int(256));
  },
];
