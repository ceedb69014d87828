/** The agent library against a real WebSocket server, and in processes of its own. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { createAgent } from '../../agents/agent.ts';
import type { Agent, AgentOptions } from '../../agents/agent.ts';
import { runHostAgent } from '../../agents/host.ts';
import type { StreamPulse } from '../../src/wire/agent-messages.ts';
import { queryOf, sourceOf } from '../support/fake-engine.ts';
import { SocketEngine } from '../support/socket-engine.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function engineOn(port = 0): Promise<SocketEngine> {
  const engine = await SocketEngine.listen(port);
  closing.push(() => engine.close());
  return engine;
}

function agentFor(engine: SocketEngine, options: Partial<AgentOptions> = {}): Agent {
  const agent = createAgent({
    url: engine.url,
    service: 'checkout',
    handleSignals: false,
    limits: { reconnectMinMs: 5, reconnectMaxMs: 20 },
    ...options,
  });
  closing.push(() => agent.close());
  return agent;
}

function lastCounts(engine: SocketEngine, stream: string): StreamPulse['counts'] | undefined {
  const pulses = engine.messages.flatMap((m) => (m.type === 'heartbeat' ? m.streams : []));
  return pulses.findLast((pulse) => pulse.stream === stream)?.counts;
}

describe('an agent on a real socket', () => {
  test.each(['zero', 'random'] as const)('ships what is asked for, mask %s', async (frameMask) => {
    const engine = await engineOn();
    engine.queries = [queryOf('plays', sourceOf(['region', 'n']))];
    const agent = agentFor(engine, { frameMask });
    const plays = agent.stream('plays');
    await engine.until(() => plays.active);
    for (let n = 0; n < 2_000; n++) plays.publish({ region: `r${n % 3}`, n, secret: 'x' });
    await engine.until(() => engine.rows.length === 2_000);
    expect(engine.rows[1_999]).toStrictEqual({ region: 'r1', n: 1_999 });
    await agent.close('done');
    expect(engine.messages.at(-1)).toStrictEqual({ type: 'bye', reason: 'done' });
    expect(lastCounts(engine, 'plays')).toMatchObject({ offered: 2_000, sent: 2_000, dropped: {} });
  });

  test('packs frames for an engine that takes them so, and order stays', async () => {
    const engine = await engineOn();
    engine.takesPacked = true;
    engine.queries = [queryOf('plays', sourceOf(['text', 'n']))];
    const agent = agentFor(engine, { compression: 'always' });
    const plays = agent.stream('plays');
    await engine.until(() => plays.active);
    let published = 0;
    // On a busy machine a frame may leave as it is rather than wait to be packed.
    while (engine.packed === 0) {
      for (let i = 0; i < 3_000; i++) {
        plays.publish({ n: published++, text: `some text ${i % 100}` });
      }
      await engine.until(() => engine.rows.length === published);
    }
    await agent.close('done');
    expect(engine.rows.map((row) => row['n'])).toStrictEqual(
      Array.from({ length: published }, (_none, n) => n),
    );
    expect(engine.messages.at(-1)).toStrictEqual({ type: 'bye', reason: 'done' });
    expect(engine.late).toBe(0);
  });

  test('packs nothing for an engine that does not say so', async () => {
    const engine = await engineOn();
    engine.queries = [queryOf('plays', sourceOf(['n']))];
    const agent = agentFor(engine, { compression: 'always' });
    const plays = agent.stream('plays');
    await engine.until(() => plays.active);
    for (let n = 0; n < 1_000; n++) plays.publish({ n });
    await engine.until(() => engine.rows.length === 1_000);
    expect(engine.packed).toBe(0);
  });

  test('a query that is pushed later takes effect on the open connection', async () => {
    const engine = await engineOn();
    const plays = agentFor(engine).stream('plays');
    await engine.until(() => engine.messages.some((message) => message.type === 'plansAck'));
    expect(plays.publish({ n: 1 })).toBe('skipped');
    engine.pushPlans([queryOf('plays', sourceOf(['n']))]);
    await engine.until(() => plays.active);
    expect(plays.publish({ n: 2 })).toBe('accepted');
    await engine.until(() => engine.rows.length === 1);
    expect(engine.rows).toStrictEqual([{ n: 2 }]);
  });

  test('loses nothing when the engine goes away and comes back', async () => {
    const engine = await engineOn();
    engine.queries = [queryOf('plays', sourceOf(['n']))];
    engine.acknowledges = false;
    const agent = agentFor(engine);
    const plays = agent.stream('plays');
    await engine.until(() => plays.active);
    for (let n = 0; n < 600; n++) plays.publish({ n });
    await engine.until(() => engine.rows.length === 600);
    const { port } = engine;
    await engine.close();
    for (let n = 600; n < 900; n++) plays.publish({ n });
    const next = await engineOn(port);
    next.queries = engine.queries;
    // The new engine evaluated nothing, so everything that was not acknowledged comes again.
    await next.until(() => next.rows.length === 900);
    expect(next.rows.map((row) => row['n'])).toStrictEqual(
      Array.from({ length: 900 }, (_, n) => n),
    );
    expect(next.hellos[0]?.resendFrom).toBe(1);
    expect(next.hellos[0]?.agent).toStrictEqual(engine.hellos[0]?.agent);
  });

  test('an address that is none is retried quietly', async () => {
    const statuses: string[] = [];
    let heard: () => void = () => undefined;
    const disconnected = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const agent = createAgent({
      url: 'not an address',
      service: 'x',
      handleSignals: false,
      limits: { reconnectMinMs: 1, reconnectMaxMs: 2 },
      onStatus: (status) => {
        statuses.push(status.kind);
        if (status.kind === 'disconnected') heard();
      },
    });
    expect(agent.stream('plays').publish({ n: 1 })).toBe('skipped');
    await disconnected;
    await agent.close();
    expect(statuses.at(-1)).toBe('closed');
  });

  test('the host agent tells of this machine', async () => {
    const engine = await engineOn();
    const streams = ['host.cpu', 'host.memory', 'host.disk', 'host.network', 'host.process'];
    const all = { sample: null, where: null, fields: [], allFields: true };
    engine.queries = streams.map((stream) => queryOf(stream, all, { query: stream }));
    const host = runHostAgent({ url: engine.url, onLine: () => undefined, intervalMs: 50 });
    closing.push(() => host.close());
    const seen = (): number => new Set(engine.frames.map(({ header }) => header.stream)).size;
    await engine.until(() => seen() === streams.length);
    const memory = engine.frames.find(({ header }) => header.stream === 'host.memory')?.rows[0];
    expect(memory?.['total_bytes']).toBeGreaterThan(0);
    expect(memory?.['used_percent']).toBeGreaterThan(0);
  });
});

describe('an agent in a process of its own', () => {
  const library = pathToFileURL(join(import.meta.dirname, '../../agents/index.ts')).href;

  /** Runs a program with the library under tsx; resolves with how it ended. */
  async function run(
    program: string,
    onStarted: (kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
  ): Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly text: string;
  }> {
    const folder = await mkdtemp(join(tmpdir(), 'squilla-agent-'));
    closing.push(() => rm(folder, { recursive: true }));
    const file = join(folder, 'program.mts');
    await writeFile(file, `import { createAgent } from ${JSON.stringify(library)};\n${program}`);
    const child = spawn(process.execPath, ['--import', 'tsx', file], {
      cwd: join(import.meta.dirname, '../..'),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    onStarted((signal) => child.kill(signal));
    return new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal, text }));
    });
  }

  test('does not keep it alive, connected or not', async () => {
    const engine = await engineOn();
    const connected = await run(`
      const agent = createAgent({ url: ${JSON.stringify(engine.url)}, service: 's' });
      const stream = agent.stream('plays');
      const timer = setInterval(() => { if (agent.connected) clearInterval(timer); }, 5);`);
    expect(connected).toMatchObject({ code: 0, text: '' });
    expect(engine.hellos).toHaveLength(1);
    const alone = await run(`createAgent({ url: 'ws://127.0.0.1:9', service: 's' }).stream('x');`);
    expect(alone).toMatchObject({ code: 0, text: '' });
  });

  test('flushes and says bye on SIGTERM, which then ends the process as ever', async () => {
    const engine = await engineOn();
    engine.queries = [queryOf('plays', sourceOf(['n']))];
    const ended = await run(
      `
      const agent = createAgent({
        url: ${JSON.stringify(engine.url)},
        service: 's',
        limits: { agentFlushMs: 60000 },
      });
      const plays = agent.stream('plays');
      setInterval(() => { if (plays.active) plays.publish({ n: 1 }); }, 5);`,
      (kill) => {
        const active = engine.until(() => engine.messages.some((m) => m.type === 'plansAck'));
        const published = (): boolean => (lastCounts(engine, 'plays')?.offered ?? 0) > 0;
        void active.then(() => engine.until(published)).then(() => kill('SIGTERM'));
      },
    );
    expect(ended).toMatchObject({ signal: 'SIGTERM', text: '' });
    await engine.until(() => engine.messages.at(-1)?.type === 'bye');
    expect(engine.rows.length).toBeGreaterThan(0);
    expect(lastCounts(engine, 'plays')?.sent).toBe(engine.rows.length);
  });
});
