/**
 * What a result costs the engine for each client that watches it: a thousand and five thousand live
 * sockets on one query, a thousand on the same ten, and dashboards of a hundred queries of their
 * own. Queries have no events to count, so that nothing but windows, encoding and sockets is
 * measured. CPU is the engine's whole process, less what it takes for the same queries when one
 * client watches. Beside it stands the floor: a bare process that writes as many bytes to as many
 * clients, and does nothing else (`baseline/bare-sender.ts`).
 */
import { startBareSender } from './baseline/bare-sender-under-test.ts';
import { figure, held } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';
import { Child } from './harness/child.ts';
import { startEngineUnderTest } from './harness/engine-under-test.ts';
import { waitMs } from './harness/wait.ts';
import type { CrowdCommand, CrowdReport } from './load/crowd-contract.ts';
import { STREAM } from './workload.ts';

const WINDOW_MS = 500;
const WARM_MS = 1_500;
const QUICK_MS = 5_000;
const FULL_MS = 20_000;
/** Promised where ten results leave in one write. */
const MICROSECONDS_MAX = 1;

interface Crowd {
  readonly name: string;
  readonly clients: number;
  readonly subscriptions: number;
  readonly same: boolean;
  readonly isHeld: boolean;
}

const CROWDS: readonly Crowd[] = [
  {
    name: '1,000 clients of one query',
    clients: 1_000,
    subscriptions: 1,
    same: true,
    isHeld: false,
  },
  {
    name: '5,000 clients of one query',
    clients: 5_000,
    subscriptions: 1,
    same: true,
    isHeld: false,
  },
  {
    name: '1,000 clients of ten queries',
    clients: 1_000,
    subscriptions: 10,
    same: true,
    isHeld: true,
  },
  {
    name: '20 dashboards of 100 queries',
    clients: 20,
    subscriptions: 100,
    same: false,
    isHeld: false,
  },
];

export async function fanOutBench({ quick, say }: BenchContext): Promise<BenchCase[]> {
  const cases: BenchCase[] = [];
  for (const crowd of CROWDS) {
    const found = await measure(crowd, quick ? QUICK_MS : FULL_MS);
    const micros = (found.cpuSeconds * 1e6) / found.results;
    say(`${crowd.name}: ${micros.toFixed(2)} µs a message`);
    const perMessage = figure(crowd.name, 'cpuMicrosecondsPerMessage', micros, 'µs');
    const bare = await floorOf(crowd, found.bytes / found.results, quick ? QUICK_MS : FULL_MS);
    cases.push(
      crowd.isHeld ? held(perMessage, '<=', MICROSECONDS_MAX) : perMessage,
      figure(crowd.name, 'floorMicrosecondsPerMessage', bare, 'µs'),
      figure(crowd.name, 'messagesPerSecond', found.results / found.seconds, '1/s'),
      figure(crowd.name, 'bytesPerMessage', found.bytes / found.results, 'bytes'),
      held(figure('results', `missedWindows of ${crowd.name}`, found.missed, ''), '<=', 0),
    );
  }
  return cases;
}

interface Found {
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly results: number;
  readonly missed: number;
  readonly bytes: number;
}

async function measure(crowd: Crowd, measuredMs: number): Promise<Found> {
  const engine = await startEngineUnderTest({
    clientsMax: crowd.clients + 1,
    // The crowd answers no pings.
    pingMs: 600_000,
    subscriptionsPerClientMax: crowd.subscriptions,
  });
  const port = Number(new URL(engine.ready.url).port);
  const queries = queriesOf(crowd);
  const few = new Child<CrowdCommand, CrowdReport>(entry(), 'one client');
  const many = new Child<CrowdCommand, CrowdReport>(entry(), 'crowd');
  const { clients, subscriptions, same } = crowd;
  try {
    // One client that watches everything: what the queries cost whoever looks. Where every query
    // has its own client, all of the cost is theirs.
    let alone: Found | null = null;
    if (same) {
      few.send({
        ...{ type: 'open', port, clients: 1, subscriptions, queries, same },
        windowMs: WINDOW_MS,
      });
      await few.next('opened');
      await waitMs(WARM_MS);
      alone = await counted(engine, few, measuredMs);
    }
    many.send({ type: 'open', port, clients, subscriptions, queries, same, windowMs: WINDOW_MS });
    await many.next('opened');
    await waitMs(WARM_MS);
    const all = await counted(engine, many, measuredMs);
    const base = alone === null ? 0 : (alone.cpuSeconds / alone.seconds) * all.seconds;
    return { ...all, cpuSeconds: Math.max(0, all.cpuSeconds - base) };
  } finally {
    await Promise.all([few.end(), many.end()]);
    await engine.stop();
  }
}

/** Microseconds of a bare process for each message. */
async function floorOf(crowd: Crowd, bytes: number, measuredMs: number): Promise<number> {
  const { clients, subscriptions, same } = crowd;
  const bytesPerMessage = Math.round(bytes);
  const sender = await startBareSender({ subscriptions, windowMs: WINDOW_MS, bytesPerMessage });
  const child = new Child<CrowdCommand, CrowdReport>(entry(), 'crowd');
  const queries = queriesOf(crowd);
  const { port } = sender;
  try {
    child.send({ type: 'open', port, clients, subscriptions, queries, same, windowMs: WINDOW_MS });
    await child.next('opened');
    await waitMs(WARM_MS);
    const { cpuSeconds, results } = await counted(sender, child, measuredMs);
    return (cpuSeconds * 1e6) / results;
  } finally {
    await child.end();
    await sender.stop();
  }
}

async function counted(
  engine: { readonly cpuSeconds: number },
  crowd: Child<CrowdCommand, CrowdReport>,
  measuredMs: number,
): Promise<Found> {
  crowd.send({ type: 'count' });
  await crowd.next('counting');
  const startedMs = performance.now();
  const cpuBefore = engine.cpuSeconds;
  await waitMs(measuredMs);
  const cpuSeconds = engine.cpuSeconds - cpuBefore;
  const seconds = (performance.now() - startedMs) / 1_000;
  crowd.send({ type: 'report' });
  const { results, missed, bytes } = await crowd.next('counted');
  return { cpuSeconds, seconds, results, missed, bytes };
}

function queriesOf({ clients, subscriptions, same }: Crowd): string[] {
  const count = same ? subscriptions : clients * subscriptions;
  return Array.from(
    { length: count },
    (_, i) => `select count(*) as n from ${STREAM} where durMs > ${i} window ${WINDOW_MS}ms`,
  );
}

function entry(): URL {
  return new URL('./load/client-crowd.js', import.meta.url);
}
