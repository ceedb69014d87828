/**
 * What a service notices of its agent: CPU for a request of an Express app at full load that
 * publishes nothing, that publishes to a stream nobody asks for, and under ten queries; and what
 * the agent takes while nothing happens.
 */
import autocannon from 'autocannon';
import { delayCases } from './agent-delays.ts';
import { figure, held, medianOf } from './harness/bench-result.ts';
import type { BenchCase } from './harness/bench-result.ts';
import { Child } from './harness/child.ts';
import { startEngineUnderTest } from './harness/engine-under-test.ts';
import { Subscribers } from './harness/subscribers.ts';
import { waitMs } from './harness/wait.ts';
import type { AppsOrder, AppsToBench } from './load/request-process.ts';
import { QUERIES, STREAM } from './workload.ts';

const CONNECTIONS = 32;
/** An app that publishes nothing, one whose stream nobody asks for, and one under ten queries. */
const APPS = [null, 'nobody_asks', STREAM] as const;
const IDLE_LOSS_MAX = 0.01;
const ASKED_LOSS_MAX = 0.05;
const US_PER_MS = 1_000;

type Service = Child<AppsOrder | { readonly type: 'cpu' }, AppsToBench>;

interface Running {
  readonly service: Service;
  /** One for each app. */
  readonly ports: readonly number[];
}

async function started(order: Omit<AppsOrder, 'type'>): Promise<Running> {
  const entry = new URL('./load/request-process.js', import.meta.url);
  const service: Service = new Child(entry, 'service');
  service.send({ type: 'serve', ...order });
  const { ports } = await service.next('ready');
  return { service, ports };
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
  const running = await started({ url, streams: APPS });
  const bare = await started({ url: null, streams: [null] });
  try {
    const cpuUs = await cpuOfRequests(running, quick ? 9 : 24, quick ? 3_000 : 8_000);
    const restShare = await shareAtRest(running, bare, quick ? 3_000 : 10_000);
    return requestFigures(cpuUs, restShare);
  } finally {
    for (const { service } of [running, bare]) await service.end();
    subscribers.close();
    await engine.stop();
  }
}

/**
 * CPU for a request of each app, by rounds. The apps are of one process, so that they run the very
 * same compiled code, and take turns, so that whatever else the machine does falls on all of them.
 */
async function cpuOfRequests(
  { ports, service }: Running,
  rounds: number,
  amount: number,
): Promise<readonly number[][]> {
  const cpuUs = ports.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < ports.length; turn++) {
      // Each is the first as often as the last.
      const app = (round + turn) % ports.length;
      const beforeUs = await usedUs(service);
      await autocannon({
        url: `http://127.0.0.1:${ports[app]!}/items/7`,
        ...{ connections: CONNECTIONS, workers: 1, amount },
      });
      const spentUs = (await usedUs(service)) - beforeUs;
      // The first round warms up.
      if (round > 0) cpuUs[app]!.push(spentUs / amount);
    }
  }
  return cpuUs;
}

/** Of a core, that the agent takes of a service in which nothing happens. */
async function shareAtRest(running: Running, bare: Running, spanMs: number): Promise<number> {
  const both = [running.service, bare.service];
  const before = await Promise.all(both.map(usedUs));
  await waitMs(spanMs);
  const after = await Promise.all(both.map(usedUs));
  const [withAgent = 0, without = 0] = after.map((us, i) => us - before[i]!);
  return Math.max(0, (withAgent - without) / (spanMs * US_PER_MS));
}

async function usedUs(service: Service): Promise<number> {
  service.send({ type: 'cpu' });
  return (await service.next('cpu')).us;
}

/** A service at full load has a core to itself: what it answers is that core over a request. */
function requestFigures(cpuUs: readonly number[][], restShare: number): BenchCase[] {
  const [off = [], idle = [], asked = []] = cpuUs;
  const fewer = (of: readonly number[]): number => {
    const share = medianOf(of.map((us, round) => off[round]! / us));
    return Math.max(0, 1 - share * (1 - restShare));
  };
  const cpu = (name: string, of: readonly number[]): BenchCase =>
    figure(name, 'cpuPerRequest', medianOf(of), 'us');
  return [
    figure('Express at rest', 'agentOfCore', restShare, ''),
    cpu('Express without an agent', off),
    cpu('Express, nobody asks', idle),
    held(figure('Express, nobody asks', 'fewerRequests', fewer(idle), ''), '<=', IDLE_LOSS_MAX),
    cpu('Express, ten queries', asked),
    held(figure('Express, ten queries', 'fewerRequests', fewer(asked), ''), '<=', ASKED_LOSS_MAX),
  ];
}
