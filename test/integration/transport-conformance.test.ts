/** Both adapters of the ingest port behave alike, as far as an agent can tell. */
import { randomBytes } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { configWith } from '../../src/config.ts';
import type { Config } from '../../src/config.ts';
import { chooseTransport } from '../../src/gateway/choose-transport.ts';
import type { IngestListener } from '../../src/gateway/ingest-transport.ts';
import { callPort } from '../support/gateway-harness.ts';
import { adapters, Recorder, uws } from '../support/transport-recorder.ts';

interface Closing {
  readonly code: number;
  readonly reason: string;
}

describe.each(adapters.filter(({ skip }) => !skip))('ingest over $label', ({ name }) => {
  let recorder: Recorder;
  let listener: IngestListener;
  let clients: (WebSocket | Socket)[];

  beforeEach(async () => {
    clients = [];
    recorder = new Recorder();
    listener = await recorder.listen(await chooseTransport(name), {});
  });

  afterEach(() => {
    for (const client of clients) {
      if (client instanceof WebSocket) client.terminate();
      else client.destroy();
    }
    listener.close();
  });

  async function relisten(changes: Partial<Config>): Promise<void> {
    listener.close();
    recorder = new Recorder();
    listener = await recorder.listen(await chooseTransport(name), changes);
  }

  function client(protocols: string[] = ['squilla.v1'], headers = {}): WebSocket {
    const url = `ws://127.0.0.1:${listener.port}/`;
    const socket = new WebSocket(url, protocols, { headers, perMessageDeflate: false });
    socket.on('error', () => undefined);
    clients.push(socket);
    return socket;
  }

  async function opened(socket: WebSocket): Promise<WebSocket> {
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return socket;
  }

  function message(socket: WebSocket): Promise<Buffer> {
    return new Promise((resolve) => socket.once('message', (data) => resolve(data as Buffer)));
  }

  function closing(socket: WebSocket): Promise<Closing> {
    return new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  function refused(socket: WebSocket): Promise<number> {
    return new Promise((resolve) => {
      socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    });
  }

  /** Proves that nothing else was taken down. */
  async function expectEcho(): Promise<void> {
    const socket = await opened(client());
    const answer = message(socket);
    socket.send('alive');
    expect((await answer).toString()).toBe('alive');
  }

  test('an agent is greeted with its subprotocol', async () => {
    const socket = await opened(client(['other', 'squilla.v1']));
    expect(socket.protocol).toBe('squilla.v1');
    await expect.poll(() => [...recorder.open.values()]).toEqual(['agent']);
    expect(listener.connections).toBe(1);
  });

  test('a client without subprotocol speaks JSON', async () => {
    const socket = await opened(client([]));
    expect(socket.protocol).toBe('');
    await expect.poll(() => [...recorder.open.values()]).toEqual(['json']);
  });

  test('a wrong subprotocol is refused', async () => {
    expect(await refused(client(['mqtt']))).toBe(400);
    expect(recorder.opened).toEqual([]);
    await expectEcho();
  });

  test('text and bytes come back as they went', async () => {
    const socket = await opened(client());
    const text = message(socket);
    socket.send('gruß 🦐');
    expect((await text).toString()).toBe('gruß 🦐');
    const bytes = randomBytes(200_000);
    const echo = message(socket);
    socket.send(bytes);
    expect((await echo).equals(bytes)).toBe(true);
  });

  test('bytes lie at a multiple of 8, whatever came before', async () => {
    const socket = await opened(client());
    for (let length = 1; length <= 40; length++) socket.send(randomBytes(length));
    await expect.poll(() => recorder.lengths.length).toBe(40);
    expect(new Set(recorder.offsets)).toEqual(new Set([0]));
  });

  test('fragments are put together', async () => {
    const socket = await opened(client());
    const answer = message(socket);
    socket.send('one ', { fin: false });
    socket.send('two', { fin: true });
    expect((await answer).toString()).toBe('one two');
  });

  test('an oversize frame closes its connection only', async () => {
    const socket = await opened(client());
    const closed = closing(socket);
    socket.send(randomBytes(256 * 1024 + 1));
    expect([1006, 1009]).toContain((await closed).code);
    await expect.poll(() => recorder.closed.length).toBe(1);
    expect(recorder.lengths).toEqual([]);
    await expectEcho();
  });

  test('a frame of the largest size passes', async () => {
    const socket = await opened(client());
    const answer = message(socket);
    socket.send(randomBytes(256 * 1024));
    expect((await answer).length).toBe(256 * 1024);
  });

  test('a close says its code and reason', async () => {
    const socket = await opened(client());
    await expect.poll(() => recorder.opened.length).toBe(1);
    const closed = closing(socket);
    listener.disconnect(recorder.opened[0] ?? 0, 1013, 'LIMIT_AGENTS');
    expect(await closed).toEqual({ code: 1013, reason: 'LIMIT_AGENTS' });
    await expect.poll(() => recorder.closed).toEqual(recorder.opened);
  });

  test('a connection cut off is closed once', async () => {
    const socket = await opened(client());
    await expect.poll(() => recorder.opened.length).toBe(1);
    socket.terminate();
    await expect.poll(() => recorder.closed).toEqual(recorder.opened);
    expect(() => {
      listener.send(recorder.opened[0] ?? 0, 'late');
      listener.disconnect(recorder.opened[0] ?? 0, 1000, '');
    }).not.toThrow();
    await expectEcho();
  });

  test('a half-open connection is found by pings', async () => {
    await relisten({ pingMs: 30 });
    const socket = connectTcp(listener.port, '127.0.0.1');
    clients.push(socket);
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${listener.port}\r\nUpgrade: websocket\r\n` +
        'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Protocol: squilla.v1\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await expect.poll(() => recorder.opened.length).toBe(1);
    await expect.poll(() => recorder.closed.length).toBe(1);
  });

  test('a connection that answers pings stays', async () => {
    await relisten({ pingMs: 20 });
    const socket = await opened(client());
    let pings = 0;
    await new Promise<void>((resolve) => {
      socket.on('ping', () => {
        if (++pings === 5) resolve();
      });
    });
    expect(recorder.closed).toEqual([]);
  });

  test.each([
    { garbage: 'before the upgrade', head: '' },
    { garbage: 'after the upgrade', head: 'upgrade' },
  ])('garbage $garbage closes its connection only', async ({ head }) => {
    const socket = connectTcp(listener.port, '127.0.0.1');
    clients.push(socket);
    socket.on('error', () => undefined);
    const gone = new Promise((resolve) => socket.once('close', resolve));
    if (head !== '') {
      socket.write(
        `GET / HTTP/1.1\r\nHost: 127.0.0.1:${listener.port}\r\nUpgrade: websocket\r\n` +
          'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
          'Sec-WebSocket-Protocol: squilla.v1\r\n' +
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      await expect.poll(() => recorder.opened.length).toBe(1);
    }
    socket.resume();
    socket.write(Buffer.alloc(4_096, 0xff));
    socket.write('\r\n\r\n');
    await gone;
    await expectEcho();
  });

  test('text that is not UTF-8 never arrives as text', async () => {
    const socket = await opened(client());
    const closed = closing(socket);
    socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
    expect([1006, 1007]).toContain((await closed).code);
    expect(recorder.texts).toEqual([]);
  });

  test('many connections come and go', async () => {
    const sockets = await Promise.all(Array.from({ length: 200 }, () => opened(client())));
    await expect.poll(() => listener.connections).toBe(200);
    const answers = sockets.map((socket) => message(socket));
    for (const [i, socket] of sockets.entries()) socket.send(String(i));
    const texts = (await Promise.all(answers)).map((answer) => answer.toString());
    expect(texts).toEqual(sockets.map((_, i) => String(i)));
    for (const socket of sockets) socket.close();
    await expect.poll(() => listener.connections).toBe(0);
    expect(new Set(recorder.opened).size).toBe(200);
    expect(recorder.closed.length).toBe(200);
  });

  test('connections beyond the bound are refused', async () => {
    await relisten({ agentsMax: 2 });
    await opened(client());
    await opened(client());
    await expect.poll(() => listener.connections).toBe(2);
    expect(await refused(client())).toBe(503);
  });

  test.each([
    { name: 'a rebound name', headers: { host: 'evil.example' }, status: 403 },
    { name: 'a foreign origin', headers: { origin: 'https://evil.example' }, status: 403 },
    { name: 'a page of another site', headers: { 'sec-fetch-site': 'cross-site' }, status: 403 },
  ])('$name is refused', async ({ headers, status }) => {
    expect(await refused(client(['squilla.v1'], headers))).toBe(status);
    expect(recorder.opened).toEqual([]);
  });

  test('a peer that does not read is cut off', async () => {
    await relisten({ sendQueueBytesMax: 64 * 1024 });
    const socket = await opened(client());
    await expect.poll(() => recorder.opened.length).toBe(1);
    socket.pause();
    const chunk = 'x'.repeat(128 * 1024);
    // The kernel takes some megabytes before anything queues up here.
    for (let i = 0; i < 500 && recorder.closed.length === 0; i++) {
      listener.send(recorder.opened[0] ?? 0, chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => recorder.closed).toEqual(recorder.opened);
    await expectEcho();
  });

  test('a taken port is said with the flag to change', async () => {
    const transport = await chooseTransport(name);
    const common = { host: '127.0.0.1', allowedHosts: [], tls: null, shared: false };
    const config = configWith({});
    const handlers = {
      open: () => undefined,
      text: () => undefined,
      binary: () => undefined,
      closed: () => undefined,
      request: () => Promise.resolve({ status: 404, headers: {}, body: '' }),
    };
    const second = transport.listen({ ...common, port: listener.port, config }, handlers);
    await expect(second).rejects.toMatchObject({ code: 'ENGINE_PORT_IN_USE' });
    await expect(second).rejects.toThrow('--ingest-port');
  });

  test('closing says goodbye and frees the port', async () => {
    const socket = await opened(client());
    await expect.poll(() => recorder.opened.length).toBe(1);
    const { port } = listener;
    const closed = closing(socket);
    listener.close();
    listener.close();
    expect(await closed).toEqual({ code: 1001, reason: 'ENGINE_STOPPING' });
    await expect.poll(() => recorder.closed).toEqual(recorder.opened);
    await expect(callPort(port, { path: '/' })).rejects.toThrow('ECONNREFUSED');
  });
});

describe.skipIf(uws.ok)(`uWebSockets.js is not tested: ${uws.ok ? '' : uws.error}`, () => {
  test('it is refused by name', async () => {
    await expect(chooseTransport('uws')).rejects.toMatchObject({ code: 'ENGINE_NO_TRANSPORT' });
  });
});

test('the choice says why', async () => {
  const auto = await chooseTransport('auto');
  expect(auto.name).toBe(uws.ok ? 'uws' : 'ws');
  expect(auto.reason).not.toBe('');
  expect(await chooseTransport('ws')).toMatchObject({ name: 'ws', reason: 'asked for' });
});
