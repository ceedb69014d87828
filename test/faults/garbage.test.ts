/** What no peer should send, on both ports, while another query runs and must not notice. */
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createAgent } from '../../agents/agent.ts';
import type { Agent } from '../../agents/agent.ts';
import { createRng } from '../../src/core/rng.ts';
import { LIVE_CLOSE } from '../../src/gateway/live-session.ts';
import { SUBPROTOCOL } from '../../src/wire/agent-messages.ts';
import { endAll, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { firstOf, readEvents, total, windowsOf } from '../support/result-reader.ts';
import type { ResultReader } from '../support/result-reader.ts';

let engine: EngineProcess;
let agent: Agent;
let witness: ResultReader;
let timer: NodeJS.Timeout;
let published = 0;

beforeAll(async () => {
  engine = await startEngine({ settings: { frameBytesMax: 65_536, controlBytesMax: 16_384 } });
  agent = createAgent({ url: engine.ingestUrl, service: 'witness', handleSignals: false });
  const stream = agent.stream('ticks');
  witness = await readEvents(engine.url, 'select count(*) as n from ticks window 250ms');
  await until(() => stream.active, 'the stream is read');
  timer = setInterval(() => {
    if (stream.publish({ tick: 1 }) === 'accepted') published++;
  }, 5);
  await firstOf(witness, 'rows', ({ rows }) => Number(rows[0]?.['n']) > 0);
});

afterAll(async () => {
  clearInterval(timer);
  await agent.close();
  await endAll();
});

/** Resolves with the close code, or 0 where the socket ended without a WebSocket close. */
async function closeCode(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('close', (code) => resolve(code === 1006 ? 0 : code));
    socket.on('error', () => undefined);
  });
}

async function opened(url: string, protocols: string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(url, protocols);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return socket;
}

async function closed(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.resume();
  });
}

function noise(bytes: number): Buffer<ArrayBuffer> {
  const rng = createRng(7);
  return Buffer.from(Array.from({ length: bytes }, () => Math.floor(rng.next() * 256)));
}

const HELLO = JSON.stringify({ type: 'hello', version: 99 });

describe('garbage', () => {
  test.each([
    ['the API', () => engine.port],
    ['agents', () => engine.ingestPort],
  ])('bytes that are no HTTP at the port of %s end that connection', async (_name, port) => {
    const socket = connectTcp(port(), '127.0.0.1');
    const gone = closed(socket);
    socket.write(noise(2_000));
    socket.write('\r\n\r\n');
    await gone;
  });

  test.each([
    ['text that is no message', 'nonsense'],
    ['a hello of another version', HELLO],
    ['a message before hello', JSON.stringify({ type: 'heartbeat' })],
    ['a frame before hello', noise(500)],
    ['a frame beyond the limit', noise(70_000)],
  ])('%s ends an agent connection', async (_name, sent) => {
    const socket = await opened(engine.ingestUrl, [SUBPROTOCOL]);
    const code = closeCode(socket);
    socket.send(sent);
    expect([0, 1006, 1008, 1009]).toContain(await code);
  });

  test('an unknown subprotocol is refused', async () => {
    await expect(opened(engine.ingestUrl, ['squilla.v9'])).rejects.toThrow(/40\d|protocol/);
  });

  test('messages that make no sense are answered on the live socket, which goes on', async () => {
    const socket = await opened(`ws://127.0.0.1:${engine.port}/api/v1/live`);
    const answers: { type: string; sub: string | null }[] = [];
    socket.on('message', (data) => {
      answers.push(JSON.parse((data as Buffer).toString('utf8')) as (typeof answers)[0]);
    });
    socket.send(JSON.stringify({ type: 'nonsense' }));
    socket.send(JSON.stringify({ type: 'subscribe', sub: 'a', query: 'select' }));
    socket.send(JSON.stringify({ type: 'subscribe', sub: 'b', query: 'select * from ticks' }));
    await until(() => answers.some(({ type, sub }) => type === 'rows' && sub === 'b'), 'rows');
    expect(answers.filter(({ type }) => type === 'error').length).toBe(2);
    socket.terminate();
  });

  test.each([
    ['a binary frame', noise(100)],
    ['a message beyond the limit', 'x'.repeat(20_000)],
    ['text that is no message', 'nonsense'],
  ])('%s ends a live socket', async (_name, sent) => {
    const socket = await opened(`ws://127.0.0.1:${engine.port}/api/v1/live`);
    const code = closeCode(socket);
    socket.send(sent);
    expect([0, 1009, ...Object.values(LIVE_CLOSE)]).toContain(await code);
  });

  test('bodies that are no events are refused with their reason', async () => {
    const post = async (body: Uint8Array<ArrayBuffer> | string, type: string): Promise<number> => {
      const url = `${engine.url}/api/v1/streams/junk/events`;
      const headers = { 'content-type': type };
      return (await fetch(url, { method: 'POST', headers, body })).status;
    };
    expect(await post(noise(500), 'application/x-ndjson')).toBe(400);
    expect(await post('{"a":1}', 'text/csv')).toBe(415);
    expect(await post('[1,2', 'application/json')).toBe(400);
  });

  test('half-closed connections and ones cut in the middle are let go', async () => {
    for (const port of [engine.port, engine.ingestPort]) {
      const half = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
      const gone = closed(half);
      half.end('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n');
      await gone;
      const socket = await opened(
        `ws://127.0.0.1:${port}${port === engine.port ? '/api/v1/live' : ''}`,
      );
      socket.terminate();
    }
  });
});

test('the query that ran meanwhile counted everything, on time', async () => {
  clearInterval(timer);
  await until(() => total(windowsOf(witness), 'n') >= published, 'everything is counted');
  const windows = windowsOf(witness);
  expect(total(windows, 'n')).toBe(published);
  const ends = windows.map((window) => window.windowEnd ?? 0);
  expect(ends).toStrictEqual(ends.map((_none, i) => (ends[0] ?? 0) + 250 * i));
  expect(windows.every(({ completeness }) => completeness.events.late === 0)).toBe(true);
  expect(await engine.get('/api/v1/ledger')).toMatchObject({ closes: true });
  expect(engine.err()).not.toContain('the engine ended');
});
