import { connect as connectTcp } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEvents, startHarness } from '../support/gateway-harness.ts';
import type { EventReader, GatewayHarness } from '../support/gateway-harness.ts';
import { rowsMessage } from '../support/memory-engine.ts';

let gateway: GatewayHarness;
let readers: EventReader[];

beforeEach(async () => {
  readers = [];
  gateway = await startHarness({ settings: { keepAliveMs: 20 } });
});

afterEach(async () => {
  for (const reader of readers) reader.close();
  await gateway.close();
  expect(gateway.defects).toEqual([]);
});

async function live(search: string, headers: Record<string, string> = {}): Promise<EventReader> {
  const reader = await openEvents(`${gateway.url}/api/v1/query/live?${search}`, headers);
  readers.push(reader);
  return reader;
}

describe('a query as an event stream', () => {
  test('events are named by type and carry ids', async () => {
    const reader = await live('q=select');
    expect(reader.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(reader.response.headers.get('x-accel-buffering')).toBe('no');
    expect(await reader.next()).toMatchObject({ id: null, event: 'schema' });
    gateway.engine.emit(rowsMessage(), 'p-1');
    const rows = await reader.next();
    expect(rows).toMatchObject({
      id: 'p-1',
      event: 'rows',
      data: { type: 'rows', windowEnd: 1_000 },
    });
  });

  test('parameters are read from the address', async () => {
    await live('q=s&p.n=5&p.t=10s&p.b=true&p.s=%22x%22&p.z=null');
    const params = { n: 5, t: '10s', b: true, s: 'x', z: null };
    expect(gateway.engine.opened[0]?.params).toEqual(params);
  });

  test.each([
    {
      name: 'the header',
      search: 'q=s&resume=a-1',
      headers: { 'last-event-id': 'a-2' },
      id: 'a-2',
    },
    { name: 'the address', search: 'q=s&resume=a-1', headers: {}, id: 'a-1' },
    { name: 'nothing', search: 'q=s', headers: {}, id: null },
  ])('resumes by $name', async ({ search, headers, id }) => {
    await live(search, headers);
    expect(gateway.engine.opened[0]?.resume).toBe(id);
  });

  test('a mistake is a problem with its own status', async () => {
    const answer = await gateway.call({ path: '/api/v1/query/live?q=bad' });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ code: 'ENGINE_BAD_QUERY', diagnostics: [{}] });
    expect(gateway.server.clientCount).toBe(0);
  });

  test('no query is a problem', async () => {
    expect((await gateway.call({ path: '/api/v1/query/live' })).status).toBe(400);
  });

  test('the end is told, then the stream ends', async () => {
    const reader = await live('q=s');
    await reader.next();
    gateway.engine.end('stopped');
    expect(await reader.next()).toMatchObject({ event: 'end', data: { reason: 'stopped' } });
    expect(await reader.next()).toBeNull();
    expect(gateway.server.clientCount).toBe(0);
  });

  test('a client that leaves ends its subscription', async () => {
    const reader = await live('q=s');
    await expect.poll(() => gateway.engine.open.size).toBe(1);
    reader.close();
    await expect.poll(() => gateway.engine.open.size).toBe(0);
    await expect.poll(() => gateway.server.clientCount).toBe(0);
  });

  test('a silent stream is kept alive by comments', async () => {
    const abort = new AbortController();
    const response = await fetch(`${gateway.url}/api/v1/query/live?q=s`, { signal: abort.signal });
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString('utf8');
      if (text.includes('\n:\n\n')) break;
    }
    abort.abort();
    expect(text).toContain('retry: ');
  });

  test('clients beyond the bound are refused', async () => {
    await gateway.close();
    gateway = await startHarness({ settings: { clientsMax: 1 } });
    await live('q=s');
    const answer = await gateway.call({ path: '/api/v1/query/live?q=s' });
    expect(answer.json).toMatchObject({ status: 503, code: 'LIMIT_CLIENTS' });
  });
});

describe('a client that does not read', () => {
  test('loses provisional answers first, hears of it, and is closed in the end', async () => {
    await gateway.close();
    const settings = { sendQueueBytesMax: 64 * 1024, slowClientMs: 50 };
    gateway = await startHarness({ settings });
    const socket = connectTcp(gateway.server.port, '127.0.0.1');
    socket.pause();
    socket.on('error', () => undefined);
    const host = `127.0.0.1:${gateway.server.port}`;
    socket.write(`GET /api/v1/query/live?q=s HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await expect.poll(() => gateway.engine.open.size).toBe(1);
    const rows = [{ text: 'x'.repeat(20_000) }];
    for (let window = 0; gateway.engine.open.size > 0 && window < 20_000; window++) {
      gateway.engine.emit(rowsMessage({ windowStart: window, rows }), `p-${window}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(gateway.server.counters.dropped).toBeGreaterThan(0);
    expect(gateway.server.counters.slowClients).toBe(1);
    expect(gateway.server.clientCount).toBe(0);
    socket.destroy();
  });
});

test('a stopping engine says goodbye to its streams', async () => {
  const reader = await live('q=s');
  await reader.next();
  gateway.engine.end('drain');
  await gateway.server.close(1_000);
  expect(await reader.next()).toMatchObject({ event: 'end', data: { reason: 'drain' } });
});
