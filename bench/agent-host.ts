/**
 * What a service notices of its agent: requests a second of an Express app at full load, without an
 * agent, with one that nobody asks, and under ten queries, one after the other over and over so
 * that whatever else the machine does falls on all of them; and how late the event loop is while
 * the engine is away, swallows everything, or is hostile.
 */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import autocannon from 'autocannon';
import { WebSocketServer } from 'ws';
import { figure, held, medianOf } from './harness/bench-result.ts';
import type { BenchCase } from './harness/bench-result.ts';
import { Child } from './harness/child.ts';
import { startEngineUnderTest } from './harness/engine-under-test.ts';
import { cpuSecondsOf } from './harness/process-usage.ts';
import { Subscribers } from './harness/subscribers.ts';
import { waitMs } from './harness/wait.ts';
import type { ServiceOrder, ServiceToBench } from './load/service-process.ts';
import { QUERIES, STREAM } from './workload.ts';

const CONNECTIONS = 32;
const NOBODYS_STREAM = 'nobody_asks';
const IDLE_LOSS_MAX = 0.01;
const ASKED_LOSS_MAX = 0.05;
const DELAY_MS_MAX = 2;
const EVENTS_PER_MS = 20;

type Service = Child<ServiceOrder | { readonly type: 'watch' | 'tell' }, ServiceToBench>;

interface Running {
  readonly service: Service;
  readonly port: number;
}

export async function hostCases(quick: boolean): Promise<BenchCase[]> {
  return [...(await requestCases(quick)), ...(await delayCases(quick))];
}

async function started(order: Omit<ServiceOrder, 'type'>): Promise<Running> {
  const entry = new URL('./load/service-process.js', import.meta.url);
  const service: Service = new Child(entry, 'service');
  service.send({ type: 'serve', ...order });
  const { port } = await service.next('ready');
  return { service, port };
}

// ---- Requests ----------------------------------------------------------------------------------

interface Volley {
  readonly perSecond: number;
  readonly cpuUs: number;
}

async function requestCases(quick: boolean): Promise<BenchCase[]> {
  const engine = await startEngineUnderTest({});
  const url = `ws://127.0.0.1:${engine.ready.ingestPort}`;
  const subscribers = new Subscribers(
    engine.ready.url,
    QUERIES.map(({ text }) => text),
  );
  await subscribers.accepted();
  const kinds = await Promise.all([
    started({ url: null, stream: STREAM, eventsPerMs: 0 }),
    started({ url, stream: NOBODYS_STREAM, eventsPerMs: 0 }),
    started({ url, stream: STREAM, eventsPerMs: 0 }),
  ]);
  const volleys: Volley[][] = kinds.map(() => []);
  try {
    for (let round = 0; round < (quick ? 3 : 9); round++) {
      for (const [kind, running] of kinds.entries()) {
        const volley = await fire(running, quick ? 1 : 3);
        // The first of each warms up.
        if (round > 0) volleys[kind]!.push(volley);
      }
    }
  } finally {
    for (const { service } of kinds) await service.end();
    subscribers.close();
    await engine.stop();
  }
  const [off = [], idle = [], asked = []] = volleys;
  const loss = (of: readonly Volley[]): number =>
    Math.max(0, 1 - medianOf(of.map(({ perSecond }, i) => perSecond / off[i]!.perSecond)));
  const cpu = (name: string, of: readonly Volley[]): BenchCase =>
    figure(name, 'cpuPerRequest', medianOf(of.map(({ cpuUs }) => cpuUs)), 'us');
  return [
    cpu('Express without an agent', off),
    cpu('Express, nobody asks', idle),
    held(figure('Express, nobody asks', 'fewerRequests', loss(idle), ''), '<=', IDLE_LOSS_MAX),
    cpu('Express, ten queries', asked),
    held(figure('Express, ten queries', 'fewerRequests', loss(asked), ''), '<=', ASKED_LOSS_MAX),
  ];
}

async function fire({ port, service }: Running, seconds: number): Promise<Volley> {
  const before = cpuSecondsOf(service.pid);
  const { requests } = await autocannon({
    url: `http://127.0.0.1:${port}/items/7`,
    connections: CONNECTIONS,
    duration: seconds,
    workers: 1,
  });
  const cpuUs = ((cpuSecondsOf(service.pid) - before) * 1e6) / requests.total;
  return { perSecond: requests.average, cpuUs };
}

// ---- Delay of the event loop -------------------------------------------------------------------

async function delayCases(quick: boolean): Promise<BenchCase[]> {
  const [blackHole, hostile] = await Promise.all([listenAndSwallow(), listenAndLie()]);
  const kinds = [
    { name: 'without an agent', url: null },
    { name: 'the engine is away', url: 'ws://127.0.0.1:9' },
    { name: 'the network is a black hole', url: blackHole.url },
    { name: 'the engine is hostile', url: hostile.url },
  ];
  const running = await Promise.all(
    kinds.map(({ url }) => started({ url, stream: STREAM, eventsPerMs: EVENTS_PER_MS })),
  );
  const delays: number[] = [];
  try {
    for (const { service } of running) service.send({ type: 'watch' });
    // Side by side, so that whatever else happens happens to all.
    await waitMs(quick ? 4_000 : 20_000);
    for (const { service } of running) {
      service.send({ type: 'tell' });
      delays.push((await service.next('delay')).p99Ms);
    }
  } finally {
    for (const { service } of running) await service.end();
    blackHole.close();
    hostile.close();
  }
  const [baseline = 0] = delays;
  return kinds.slice(1).map(({ name }, i) => {
    const delayMs = Math.max(0, delays[i + 1]! - baseline);
    return held(figure(name, 'loopDelayP99More', delayMs, 'ms'), '<=', DELAY_MS_MAX);
  });
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

/** A plan that is long, deep, and wrong in its last part, for everybody who comes. */
async function listenAndLie(): Promise<Listening> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  let where: unknown = { op: 'literal', value: 1 };
  for (let level = 0; level < 200; level++) where = { op: 'not', arg: where };
  const source = { sample: null, where, fields: [], allFields: true };
  const queries = Array.from({ length: 50 }, (_none, i) => ({
    ...{ query: `q${i}`, stream: STREAM, source, paneMs: 1, aggregation: null },
  }));
  const plans = JSON.stringify({ type: 'plans', epoch: 1, queries });
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.once('message', () => {
      const welcome = { type: 'welcome', version: 2, agentKey: 1, nowMs: 0, evaluatedSequence: 0 };
      socket.send(JSON.stringify({ ...welcome, heartbeatMs: 1 }));
      socket.send(plans);
      socket.send('{"type":"plans","epoch":"x"}');
    });
  });
  const { port } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}`, close: () => server.close() };
}
