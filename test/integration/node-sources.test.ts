/** What a Node.js service tells of itself, with real servers, frameworks, clients and crashes. */
import { once } from 'node:events';
import { createServer, get, request as httpRequest } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { connect } from 'node:net';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import express from 'express';
import fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAgent } from '../../agents/agent.ts';
import type { Agent } from '../../agents/agent.ts';
import { instrument } from '../../agents/node/instrument.ts';
import type { InstrumentOptions } from '../../agents/node/instrument.ts';
import { expressMiddleware, fastifyPlugin } from '../../agents/node/middleware.ts';
import { systemClock } from '../../src/core/clock.ts';
import { queryOf, sourceOf } from '../support/fake-engine.ts';
import { SocketEngine } from '../support/socket-engine.ts';

const SERVER_FIELDS = ['method', 'route', 'path', 'status', 'aborted', 'trace_id', 'duration_ms'];
const SIZES = ['request_bytes', 'response_bytes'];
const CLIENT_FIELDS = ['library', 'method', 'host', 'path', 'status', 'error', 'trace_id'];
const HEALTH_FIELDS = ['utilization', 'mean_ms', 'p50_ms', 'p99_ms', 'max_ms'];
const STREAMS = ['http.server', 'http.client', 'node.event_loop', 'node.gc', 'node.errors'];
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

const closing: (() => void | Promise<void>)[] = [];
let engine: SocketEngine;
let agent: Agent;

beforeEach(async () => {
  engine = await SocketEngine.listen();
  engine.queries = [
    queryOf('http.server', sourceOf([...SERVER_FIELDS, ...SIZES])),
    queryOf('http.client', sourceOf([...CLIENT_FIELDS, ...SIZES, 'duration_ms'])),
    queryOf('node.event_loop', sourceOf(HEALTH_FIELDS)),
    queryOf('node.gc', sourceOf(['kind', 'duration_ms'])),
    queryOf('node.errors', sourceOf(['kind', 'name', 'message', 'code', 'stack', 'fatal'])),
  ];
  agent = createAgent({ url: engine.url, service: 'shop', handleSignals: false, streams: STREAMS });
});

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await agent.close();
  await engine.close();
});

async function observed(options: InstrumentOptions): Promise<void> {
  const only = { server: false, client: false, errors: false, health: false };
  const watching = instrument(agent, { ...only, ...options });
  closing.push(() => watching.stop());
  await asked();
}

/** All queries are in force. */
async function asked(): Promise<void> {
  for (const name of STREAMS) await engine.until(() => agent.stream(name).active);
}

async function serving(listener: RequestListener): Promise<string> {
  return listening(createServer(listener));
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The events of one stream, once there are so many. */
async function events(stream: string, count: number): Promise<Record<string, unknown>[]> {
  const rows = (): Record<string, unknown>[] =>
    engine.frames.filter(({ header }) => header.stream === stream).flatMap(({ rows }) => rows);
  await engine.until(() => rows().length >= count);
  return rows();
}

describe('requests that a server answers', () => {
  test('are told with their path, status, sizes and trace', async () => {
    await observed({ server: true });
    const url = await serving((request, response) => {
      request.resume().on('end', () => {
        response.statusCode = 201;
        response.end('created');
      });
    });
    const headers = { traceparent: TRACEPARENT };
    await fetch(`${url}/orders?secret=1`, { method: 'POST', body: 'four', headers });
    const [event] = await events('http.server', 1);
    expect(event).toMatchObject({
      method: 'POST',
      path: '/orders',
      status: 201,
      aborted: false,
      trace_id: TRACE,
      request_bytes: 4,
    });
    expect(event?.['response_bytes']).toBeGreaterThan(7);
    expect(event).not.toHaveProperty('route');
    expect(event?.['duration_ms']).toBeGreaterThan(0);
  });

  test('that break off are told as aborted', async () => {
    await observed({ server: true });
    let arrived: () => void = () => undefined;
    const hanging = new Promise<void>((resolve) => (arrived = resolve));
    const url = await serving(() => arrived());
    const client = get(`${url}/hangs`);
    client.on('error', () => undefined);
    await hanging;
    client.destroy();
    const [event] = await events('http.server', 1);
    expect(event).toMatchObject({ path: '/hangs', aborted: true });
    expect(event).not.toHaveProperty('status');
  });

  test('of garbage are no requests, and harm nothing', async () => {
    await observed({ server: true });
    const url = await serving((_request, response) => response.end('ok'));
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume().end('NONSENSE\r\n\r\n');
    await once(socket, 'close');
    const odd = httpRequest(`${url}/odd`, {
      headers: { traceparent: '00-zz-1', 'content-length': '0' },
    });
    odd.end();
    await once(odd, 'response');
    const [event] = await events('http.server', 1);
    expect(event).toMatchObject({ path: '/odd', status: 200 });
    expect(event).not.toHaveProperty('trace_id');
  });

  test('are not told any more once the instrumentation has stopped', async () => {
    const watching = instrument(agent, { client: false, errors: false, health: false });
    await asked();
    const url = await serving((_request, response) => response.end('ok'));
    await fetch(`${url}/one`);
    await events('http.server', 1);
    watching.stop();
    await fetch(`${url}/two`);
    await agent.close();
    expect(await events('http.server', 1)).toMatchObject([{ path: '/one' }]);
  });
});

describe('Express', () => {
  test.each(['alone', 'beside instrument'])('tells routes, %s', async (how) => {
    await observed({ server: how !== 'alone' });
    await asked();
    const app = express();
    if (how === 'alone') app.use(expressMiddleware(agent));
    const orders = express.Router();
    orders.get('/:id', (request, response) => void response.json({ id: request.params.id }));
    app.use('/orders', orders);
    app.get('/fails', () => {
      throw new Error('as it must');
    });
    app.set('env', 'test');
    const url = await listening(createServer(app));
    for (const path of ['/orders/7?full=1', '/fails', '/nowhere']) {
      await (await fetch(url + path)).text();
    }
    expect(await events('http.server', 3)).toMatchObject([
      { route: '/orders/:id', path: '/orders/7', status: 200 },
      { route: '/fails', path: '/fails', status: 500 },
      { path: '/nowhere', status: 404 },
    ]);
  });
});

describe('Fastify', () => {
  test.each(['alone', 'beside instrument'])('tells routes, %s', async (how) => {
    await observed({ server: how !== 'alone' });
    await asked();
    const app = fastify();
    closing.push(() => app.close());
    await app.register(fastifyPlugin(agent));
    await app.register((orders, _options, done) => {
      orders.get('/orders/:id', (request) => Promise.resolve(request.params));
      orders.get('/fails', () => Promise.reject(new Error('as it must')));
      done();
    });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    for (const path of ['/orders/7?full=1', '/fails', '/nowhere']) {
      await (await fetch(url + path)).text();
    }
    expect(await events('http.server', 3)).toMatchObject([
      { route: '/orders/:id', path: '/orders/7', status: 200 },
      { route: '/fails', path: '/fails', status: 500 },
      { path: '/nowhere', status: 404 },
    ]);
  });
});

describe('requests that the process makes', () => {
  test('with fetch and with node:http are told alike', async () => {
    await observed({ client: true });
    const url = await serving((request, response) => {
      request.resume();
      response.writeHead(request.url === '/gone' ? 410 : 200, { 'content-length': '2' });
      response.end('ok');
    });
    const headers = { traceparent: TRACEPARENT };
    await (await fetch(`${url}/a?q=1`, { method: 'POST', body: 'four', headers })).text();
    const old = httpRequest(`${url}/gone`, { method: 'DELETE', headers });
    old.end();
    const [answer] = (await once(old, 'response')) as [NodeJS.ReadableStream];
    answer.resume();
    const told = await events('http.client', 2);
    const common = { host: new URL(url).host, trace_id: TRACE, response_bytes: 2 };
    expect(told).toMatchObject([
      { library: 'undici', method: 'POST', path: '/a', status: 200, request_bytes: 4, ...common },
      { library: 'http', method: 'DELETE', path: '/gone', status: 410, ...common },
    ]);
  });

  test('and that fail are told with the reason, which stays with the caller', async () => {
    await observed({ client: true });
    const url = await serving((request) => request.socket.destroy());
    await expect(fetch(`${url}/x`)).rejects.toThrow('fetch failed');
    const old = get(`${url}/y`);
    const [error] = (await once(old, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    const told = await events('http.client', 2);
    expect(told).toMatchObject([
      { library: 'undici', path: '/x', error: 'UND_ERR_SOCKET' },
      { library: 'http', path: '/y', error: 'ECONNRESET' },
    ]);
  });

  test("leave out the agent's own connection", async () => {
    await observed({ client: true });
    const port = engine.port;
    await engine.close();
    engine = await SocketEngine.listen(port);
    engine.queries = [queryOf('http.client', sourceOf(CLIENT_FIELDS))];
    await engine.until(() => engine.messages.some(({ type }) => type === 'plansAck'));
    const url = await serving((_request, response) => response.end('ok'));
    await (await fetch(`${url}/only`)).text();
    expect(await events('http.client', 1)).toMatchObject([{ path: '/only' }]);
  });
});

describe('the health of the process', () => {
  test('its event loop and its garbage collection are told while somebody asks', async () => {
    await observed({ health: true, intervalMs: 20 });
    const untilMs = systemClock.now() + 60;
    await delay(30);
    while (systemClock.now() < untilMs) JSON.parse(JSON.stringify({ held: true }));
    const waste: unknown[] = [];
    const timer = setInterval(() => {
      for (let i = 0; i < 50_000; i++) waste[i % 100] = { i, text: `x${i}` };
    }, 1);
    closing.push(() => clearInterval(timer));
    const loops = await events('node.event_loop', 3);
    for (const loop of loops) {
      expect(loop['utilization']).toBeGreaterThanOrEqual(0);
      expect(loop['max_ms']).toBeGreaterThanOrEqual(loop['p50_ms'] as number);
    }
    const kinds = new Set((await events('node.gc', 5)).map(({ kind }) => kind));
    expect([...kinds]).toContain('minor');
  });
});

describe('errors that nobody caught', () => {
  const DIST = pathToFileURL(join(import.meta.dirname, '../../dist/agents/')).href;

  /** A service that does `deed` once its errors are asked for; resolves with how it ended. */
  async function service(deed: string): Promise<{ code: unknown; err: string }> {
    const script = `
      import { createAgent } from '${DIST}index.js';
      import { instrument } from '${DIST}node/index.js';
      const agent = createAgent({ url: '${engine.url}', service: 'doomed' });
      instrument(agent);
      const errors = agent.stream('node.errors');
      const timer = setInterval(() => {
        if (!errors.active) return;
        clearInterval(timer);
        ${deed}
      }, 5);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    closing.push(() => void child.kill('SIGKILL'));
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const [code] = (await once(child, 'close')) as [unknown];
    return { code, err };
  }

  test.each([
    ['uncaughtException', 'throw Object.assign(new TypeError("no plan"), { code: "E_PLAN" });'],
    [
      'unhandledRejection',
      'Promise.reject(Object.assign(new TypeError("no plan"), { code: "E_PLAN" }));',
    ],
  ])('reach the engine though the process ends of them: %s', async (kind, deed) => {
    await agent.close();
    const { code, err } = await service(deed);
    expect(code).toBe(1);
    expect(err).toContain('TypeError: no plan');
    const [event] = await events('node.errors', 1);
    const facts = { kind, name: 'TypeError', message: 'no plan', code: 'E_PLAN', fatal: true };
    expect(event).toMatchObject(facts);
    expect(event?.['stack']).toContain('TypeError: no plan');
  });

  test('and that the service handles leave it and its agent running', async () => {
    await agent.close();
    const { code } = await service(`
      process.on('uncaughtException', () => setTimeout(() => void agent.close('by itself'), 30));
      throw 'a text';`);
    expect(code).toBe(0);
    const [event] = await events('node.errors', 1);
    const facts = { kind: 'uncaughtException', name: 'string', message: 'a text', fatal: false };
    expect(event).toMatchObject(facts);
    await engine.until(() =>
      engine.messages.some((m) => m.type === 'bye' && m.reason === 'by itself'),
    );
  });
});
