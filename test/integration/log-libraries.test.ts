/** pino, in the process and in its thread, and the console: told as events, written as ever. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAgent } from '../../agents/agent.ts';
import type { Agent } from '../../agents/agent.ts';
import { observeConsole } from '../../agents/node/console-watch.ts';
import type { ConsoleMethod } from '../../agents/node/console-watch.ts';
import { pinoDestination } from '../../agents/node/pino-destination.ts';
import type { PinoTarget } from '../../agents/node/pino-destination.ts';
import { queryOf, sourceOf } from '../support/fake-engine.ts';
import { SocketEngine } from '../support/socket-engine.ts';

const ROOT = join(import.meta.dirname, '../..');
const closing: (() => unknown)[] = [];
let engine: SocketEngine;

beforeEach(async () => {
  engine = await SocketEngine.listen();
  engine.queries = [
    queryOf('logs', sourceOf(['level', 'msg', 'user.id', 'err.message', 'name'])),
    queryOf('console', sourceOf(['level', 'message'])),
  ];
});

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await engine.close();
});

async function agentFor(stream: string, isAsked = true): Promise<Agent> {
  if (!isAsked) engine.queries = [];
  const agent = createAgent({
    url: engine.url,
    service: 's',
    handleSignals: false,
    streams: [stream],
  });
  closing.push(() => agent.close());
  await engine.until(() => engine.messages.some(({ type }) => type === 'plansAck'));
  return agent;
}

class Lines implements PinoTarget {
  readonly lines: string[] = [];
  flushed = 0;

  write(line: string): boolean {
    this.lines.push(line);
    return true;
  }

  flushSync(): void {
    this.flushed++;
  }
}

describe('the destination for pino', () => {
  test('tells lines with the names of their levels and writes them unchanged', async () => {
    const agent = await agentFor('logs');
    const to = new Lines();
    const logger = pino({ name: 'shop' }, pinoDestination(agent, { to }));
    logger.info({ user: { id: 7 } }, 'signed in');
    logger.child({ user: { id: 8 } }).error(new Error('no such card'));
    logger.flush();
    await engine.until(() => engine.rows.length === 2);
    expect(engine.rows).toStrictEqual([
      { level: 'info', msg: 'signed in', 'user.id': 7, name: 'shop' },
      {
        level: 'error',
        msg: 'no such card',
        'user.id': 8,
        'err.message': 'no such card',
        name: 'shop',
      },
    ]);
    expect(to.lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 30, msg: 'signed in' },
      { level: 50, err: { type: 'Error' } },
    ]);
  });

  test('levels of the service stay numbers, and what is no JSON is a message', async () => {
    engine.queries = [queryOf('logs', sourceOf(['level', 'message']))];
    const agent = await agentFor('logs');
    const destination = pinoDestination(agent, { to: null });
    const logger = pino({ customLevels: { audit: 35 } }, destination);
    logger.audit('who did what');
    destination.write('not of pino\n');
    await engine.until(() => engine.rows.length === 2);
    expect(engine.rows).toStrictEqual([{ level: 35 }, { message: 'not of pino\n' }]);
  });

  test('a multistream behind it still chooses by level', async () => {
    const agent = await agentFor('logs');
    const all = new Lines();
    const errors = new Lines();
    const to = pino.multistream([{ stream: all }, { stream: errors, level: 'error' }]);
    const logger = pino(pinoDestination(agent, { to }));
    logger.info('one');
    logger.error('two');
    await engine.until(() => engine.rows.length === 2);
    expect([all.lines.length, errors.lines.length]).toEqual([2, 1]);
  });

  test('while nobody asks, names of fields become known and lines are not told', async () => {
    const agent = await agentFor('logs', false);
    const to = new Lines();
    const logger = pino(pinoDestination(agent, { to }));
    for (let i = 0; i < 100; i++) logger.info({ user: { id: i } }, 'hello');
    await engine.until(() => fieldsOffered().includes('msg'));
    await agent.close();
    expect(engine.rows).toStrictEqual([]);
    expect(to.lines).toHaveLength(100);
  });

  function fieldsOffered(): readonly string[] {
    return engine.messages.flatMap((message) =>
      message.type === 'offer' || message.type === 'hello'
        ? message.streams.flatMap(({ fields }) => fields.map(({ name }) => name))
        : [],
    );
  }
});

describe('the transport for pino', () => {
  test('runs in its thread, and sends all before the process ends', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'squilla-pino-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'app.log');
    const target = pathToFileURL(join(ROOT, 'dist/agents/pino.js')).pathname;
    const targets = [
      { target, options: { url: engine.url, service: 'shop' } },
      { target: 'pino/file', options: { destination: file } },
    ];
    const script = `
      const pino = require(${JSON.stringify(join(ROOT, 'node_modules/pino'))});
      const transport = pino.transport(${JSON.stringify({ targets })});
      const logger = pino(transport);
      process.on('message', () => {
        for (let id = 0; id < 500; id++) logger.warn({ user: { id } }, 'slow');
        transport.end();
        process.disconnect();
      });`;
    const child = spawn(process.execPath, ['-e', script], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    closing.push(() => child.kill('SIGKILL'));
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await engine.until(() => engine.messages.some(({ type }) => type === 'plansAck'));
    child.send('go');
    expect(await exited).toBe(0);
    await engine.until(() => engine.rows.length === 500);
    expect(engine.rows.at(-1)).toStrictEqual({ level: 'warn', msg: 'slow', 'user.id': 499 });
    expect(engine.late).toBe(0);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(500);
  });
});

describe('the console', () => {
  test('is told with levels, after it was written as ever', async () => {
    const agent = await agentFor('console');
    const written: unknown[][] = [];
    const take = (...values: unknown[]): void => void written.push(values);
    const fake: Record<ConsoleMethod, (...values: unknown[]) => void> = {
      ...{ log: take, info: take, warn: take, error: take, debug: take },
    };
    const stop = observeConsole(agent, { console: fake });
    fake.log('%s is %d', 'x', 5, { deep: { er: 1 } });
    fake.error(new RangeError('too far').message);
    fake.warn({
      get broken(): never {
        throw new Error('a getter that throws');
      },
    });
    stop();
    expect(fake.log).toBe(take);
    fake.log('unseen');
    await engine.until(() => engine.rows.length >= 2);
    expect(engine.rows.slice(0, 2)).toStrictEqual([
      { level: 'info', message: 'x is 5 { deep: { er: 1 } }' },
      { level: 'error', message: 'too far' },
    ]);
    expect(written).toHaveLength(4);
    await agent.close();
    expect(engine.rows.some(({ message }) => message === 'unseen')).toBe(false);
  });
});
