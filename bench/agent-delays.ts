/**
 * How late the event loop of a service is because of its agent, while the engine is away, slow or
 * hostile, the network swallows everything, the disk is full, or clocks are set. All run side by
 * side, so that whatever else the machine does happens to all, and to one without an agent.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { figure, held } from './harness/bench-result.ts';
import type { BenchCase } from './harness/bench-result.ts';
import { Child } from './harness/child.ts';
import { waitMs } from './harness/wait.ts';
import type { DelayOrder, ServiceToBench } from './load/service-process.ts';
import { STREAM } from './workload.ts';

const DELAY_MS_MAX = 2;
const EVENTS_PER_MS = 20;
const JUMP_MS = 3_600_000;
const JUMP_EVERY_MS = 1_000;

interface Kind {
  readonly name: string;
  /** Null: without an agent. */
  readonly url: string | null;
  readonly spool?: string;
  /** A command that runs the service. */
  readonly within?: readonly string[];
}

export async function delayCases(quick: boolean): Promise<BenchCase[]> {
  const swallowing = await listenAndSwallow();
  const [hostile, slow, jumping] = await Promise.all([
    listen(lie),
    listen(stopReading),
    listen(setClock),
  ]);
  const disk = fullDisk();
  const kinds: readonly Kind[] = [
    { name: 'without an agent', url: null },
    { name: 'the engine is away', url: 'ws://127.0.0.1:9' },
    { name: 'the network is a black hole', url: swallowing.url },
    { name: 'the engine is hostile', url: hostile.url },
    { name: 'the engine is slow', url: slow.url },
    { name: 'clocks are set', url: jumping.url },
    ...(disk === null ? [] : [{ name: 'the disk is full', url: slow.url, ...disk }]),
  ];
  try {
    const delays = await delaysOf(kinds, quick ? 4_000 : 20_000);
    const [baseline = 0] = delays;
    return kinds.slice(1).map(({ name }, i) => {
      const delayMs = Math.max(0, delays[i + 1]! - baseline);
      return held(figure(name, 'loopDelayP99More', delayMs, 'ms'), '<=', DELAY_MS_MAX);
    });
  } finally {
    for (const one of [swallowing, hostile, slow, jumping]) one.close();
    if (disk !== null) rmSync(disk.spool, { recursive: true });
  }
}

/** 99th percentile of each, in ms. */
async function delaysOf(kinds: readonly Kind[], ms: number): Promise<number[]> {
  const services = kinds.map(({ within = [], url, spool }) => {
    const entry = new URL('./load/service-process.js', import.meta.url);
    const [execPath = process.execPath, ...execArgv] = within;
    const service = new Child<DelayOrder, ServiceToBench>(entry, 'service', { execPath, execArgv });
    const order = { type: 'serve', stream: STREAM, eventsPerMs: EVENTS_PER_MS, url } as const;
    service.send(spool === undefined ? order : { ...order, spool });
    return service;
  });
  const delays: number[] = [];
  try {
    for (const service of services) await service.next('ready');
    for (const service of services) service.send({ type: 'watch' });
    await waitMs(ms);
    for (const service of services) {
      service.send({ type: 'tell' });
      delays.push((await service.next('delay')).p99Ms);
    }
  } finally {
    for (const service of services) await service.end();
  }
  return delays;
}

/** A disk of 256 KiB in a namespace of its own; null: this system does not let us. */
function fullDisk(): { readonly spool: string; readonly within: readonly string[] } | null {
  const isolated = ['unshare', '--user', '--map-root-user', '--mount'];
  const [unshare = '', ...flags] = isolated;
  const probe = spawnSync(unshare, [...flags, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  if (probe.status !== 0) return null;
  const spool = mkdtempSync(join(tmpdir(), 'squilla-bench-disk-'));
  const mount = `mount -t tmpfs -o size=256k tmpfs ${spool} && exec "$0" "$@"`;
  return { spool, within: [...isolated, 'sh', '-c', mount, process.execPath] };
}

interface Listening {
  readonly url: string;
  readonly close: () => void;
}

async function listenAndSwallow(): Promise<Listening> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}`, close: () => server.close() };
}

/** An engine that welcomes whoever comes, and then does something of its own. */
async function listen(then: (socket: WebSocket) => void): Promise<Listening> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.once('message', () => {
      const welcome = { type: 'welcome', version: 2, agentKey: 1, evaluatedSequence: 0 };
      socket.send(JSON.stringify({ ...welcome, nowMs: Date.now(), heartbeatMs: 1 }));
      then(socket);
    });
  });
  const { port } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}`, close: () => server.close() };
}

function plansOf(where: unknown, count: number): string {
  const source = { sample: null, where, fields: [], allFields: true };
  const queries = Array.from({ length: count }, (_none, i) => ({
    ...{ query: `q${i}`, stream: STREAM, source, paneMs: 1, aggregation: null },
  }));
  return JSON.stringify({ type: 'plans', epoch: 1, queries });
}

/** A plan that is long, deep, and wrong in its last part, for everybody who comes. */
function lie(socket: WebSocket): void {
  let where: unknown = { op: 'literal', value: 1 };
  for (let level = 0; level < 200; level++) where = { op: 'not', arg: where };
  socket.send(plansOf(where, 50));
  socket.send('{"type":"plans","epoch":"x"}');
}

/** Asks for every field of every event, and takes none. */
function stopReading(socket: WebSocket): void {
  socket.send(plansOf(null, 1));
  socket.pause();
}

/** Asks for everything, under a clock that is an hour ahead and then is not. */
function setClock(socket: WebSocket): void {
  socket.send(plansOf(null, 1));
  socket.on('message', (data, isBinary) => {
    if (isBinary) return;
    const { type, sentAtMs } = JSON.parse((data as Buffer).toString()) as Record<string, unknown>;
    if (type !== 'heartbeat') return;
    const isAhead = Math.floor(Date.now() / JUMP_EVERY_MS) % 2 === 0;
    const nowMs = Date.now() + (isAhead ? JUMP_MS : 0);
    const times = { heartbeatSentMs: sentAtMs, heartbeatReceivedMs: nowMs, engineSentMs: nowMs };
    socket.send(JSON.stringify({ type: 'pulse', ...times }));
  });
}
