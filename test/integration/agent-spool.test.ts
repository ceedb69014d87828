/**
 * A service with a spool against a real engine: an outage that its queue cannot hold, and a kill in
 * the midst of it. Nothing is lost but what a killed process had in memory, and the ledger says so.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { LedgerView } from '../../src/coordinator/views.ts';
import { endAll, startEngine, temporaryFolder, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { HostProcess } from '../support/host-process.ts';
import { readEvents } from '../support/result-reader.ts';
import type { ResultReader } from '../support/result-reader.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const PATIENCE_MS = 60_000;
const TIMEOUT_MS = 180_000;
const LIMITS = {
  agentCpuPercent: 0,
  agentQueueEvents: 200,
  reconnectMinMs: 5,
  reconnectMaxMs: 50,
};

const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await endAll();
});

interface Scene {
  readonly engine: EngineProcess;
  readonly proxy: TcpProxy;
  readonly reader: ResultReader;
  readonly service: (isQuiet?: boolean) => HostProcess;
}

async function sceneOf(): Promise<Scene> {
  const engine = await startEngine();
  const proxy = await TcpProxy.to(engine.ingestPort);
  const spool = join(temporaryFolder(), 'spool');
  mkdirSync(spool);
  const options = { url: proxy.url, service: 'checkout', spool, limits: LIMITS };
  const service = (isQuiet = false): HostProcess => {
    const host = new HostProcess({ ...options, isQuiet });
    closing.push(() => host.kill());
    return host;
  };
  closing.push(() => proxy.close());
  // Rows as they come, which agents ship.
  const reader = await readEvents(engine.url, 'select n from orders where n >= 0');
  closing.push(() => reader.close());
  return { engine, proxy, reader, service };
}

async function ledgerOf(engine: EngineProcess): Promise<LedgerView> {
  return (await engine.get('/api/v1/ledger')) as LedgerView;
}

test(
  'what the queue cannot hold goes to disk and arrives, whole, when the network is back',
  async () => {
    const { engine, proxy, service } = await sceneOf();
    const host = service();
    await host.is('is asked', ({ active }) => active);
    proxy.mode = 'refuse';
    await host.is('has noticed', ({ told }) => told.includes('disconnected'));
    // Far more than its queue holds.
    const during = await host.works(200);
    proxy.mode = 'pass';
    const ledger = await until(
      async () => {
        const now = await ledgerOf(engine);
        return now.agents.sent > during.published ? now : null;
      },
      'all of the outage has arrived',
      PATIENCE_MS,
    );
    expect(ledger.agents.dropped).toStrictEqual({});
    expect(ledger.closes).toBe(true);
    expect(await host.end()).toBe(0);
    expect(host.printed).toBe('');
  },
  TIMEOUT_MS,
);

test(
  'what a killed service had on disk is sent by the next, and counted once',
  async () => {
    const { engine, proxy, service } = await sceneOf();
    const first = service();
    await first.is('is asked', ({ active }) => active);
    proxy.mode = 'refuse';
    const cut = await first.is('has noticed', ({ told }) => told.includes('disconnected'));
    const { outcomes } = await first.works(300);
    const during = (outcomes.accepted ?? 0) - (cut.outcomes.accepted ?? 0);
    first.kill();
    await first.exited;
    const before = (await ledgerOf(engine)).engine.received;
    proxy.mode = 'pass';
    const second = service(true);
    // What the first had in memory is gone; by far most was on its disk.
    const received = await until(
      async () => {
        const events = (await ledgerOf(engine)).engine.received - before;
        return events > during / 2 ? events : null;
      },
      'the next service sends what was kept',
      PATIENCE_MS,
    );
    expect(received).toBeGreaterThan(1_000);
    expect((await ledgerOf(engine)).closes).toBe(true);
    expect(await second.end()).toBe(0);
  },
  TIMEOUT_MS,
);
