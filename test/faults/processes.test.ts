/**
 * Engines and shards that stop, fail or stand still, clients that are killed or frozen, lines that
 * go dead, clocks that jump and bursts, all over real sockets: windows go on, say what they missed,
 * and what they do not say is not so.
 */
import { afterEach, describe, expect, test } from 'vitest';
import type { AgentStatus } from '../../agents/status.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { LedgerView, QueryView } from '../../src/coordinator/views.ts';
import type { RowsMessage } from '../../src/wire/results.ts';
import { DrilledEngine } from '../support/drilled-engine.ts';
import {
  endAll,
  signalTo,
  squilla,
  startEngine,
  startSquilla,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { laterWindow, readEvents, total, windowsOf } from '../support/result-reader.ts';
import type { ResultReader } from '../support/result-reader.ts';
import { SteadyAgent } from '../support/steady-agent.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const WINDOW_MS = 250;
const COUNT = 'select count(*) as n, count(distinct id) as ids';
/** What comes late for the machine's sake is waited for: then a count that is short is a loss. */
const PATIENT = { closeWaitMs: 15_000, leaseMs: 15_000, edgeQueriesMax: 0 };

const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await endAll();
});

function steady(url: string, stream: string, options = {}): SteadyAgent {
  const agent = new SteadyAgent(url, stream, options);
  closing.push(() => agent.end());
  return agent;
}

/** Everybody asks for the stream, and its events are counted. */
async function counting(url: string, agent: SteadyAgent): Promise<ResultReader> {
  const reader = await readEvents(url, `${COUNT} from ${agent.stream} window ${WINDOW_MS}ms`);
  closing.push(() => reader.close());
  await until(() => agent.agent.stream(agent.stream).active, 'the stream is read');
  agent.pace(1);
  await until(() => windowsOf(reader).some(isWhole), 'a window is complete');
  return reader;
}

function isWhole({ completeness, rows }: RowsMessage): boolean {
  return completeness.status === 'complete' && Number(rows[0]?.['n']) > 0;
}

/** Every event that the agent took, once. */
async function expectAllOnce(reader: ResultReader, agent: SteadyAgent): Promise<void> {
  agent.pace(0);
  const counted = (): number => total(windowsOf(reader), 'n');
  await until(() => counted() >= agent.accepted, 'everything is counted', 20_000);
  expect(counted()).toBe(agent.accepted);
  expect(total(windowsOf(reader), 'ids'), 'nothing is counted twice').toBe(agent.accepted);
}

/** Every event that the agent took is counted, late or, by its clock, of a time to come. */
async function expectAllKnown(
  engine: EngineProcess,
  reader: ResultReader,
  agent: SteadyAgent,
): Promise<void> {
  agent.pace(0);
  const known = async (): Promise<number> => {
    const { queries } = (await engine.get('/api/v1/queries')) as { queries: QueryView[] };
    const { engine: page } = (await engine.get('/api/v1/ledger')) as LedgerView;
    const elsewhere = (queries[0]?.late ?? 0) + (page.dropped['future'] ?? 0);
    return total(windowsOf(reader), 'n') + elsewhere;
  };
  await until(async () => (await known()) >= agent.accepted, 'every event is known of');
  expect(await known()).toBe(agent.accepted);
}

function expectNoHole(reader: ResultReader): void {
  const ends = windowsOf(reader).map(({ windowEnd }) => windowEnd ?? 0);
  expect(ends).toStrictEqual(ends.map((_none, i) => (ends[0] ?? 0) + i * WINDOW_MS));
}

async function expectLedgerCloses(engine: Pick<EngineProcess, 'get'>): Promise<LedgerView> {
  const ledger = (await engine.get('/api/v1/ledger')) as LedgerView;
  expect(ledger.closes, JSON.stringify(ledger)).toBe(true);
  return ledger;
}

describe('the engine', () => {
  test('that stood still counts everything once when it goes on', async () => {
    const engine = await startEngine({ settings: PATIENT });
    const agent = steady(engine.ingestUrl, 'frozen');
    const reader = await counting(engine.url, agent);
    const pid = engine.enginePid();
    signalTo(pid, 'SIGSTOP');
    await until(() => !agent.agent.connected, 'the agent has given it up');
    const published = agent.accepted;
    await until(() => agent.accepted > published + 100, 'events go on to happen');
    signalTo(pid, 'SIGCONT');
    await laterWindow(reader, 'whole windows again', isWhole);
    await expectAllOnce(reader, agent);
    expectNoHole(reader);
    await expectLedgerCloses(engine);
  });
});

describe('an engine that was killed', () => {
  test('tells the first agent that is back of the queries that are kept', async () => {
    const flags = ['--data', temporaryFolder(), '--shards', '3'];
    const engine = await startEngine({ settings: { edgeQueriesMax: 0 }, flags });
    const query = 'select half, count(*) as n from kept window 250ms group by half';
    const put = ['saved', 'put', 'halves', query, '--keep', '--url', engine.url];
    expect(await squilla(put)).toMatchObject({ code: 0 });
    const told: AgentStatus[] = [];
    // It tries without a pause, and finds the first shard that listens.
    const limits = { reconnectMinMs: 1, reconnectMaxMs: 2 };
    const onStatus = (status: AgentStatus): void => void told.push(status);
    const agent = steady(engine.ingestUrl, 'kept', { limits, onStatus });
    await until(() => agent.agent.stream('kept').active, 'the query is known');
    const before = told.length;
    signalTo(engine.enginePid(), 'SIGKILL');
    const plans = await until(
      () => told.slice(before).find((status) => status.kind === 'plans'),
      'the agent is back',
    );
    expect(plans).toMatchObject({ active: 1 });
  });
});

describe('a shard', () => {
  test('that fails breaks the windows that it held, which say so, and no other', async () => {
    const engine = await DrilledEngine.start({ ...PATIENT, shards: 1 });
    closing.push(() => engine.stop());
    const agent = steady(engine.ingestUrl, 'drilled');
    const reader = await counting(engine.ready.url, agent);
    engine.drill(0);
    const broken = await laterWindow(reader, 'a broken window', ({ completeness: { reasons } }) =>
      reasons.includes('shard-restart'),
    );
    expect(broken.completeness.status).not.toBe('complete');
    await until(() => agent.agent.connected, 'the agent is back');
    await laterWindow(reader, 'whole windows again', isWhole);
    agent.pace(0);
    expectNoHole(reader);
    const told = windowsOf(reader);
    expect(total(told, 'n'), 'at most once').toBeLessThanOrEqual(agent.accepted);
    expect(total(told, 'ids')).toBe(total(told, 'n'));
    const { shards } = (await engine.get('/api/v1/status')) as { shards: { restarts: number }[] };
    expect(shards[0]?.restarts).toBe(1);
    await expectLedgerCloses(engine);
  });
});

describe('a client', () => {
  test('that is killed leaves nothing behind', async () => {
    const engine = await startEngine({ settings: { lingerMs: 0 } });
    const agent = steady(engine.ingestUrl, 'watched');
    const reader = await counting(engine.url, agent);
    const query = 'select max(id) as killed from watched window 250ms';
    const client = startSquilla('query', query, '--url', engine.url, '--json');
    const isAsked = async (): Promise<boolean> => {
      const { queries } = (await engine.get('/api/v1/queries')) as { queries: QueryView[] };
      return queries.some(({ canonical }) => canonical.includes('killed'));
    };
    await until(() => client.out().includes('killed'), 'it has an answer');
    expect(await isAsked()).toBe(true);
    client.child.kill('SIGKILL');
    await until(async () => !(await isAsked()), 'its query has ended');
    await laterWindow(reader, 'others go on', isWhole);
    await expectLedgerCloses(engine);
  });

  test('that stands still is cut off, slows nobody, and is back when it goes on', async () => {
    const settings = { ...PATIENT, sendQueueBytesMax: 65_536, slowClientMs: 100 };
    const engine = await startEngine({ settings });
    const agent = steady(engine.ingestUrl, 'fat');
    const reader = await counting(engine.url, agent);
    const text = 'x'.repeat(8_000);
    const query = `select id, '${text}' as text from fat where id > 0`;
    const client = startSquilla('query', query, '--url', engine.url, '--json');
    await until(() => client.out().includes('xxx'), 'it has rows');
    signalTo(client.pid, 'SIGSTOP');
    agent.pace(5);
    await until(async () => {
      const metrics = await (await fetch(`${engine.url}/metrics`)).text();
      return /^squilla_slow_clients_total [1-9]/m.test(metrics);
    }, 'it is cut off');
    agent.pace(1);
    const length = client.out().length;
    signalTo(client.pid, 'SIGCONT');
    await until(() => client.out().length > length + 1_000_000, 'it reads on');
    client.child.kill('SIGKILL');
    await expectAllOnce(reader, agent);
    expectNoHole(reader);
  });
});

describe('a line', () => {
  test('that goes dead makes its agent silent; once it is back all is counted or late', async () => {
    const engine = await startEngine({ settings: { edgeQueriesMax: 0 } });
    const proxy = await TcpProxy.to(engine.ingestPort);
    closing.push(() => proxy.close());
    const agent = steady(proxy.url, 'cut');
    const reader = await counting(engine.url, agent);
    proxy.mode = 'swallow';
    const silent = await laterWindow(
      reader,
      'the source is silent',
      ({ completeness }) => completeness.source === 'silent',
    );
    expect(silent.completeness).toMatchObject({
      status: 'degraded',
      agents: { missing: [expect.stringContaining('of-cut')] },
    });
    await until(() => !agent.agent.connected, 'the agent knows it too');
    proxy.mode = 'refuse';
    proxy.mode = 'pass';
    await laterWindow(reader, 'whole windows again', isWhole);
    await expectAllKnown(engine, reader, agent);
    expectNoHole(reader);
    await expectLedgerCloses(engine);
  });
});

describe('a clock', () => {
  test.each([
    { name: 'an hour ahead', byMs: 3_600_000 },
    { name: 'an hour back', byMs: -3_600_000 },
  ])('that is set $name closes no window before its time, and is put right', async ({ byMs }) => {
    const engine = await startEngine({ settings: { edgeQueriesMax: 0 } });
    let shiftMs = 0;
    const clock = { now: () => systemClock.now() + shiftMs };
    const agent = steady(engine.ingestUrl, 'jumping', { clock });
    const reader = await counting(engine.url, agent);
    const jumpedMs = systemClock.now();
    shiftMs = byMs;
    const healed = await laterWindow(
      reader,
      'whole windows again',
      (window) => isWhole(window) && (window.windowStart ?? 0) > jumpedMs + 2 * WINDOW_MS,
    );
    expect(healed.windowEnd).toBeLessThanOrEqual(systemClock.now());
    await expectAllKnown(engine, reader, agent);
    expectNoHole(reader);
    const ends = windowsOf(reader).map(({ windowEnd }) => windowEnd ?? 0);
    expect(Math.max(...ends)).toBeLessThanOrEqual(systemClock.now());
    await expectLedgerCloses(engine);
  });
});

describe('a burst', () => {
  test('of ten times as much is counted whole, or its loss is', async () => {
    const engine = await startEngine({ settings: PATIENT });
    // A tenth of a second of the burst fits, and few frames are on their way.
    const limits = { agentQueueEvents: 2_000, agentResendFrames: 4, agentCpuPercent: 0 };
    const agent = steady(engine.ingestUrl, 'bursting', { limits });
    const reader = await counting(engine.url, agent);
    agent.pace(10);
    await laterWindow(reader, 'a busy window', ({ rows }) => Number(rows[0]?.['n']) > 200);
    agent.pace(100);
    await laterWindow(reader, 'ten times as much', ({ rows }) => Number(rows[0]?.['n']) > 2_000);
    // And all at once what a queue cannot hold.
    agent.publish(100_000);
    agent.pace(0);
    const lost = async (): Promise<number> => {
      const { agents } = (await engine.get('/api/v1/ledger')) as LedgerView;
      return Object.values(agents.dropped).reduce((sum, events) => sum + events, 0);
    };
    const counted = (): number => total(windowsOf(reader), 'n');
    await until(async () => counted() + (await lost()) >= agent.accepted, 'all is known', 20_000);
    expect(counted() + (await lost())).toBe(agent.accepted);
    const { agents } = (await engine.get('/api/v1/ledger')) as LedgerView;
    expect(agents.dropped['queue']).toBeGreaterThan(0);
    await laterWindow(reader, 'an empty window', ({ rows }) => rows[0]?.['n'] === 0);
    for (const { completeness, rows } of windowsOf(reader)) {
      if (completeness.status === 'complete') continue;
      expect(['dropped', 'first-window', 'starting']).toContain(completeness.reasons[0]);
      expect(Number(rows[0]?.['n'])).toBeGreaterThanOrEqual(0);
    }
    expectNoHole(reader);
    await expectLedgerCloses(engine);
  });
});
