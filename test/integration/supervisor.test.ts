/** What the supervisor promises: an orderly end, and an engine that comes back. */
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createAgent } from '../../agents/agent.ts';
import type { Agent } from '../../agents/agent.ts';
import { connect } from '../../src/client/connect.ts';
import type { ResultMessage, RowsMessage } from '../../src/wire/results.ts';
import { endAll, signalTo, startEngine, startSquilla, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { firstOf, readEvents, readSocket } from '../support/result-reader.ts';

const agents: Agent[] = [];

afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.close();
  await endAll();
});

function agentOf(engine: EngineProcess): Agent {
  const limits = { reconnectMinMs: 20, reconnectMaxMs: 100, agentFlushMs: 5 };
  const agent = createAgent({
    url: engine.ingestUrl,
    service: 'test',
    streams: ['beats'],
    limits,
    handleSignals: false,
  });
  agents.push(agent);
  return agent;
}

/** Publishes every few milliseconds until the returned function is called. */
function beating(agent: Agent): () => void {
  const stream = agent.stream('beats');
  const timer = setInterval(() => stream.publish({ beat: 1 }), 10);
  return () => clearInterval(timer);
}

/** Resolves if somebody else could listen there now. */
async function listenOn(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

/** Longer than a test may take: who waits for it has failed. */
const LONG_MS = 120_000;

describe('Ctrl-C', () => {
  test('drains: clients hear the end, agents say bye, ports are free, nothing is left', async () => {
    const engine = await startEngine({ settings: { drainMs: LONG_MS } });
    const said = startSquilla('agent', 'host', '--url', engine.ingestUrl);
    await until(() => said.err().includes('connected'), 'the agent is there');
    const readers = [
      await readEvents(engine.url, 'select count(*) as n from host.cpu window 1s'),
      await readSocket(engine.url, 'select * from squilla.engine'),
    ];
    for (const reader of readers) await firstOf(reader, 'progress');
    const worker = engine.enginePid();
    expect(await engine.stop()).toBe(0);
    for (const reader of readers) {
      expect((await firstOf(reader, 'end')).reason).toContain('stopped');
      await until(() => reader.ended(), 'its socket is closed');
      const silent = reader.received.some(
        ({ message }) =>
          message.type === 'completeness' && message.completeness.source === 'silent',
      );
      expect(silent).toBe(false);
    }
    await listenOn(engine.port);
    await listenOn(engine.ingestPort);
    expect(() => process.kill(worker, 0)).toThrow('ESRCH');
  });

  test('with nobody connected ends at once', async () => {
    const engine = await startEngine({ settings: { drainMs: LONG_MS } });
    expect(await engine.stop()).toBe(0);
  });
});

describe('an engine that is killed', () => {
  test('is started again on its ports; clients and agents go on, and the ledger closes', async () => {
    const engine = await startEngine();
    const agent = agentOf(engine);
    const stop = beating(agent);
    const client = connect(engine.url);
    const messages: ResultMessage[] = [];
    client.subscribe('select count(*) as n from beats window 250ms', {
      onMessage: (message) => messages.push(message),
    });
    const counting = (from: number): boolean =>
      messages
        .slice(from)
        .some((message) => message.type === 'rows' && Number(message.rows[0]?.['n'] ?? 0) > 0);
    await until(() => counting(0), 'beats are counted');

    const worker = engine.enginePid();
    const from = messages.length;
    signalTo(worker, 'SIGKILL');
    await until(async () => {
      const answer = await fetch(`${engine.url}/-/ready`).catch(() => null);
      return answer?.ok === true;
    }, 'the engine is ready again');
    await until(() => counting(from), 'beats are counted again');
    expect(engine.enginePid()).not.toBe(worker);
    expect(engine.err()).toContain('the engine is up again (restart 1)');
    expect(messages.slice(from).some((message) => message.type === 'gap')).toBe(true);
    stop();
    client.close();
    expect(await engine.get('/api/v1/ledger')).toMatchObject({ closes: true });
    expect(await engine.get('/api/v1/agents')).toMatchObject({ agents: [{ state: 'live' }] });
  });

  test('says to nobody that sources are silent before they had time to come back', async () => {
    const engine = await startEngine({ settings: { startupMs: 5_000 } });
    const stop = beating(agentOf(engine));
    await until(async () => agents[0]?.connected, 'the agent is there');
    signalTo(engine.enginePid(), 'SIGKILL');
    await until(() => engine.err().includes('up again'), 'the engine is ready again');
    const reader = await readEvents(engine.url, 'select count(*) as n from beats window 250ms');
    const whole = await firstOf(
      reader,
      'rows',
      (message: RowsMessage) =>
        message.completeness.coveredMs === 250 && message.rows[0]?.['n'] !== 0,
    );
    expect(whole.completeness.source).toBe('live');
    stop();
    reader.close();
  });
});

describe('an engine that hangs', () => {
  test('is killed when it was told to drain and did not, and leaves nothing behind', async () => {
    const engine = await startEngine({ settings: { drainMs: 200 } });
    const worker = engine.enginePid();
    signalTo(worker, 'SIGSTOP');
    expect(await engine.stop()).toBe(0);
    expect(() => process.kill(worker, 0)).toThrow('ESRCH');
    await listenOn(engine.port);
  });
});

describe('a supervisor that is killed', () => {
  test('takes the engine with it', async () => {
    const engine = await startEngine();
    const worker = engine.enginePid();
    engine.child.kill('SIGKILL');
    await engine.exited;
    await until(() => {
      try {
        process.kill(worker, 0);
        return false;
      } catch {
        // No such process: this is what is waited for.
        return true;
      }
    }, 'the engine process ends');
    await listenOn(engine.port);
  });
});
