/**
 * What a service notices of its agent: requests a second of an Express app at full load, without an
 * agent, with one that nobody asks, and under ten queries, one after the other over and over so
 * that whatever else the machine does falls on all of them.
 */
import autocannon from 'autocannon';
import { delayCases } from './agent-delays.ts';
import { figure, held, medianOf } from './harness/bench-result.ts';
import type { BenchCase } from './harness/bench-result.ts';
import { Child } from './harness/child.ts';
import { startEngineUnderTest } from './harness/engine-under-test.ts';
import { cpuSecondsOf } from './harness/process-usage.ts';
import { Subscribers } from './harness/subscribers.ts';
import type { ServiceOrder, ServiceToBench } from './load/service-process.ts';
import { QUERIES, STREAM } from './workload.ts';

const CONNECTIONS = 32;
const NOBODYS_STREAM = 'nobody_asks';
const IDLE_LOSS_MAX = 0.01;
const ASKED_LOSS_MAX = 0.05;

type Service = Child<ServiceOrder, ServiceToBench>;

interface Running {
  readonly service: Service;
  readonly port: number;
}

async function started(order: Omit<ServiceOrder, 'type'>): Promise<Running> {
  const entry = new URL('./load/service-process.js', import.meta.url);
  const service: Service = new Child(entry, 'service');
  service.send({ type: 'serve', ...order });
  const { port } = await service.next('ready');
  return { service, port };
}

interface Volley {
  readonly perSecond: number;
  readonly cpuUs: number;
}

export async function hostCases(quick: boolean): Promise<BenchCase[]> {
  return [...(await requestCases(quick)), ...(await delayCases(quick))];
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
