/** Agents that die, freeze or are cut off: windows close on time and say who is missing. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connect as connectTcp } from 'node:net';
import { createAgent } from '../../agents/agent.ts';
import type { Agent } from '../../agents/agent.ts';
import { endAll, signalTo, startEngine, startSquilla, until } from '../support/engine-process.ts';
import type { EngineProcess, RunningProcess } from '../support/engine-process.ts';
import { firstOf, laterWindow, readEvents, windowsOf } from '../support/result-reader.ts';
import type { ResultReader } from '../support/result-reader.ts';

let engine: EngineProcess;
let steady: Agent;
const readers: ResultReader[] = [];

beforeAll(async () => {
  engine = await startEngine({ settings: { rosterMs: 60_000 } });
  steady = createAgent({
    url: engine.ingestUrl,
    service: 'steady',
    streams: ['calm'],
    handleSignals: false,
  });
  await until(() => steady.connected, 'the steady agent is there');
});

afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

afterAll(async () => {
  await steady.close();
  await endAll();
});

async function counting(stream: string): Promise<ResultReader> {
  const reader = await readEvents(engine.url, `select count(*) as n from ${stream} window 250ms`);
  readers.push(reader);
  await firstOf(reader, 'rows', ({ completeness }) => completeness.status === 'complete');
  return reader;
}

/** An agent in a process of its own, whose standard input stays open. */
async function startAgent(stream: string): Promise<RunningProcess> {
  const args = ['--stream', stream, '--format', 'json', '--url', engine.ingestUrl];
  const agent = startSquilla('agent', 'stdin', ...args);
  await until(async () => {
    const { streams } = (await engine.get('/api/v1/streams')) as { streams: { name: string }[] };
    return streams.some(({ name }) => name === stream);
  }, `${stream} is offered`);
  return agent;
}

/** Ends of windows are `stepMs` apart, without one missing. */
function expectNoHole(reader: ResultReader, stepMs: number): void {
  const ends = windowsOf(reader).map((window) => window.windowEnd ?? 0);
  expect(ends).toStrictEqual(ends.map((_none, i) => (ends[0] ?? 0) + stepMs * i));
}

describe('an agent that nobody hears from', () => {
  test('a quiet one is a zero with a live source', async () => {
    const reader = await counting('calm');
    const { rows, completeness } = await laterWindow(reader, 'a window', () => true);
    expect(rows[0]?.['n']).toBe(0);
    expect(completeness).toMatchObject({ status: 'complete', traffic: 'zero', source: 'live' });
  });

  test('a killed one is missing at once, and its source silent; others do not notice', async () => {
    const agent = await startAgent('killed');
    const calm = await counting('calm');
    const reader = await counting('killed');
    agent.child.kill('SIGKILL');
    const missing = await laterWindow(reader, 'the agent is missing', ({ completeness }) =>
      completeness.reasons.includes('agents-missing'),
    );
    expect(missing.completeness.status).toBe('degraded');
    expect(missing.completeness.agents).toMatchObject({ expected: 1, reporting: 0 });
    expect(missing.completeness.agents.missing[0]).toMatch(/^stdin@/);
    const silent = await laterWindow(reader, 'the source is silent', ({ completeness }) =>
      ['silent'].includes(completeness.source),
    );
    expect(silent.rows[0]?.['n'] ?? 0).toBe(0);
    expectNoHole(reader, 250);
    expectNoHole(calm, 250);
    expect(windowsOf(calm).at(-1)?.completeness.status).toBe('complete');
  });

  test('a frozen one is silent after its lease, and complete again when it goes on', async () => {
    const agent = await startAgent('frozen');
    const reader = await counting('frozen');
    signalTo(agent.pid, 'SIGSTOP');
    const silent = await laterWindow(
      reader,
      'the source is silent',
      ({ completeness }) => completeness.source === 'silent',
    );
    expect(silent.completeness.status).toBe('degraded');
    signalTo(agent.pid, 'SIGCONT');
    await laterWindow(
      reader,
      'complete again',
      ({ completeness }) => completeness.status === 'complete' && completeness.source === 'live',
    );
    agent.child.stdin?.write('{"a":1}\n');
    await laterWindow(reader, 'its event', ({ rows }) => rows[0]?.['n'] === 1);
    expectNoHole(reader, 250);
  });
});

describe('a socket that says nothing', () => {
  test('is closed after the time for a handshake, on both ports', async () => {
    for (const port of [engine.port, engine.ingestPort]) {
      const socket = connectTcp(port, '127.0.0.1');
      let closed = false;
      socket.on('close', () => (closed = true));
      socket.on('error', () => undefined);
      socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n');
      const calm = await counting('calm');
      await laterWindow(calm, 'another query goes on', () => true);
      socket.resetAndDestroy();
      await until(() => closed, 'the socket is gone');
    }
  });
});
