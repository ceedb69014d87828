import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connect } from '../../src/client/connect.ts';
import { tokenDigest } from '../../src/gateway/tokens.ts';
import { startHarness } from '../support/gateway-harness.ts';
import type { GatewayHarness, HarnessOptions } from '../support/gateway-harness.ts';
import { rowsMessage } from '../support/memory-engine.ts';

type Message = Record<string, unknown>;

let gateway: GatewayHarness;
let sockets: WebSocket[];

beforeEach(async () => {
  sockets = [];
  gateway = await startHarness();
});

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await gateway.close();
  expect(gateway.defects).toEqual([]);
});

async function restart(options: HarnessOptions): Promise<void> {
  await gateway.close();
  gateway = await startHarness(options);
}

/** A socket whose messages are queued from the first on. */
class Peer {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  #messages: Message[] = [];
  #waiters: ((message: Message) => void)[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    sockets.push(socket);
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as Message;
      const waiter = this.#waiters.shift();
      if (waiter === undefined) this.#messages.push(message);
      else waiter(message);
    });
  }

  next(): Promise<Message> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }
}

async function open(headers: Record<string, string> = {}): Promise<Peer> {
  const url = `ws://127.0.0.1:${gateway.server.port}/api/v1/live`;
  const peer = new Peer(new WebSocket(url, { headers }));
  await new Promise((resolve, reject) => {
    peer.socket.once('open', resolve);
    peer.socket.once('error', reject);
  });
  return peer;
}

async function subscribed(peer: Peer, sub: string, more: object = {}): Promise<void> {
  peer.send({ type: 'subscribe', sub, query: 'select', ...more });
  expect(await peer.next()).toMatchObject({ sub, type: 'schema' });
}

describe('subscriptions on one socket', () => {
  test('each hears its own messages under its own name', async () => {
    const peer = await open();
    await subscribed(peer, 'a', { params: { n: [1] }, resume: 'p-0' });
    await subscribed(peer, 'b');
    expect(gateway.engine.opened[0]).toMatchObject({ params: { n: [1] }, resume: 'p-0' });
    gateway.engine.emit(rowsMessage(), 'p-1');
    expect(await peer.next()).toMatchObject({ sub: 'a', id: 'p-1', type: 'rows' });
    expect(await peer.next()).toMatchObject({ sub: 'b', id: 'p-1', type: 'rows' });
  });

  test('a long result arrives whole', async () => {
    const peer = await open();
    await subscribed(peer, 'a');
    const rows = [{ text: 'ü🦐'.repeat(30_000) }];
    gateway.engine.emit(rowsMessage({ rows }), 'p-1');
    expect(await peer.next()).toMatchObject({ sub: 'a', id: 'p-1', rows });
  });

  test('after unsubscribe its name is free', async () => {
    const peer = await open();
    await subscribed(peer, 'a');
    peer.send({ type: 'unsubscribe', sub: 'a' });
    await expect.poll(() => gateway.engine.open.size).toBe(0);
    await subscribed(peer, 'a');
    expect(gateway.engine.opened.length).toBe(2);
  });

  test('a mistake ends its subscription only', async () => {
    const peer = await open();
    await subscribed(peer, 'a');
    peer.send({ type: 'subscribe', sub: 'b', query: 'bad' });
    const refusal = await peer.next();
    expect(refusal).toMatchObject({
      sub: 'b',
      type: 'error',
      problem: { code: 'ENGINE_BAD_QUERY' },
    });
    gateway.engine.emit(rowsMessage(), 'p-1');
    expect(await peer.next()).toMatchObject({ sub: 'a', type: 'rows' });
  });

  test('leaving ends them all', async () => {
    const peer = await open();
    await subscribed(peer, 'a');
    await subscribed(peer, 'b');
    peer.socket.terminate();
    await expect.poll(() => gateway.engine.open.size).toBe(0);
    await expect.poll(() => gateway.server.clientCount).toBe(0);
  });

  test('more than the bound are refused', async () => {
    await restart({ settings: { subscriptionsPerClientMax: 1 } });
    const peer = await open();
    await subscribed(peer, 'a');
    peer.send({ type: 'subscribe', sub: 'b', query: 'select' });
    expect(await peer.next()).toMatchObject({ problem: { code: 'LIMIT_SUBSCRIPTIONS' } });
  });
});

describe('messages', () => {
  test('a ping is answered', async () => {
    const peer = await open();
    peer.send({ type: 'ping' });
    expect(await peer.next()).toEqual({ type: 'pong' });
  });

  test.each([
    { name: 'an unknown type', message: { type: 'dance', sub: 'x' }, sub: 'x' },
    { name: 'no name', message: { type: 'subscribe', query: 'select' }, sub: null },
    { name: 'an endless name', message: { type: 'subscribe', sub: 'x'.repeat(65) }, sub: null },
    { name: 'no query', message: { type: 'subscribe', sub: 'a' }, sub: 'a' },
    { name: 'a bad id', message: { type: 'subscribe', sub: 'a', query: 'q', resume: 7 }, sub: 'a' },
    {
      name: 'odd parameters',
      message: { type: 'subscribe', sub: 'a', query: 'q', params: [] },
      sub: 'a',
    },
  ])('$name is answered and nothing ends', async ({ message, sub }) => {
    const peer = await open();
    peer.send(message);
    expect(await peer.next()).toMatchObject({ sub, type: 'error', problem: { status: 400 } });
    await subscribed(peer, 'ok');
  });

  test('deep parameters are refused', async () => {
    const peer = await open();
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    peer.send(`{"type":"subscribe","sub":"a","query":"q","params":{"x":${deep}}}`);
    expect(await peer.next()).toMatchObject({ problem: { code: 'ENGINE_BAD_REQUEST' } });
  });

  test.each([
    { name: 'text that is not JSON', data: 'hello', code: 4400 },
    { name: 'a list', data: '[]', code: 4400 },
    { name: 'bytes', data: Buffer.from([1]), code: 1003 },
    { name: 'too much', data: 'x'.repeat(300_000), code: 1009 },
  ])('$name closes the socket', async ({ data, code }) => {
    const peer = await open();
    peer.socket.send(data);
    expect((await peer.closed).code).toBe(code);
  });

  test('a client that answers no pings is cut off', async () => {
    await restart({ settings: { pingMs: 20 } });
    const url = `ws://127.0.0.1:${gateway.server.port}/api/v1/live`;
    const peer = new Peer(new WebSocket(url, { autoPong: false }));
    expect((await peer.closed).code).toBe(1006);
  });
});

describe('tokens', () => {
  const tokens = [
    { name: 'reader', scopes: ['read'], streams: null, sha256: tokenDigest('r') },
    { name: 'agent', scopes: ['ingest'], streams: null, sha256: tokenDigest('i') },
  ] as const;

  beforeEach(async () => {
    await restart({ tokens, needsToken: true, settings: { handshakeMs: 100 } });
  });

  test('auth comes first', async () => {
    const peer = await open();
    peer.send({ type: 'auth', token: 'r' });
    await subscribed(peer, 'a');
  });

  test('a header does as well', async () => {
    await subscribed(await open({ authorization: 'Bearer r' }), 'a');
  });

  test.each([
    { name: 'a wrong token', message: { type: 'auth', token: 'x' } },
    { name: 'a query without token', message: { type: 'subscribe', sub: 'a', query: 'q' } },
    { name: 'nothing in time', message: null },
  ])('$name closes the socket', async ({ message }) => {
    const peer = await open();
    if (message !== null) peer.send(message);
    expect(await peer.closed).toEqual({ code: 4401, reason: 'ENGINE_UNAUTHORIZED' });
    expect(gateway.engine.opened).toEqual([]);
  });

  test('a token without the scope reads nothing', async () => {
    const peer = await open();
    peer.send({ type: 'auth', token: 'i' });
    peer.send({ type: 'subscribe', sub: 'a', query: 'q' });
    expect(await peer.next()).toMatchObject({ sub: 'a', problem: { code: 'ENGINE_FORBIDDEN' } });
    expect(gateway.engine.opened).toEqual([]);
  });
});

test('a client that does not read is closed and nobody else is slowed', async () => {
  await restart({ settings: { sendQueueBytesMax: 64 * 1024, slowClientMs: 50 } });
  const slow = await open();
  const quick = await open();
  await subscribed(slow, 'slow');
  await subscribed(quick, 'quick');
  slow.socket.pause();
  const rows = [{ text: 'x'.repeat(20_000) }];
  let sent = 0;
  while (gateway.engine.open.size > 1 || gateway.server.counters.slowClients === 0) {
    gateway.engine.emit(rowsMessage({ windowStart: sent, rows }), `p-${sent}`);
    expect(await quick.next()).toMatchObject({ sub: 'quick', id: `p-${sent}` });
    if (++sent > 5_000) break;
    if (gateway.server.counters.slowClients > 0) break;
  }
  expect(gateway.server.counters.slowClients).toBe(1);
});

test('a stopping engine tells the end and closes with 1001', async () => {
  const peer = await open();
  await subscribed(peer, 'a');
  gateway.engine.end('drain');
  await gateway.server.close(1_000);
  expect(await peer.next()).toMatchObject({ sub: 'a', type: 'end', reason: 'drain' });
  expect(await peer.closed).toEqual({ code: 1001, reason: 'ENGINE_STOPPING' });
});

describe('connect()', () => {
  test('follows a query over a restart of the engine, on the same port', async () => {
    const client = connect(gateway.url);
    const messages = client.subscribe('select', { params: { n: 1 } })[Symbol.asyncIterator]();
    expect((await messages.next()).value?.message.type).toBe('schema');
    gateway.engine.emit(rowsMessage(), 'p-1');
    expect(await messages.next()).toMatchObject({
      value: { id: 'p-1', message: { type: 'rows' } },
    });
    const { port } = gateway.server;
    await restart({ port });
    expect((await messages.next()).value?.message.type).toBe('schema');
    expect(gateway.engine.opened[0]).toMatchObject({ resume: 'p-1', params: { n: 1 } });
    client.close();
    await expect.poll(() => gateway.engine.open.size).toBe(0);
  });

  test('says that nobody is there', async () => {
    const client = connect('http://127.0.0.1:1');
    const state = await new Promise((resolve) => {
      client.onState((next) => {
        if (next.status === 'waiting') resolve(next);
      });
    });
    client.close();
    expect(state).toMatchObject({ everConnected: false });
    expect((state as { reason: string }).reason).toContain('ECONNREFUSED');
  });

  test('refuses addresses it cannot speak to', () => {
    expect(() => connect('ftp://127.0.0.1')).toThrow('not an http(s) or ws(s) address');
  });
});

test('a client that says much at once leaves others their turn', async () => {
  const [many, one] = [await open(), await open()];
  const count = 500;
  // In one piece, which the engine reads at once.
  const { _socket: raw } = many.socket as unknown as { readonly _socket: Socket };
  raw.cork();
  for (let i = 0; i < count; i++) many.send({ type: 'subscribe', sub: `m${i}`, query: `bad ${i}` });
  raw.uncork();
  one.send({ type: 'subscribe', sub: 'one', query: 'bad: of another' });
  for (let i = 0; i < count; i++) await many.next();
  await one.next();
  const asked = gateway.engine.opened.map(({ query }) => query);
  expect(asked).toHaveLength(count + 1);
  expect(asked.indexOf('bad: of another')).toBeLessThan(count);
});
