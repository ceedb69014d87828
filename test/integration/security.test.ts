import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { tokenDigest } from '../../src/gateway/tokens.ts';
import { openEvents, startHarness } from '../support/gateway-harness.ts';
import type { GatewayHarness } from '../support/gateway-harness.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const NDJSON = { 'content-type': 'application/x-ndjson' };

let gateway: GatewayHarness;

afterEach(async () => {
  await gateway.close();
  expect(gateway.defects).toEqual([]);
});

function upgradeStatus(headers: Record<string, string>, path = '/api/v1/live'): Promise<number> {
  const url = `ws://127.0.0.1:${gateway.server.port}${path}`;
  const socket = new WebSocket(url, { headers });
  return new Promise((resolve) => {
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('error', () => undefined);
  });
}

describe('pages of others', () => {
  beforeEach(async () => {
    gateway = await startHarness({
      allowedHosts: ['squilla.internal'],
      allowedOrigins: ['https://portal.example'],
    });
  });

  const own = (): string => `127.0.0.1:${gateway.server.port}`;

  test.each(['evil.example', 'evil.example:7070', '10.0.0.1', 'localhost.evil.example', '[::2]'])(
    'a name rebound to this address is refused: %s',
    async (host) => {
      const answer = await gateway.call({ path: '/api/v1/streams', headers: { host } });
      expect(answer.json).toMatchObject({ status: 403, code: 'ENGINE_BAD_HOST' });
      expect(await upgradeStatus({ host })).toBe(403);
      const page = await gateway.call({ path: '/', headers: { host } });
      expect(page.status).toBe(403);
    },
  );

  test.each([
    'localhost',
    'localhost:1',
    'app.localhost',
    '127.0.0.1',
    '[::1]:7070',
    'Squilla.Internal',
  ])('the host %s is this engine', async (host) => {
    const answer = await gateway.call({ path: '/api/v1/streams', headers: { host } });
    expect(answer.status).toBe(200);
    expect(await upgradeStatus({ host })).toBe(101);
  });

  test.each([
    'https://evil.example',
    'null',
    'http://127.0.0.1:1',
    'http://localhost.evil.example',
  ])('a foreign origin is refused: %s', async (origin) => {
    const answer = await gateway.call({ path: '/api/v1/streams', headers: { origin } });
    expect(answer.json).toMatchObject({ status: 403, code: 'ENGINE_BAD_ORIGIN' });
    expect(await upgradeStatus({ origin })).toBe(403);
  });

  test('own and allowed origins are let in', async () => {
    for (const origin of [`http://${own()}`, `https://${own()}`, 'https://portal.example']) {
      const answer = await gateway.call({ path: '/api/v1/streams', headers: { origin } });
      expect(answer.status, origin).toBe(200);
      expect(await upgradeStatus({ origin }), origin).toBe(101);
    }
  });

  test.each([
    { site: 'cross-site', path: '/api/v1/streams', mode: 'no-cors', status: 403 },
    { site: 'same-site', path: '/api/v1/streams', mode: 'cors', status: 403 },
    { site: 'cross-site', path: '/api/v1/streams', mode: 'navigate', status: 403 },
    { site: 'cross-site', path: '/metrics', mode: 'navigate', status: 403 },
    { site: 'same-origin', path: '/api/v1/streams', mode: 'cors', status: 200 },
    { site: 'none', path: '/api/v1/streams', mode: 'navigate', status: 200 },
    // A link in a chat may open the dashboard (none is built here).
    { site: 'cross-site', path: '/', mode: 'navigate', status: 404 },
  ])('$site $mode of $path answers $status', async ({ site, path, mode, status }) => {
    const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': mode };
    expect((await gateway.call({ path, headers })).status).toBe(status);
  });

  test.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'text/plain; charset=application/json',
    '',
  ])('a form post is refused: %s', async (type) => {
    const headers = type === '' ? {} : { 'content-type': type };
    for (const path of [
      '/api/v1/streams/plays/events',
      '/api/v1/query/check',
      '/api/v1/session',
      '/api/v1/demo/break',
      '/api/v1/demo/heal',
    ]) {
      const answer = await gateway.call({ method: 'POST', path, headers, body: '{"a":1}' });
      expect(answer.status, path).toBe(415);
    }
    expect(gateway.engine.bodies).toEqual([]);
  });

  test('answers forbid framing, sniffing and foreign reading', async () => {
    const { headers } = await gateway.call({ path: '/api/v1/nothing' });
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('an upgrade elsewhere is refused', async () => {
    expect(await upgradeStatus({}, '/api/v1/other')).toBe(404);
  });
});

describe('tokens', () => {
  const tokens = [
    { name: 'agents', scopes: ['ingest'], streams: ['plays'], sha256: tokenDigest('ti') },
    { name: 'viewer', scopes: ['read'], streams: null, sha256: tokenDigest('tr') },
    { name: 'editor', scopes: ['write'], streams: null, sha256: tokenDigest('tw') },
    { name: 'boss', scopes: ['admin'], streams: null, sha256: tokenDigest('ta') },
  ] as const;

  beforeEach(async () => {
    gateway = await startHarness({ tokens, needsToken: true });
  });

  const calls = {
    ingest: { method: 'POST', path: '/api/v1/streams/plays/events', headers: NDJSON, body: '{}\n' },
    read: { method: 'GET', path: '/api/v1/streams', headers: {} },
    live: { method: 'GET', path: '/api/v1/query/live?q=bad', headers: {} },
    metrics: { method: 'GET', path: '/metrics', headers: {} },
    write: { method: 'DELETE', path: '/api/v1/queries/q1', headers: {} },
  } as const;

  test.each([
    { token: null, ingest: 401, read: 401, live: 401, metrics: 401, write: 401 },
    { token: 'wrong', ingest: 401, read: 401, live: 401, metrics: 401, write: 401 },
    { token: 'ti', ingest: 200, read: 403, live: 403, metrics: 403, write: 403 },
    { token: 'tr', ingest: 403, read: 200, live: 400, metrics: 200, write: 403 },
    { token: 'tw', ingest: 403, read: 200, live: 400, metrics: 200, write: 204 },
    { token: 'ta', ingest: 200, read: 200, live: 400, metrics: 200, write: 204 },
  ])('the token $token may do what its scopes say', async ({ token, ...expected }) => {
    for (const [name, status] of Object.entries(expected)) {
      const call = calls[name as keyof typeof calls];
      const headers = {
        ...call.headers,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      };
      const answer = await gateway.call({ ...call, headers });
      expect(answer.status, name).toBe(status);
    }
  });

  test('a token of some streams publishes to no other', async () => {
    const headers = { ...NDJSON, authorization: 'Bearer ti' };
    const path = '/api/v1/streams/other/events';
    const answer = await gateway.call({ method: 'POST', path, headers, body: '{}\n' });
    expect(answer.json).toMatchObject({ code: 'ENGINE_FORBIDDEN' });
  });

  test.each(['/-/healthy', '/-/ready', '/openapi.json'])('%s needs none', async (path) => {
    expect((await gateway.call({ path })).status).toBe(200);
  });

  test('a wrong header is refused even with a good cookie', async () => {
    const cookie = await signIn('tr');
    const headers = { cookie, authorization: 'Basic eDp5' };
    expect((await gateway.call({ path: '/api/v1/streams', headers })).status).toBe(401);
  });

  async function signIn(token: string): Promise<string> {
    const body = JSON.stringify({ token });
    const path = '/api/v1/session';
    const answer = await gateway.call({ method: 'POST', path, headers: JSON_TYPE, body });
    expect(answer.status).toBe(204);
    const [setCookie = ''] = answer.headers['set-cookie'] ?? [];
    expect(setCookie).toMatch(/; HttpOnly; SameSite=Strict; /);
    expect(setCookie).not.toContain(`=${token};`);
    return setCookie.split(';', 1)[0] ?? '';
  }

  test('a browser exchanges its token for a cookie that event streams use', async () => {
    const cookie = await signIn('tr');
    expect((await gateway.call({ path: '/api/v1/streams', headers: { cookie } })).status).toBe(200);
    const reader = await openEvents(`${gateway.url}/api/v1/query/live?q=s`, { cookie });
    expect(await reader.next()).toMatchObject({ event: 'schema' });
    reader.close();
    expect(await upgradeStatus({ cookie })).toBe(101);
  });

  test('a session may do no more than its token', async () => {
    const cookie = await signIn('tr');
    const answer = await gateway.call({ ...calls.write, headers: { cookie } });
    expect(answer.status).toBe(403);
  });

  test('a session that is closed is over', async () => {
    const cookie = await signIn('tr');
    const close = { method: 'DELETE', path: '/api/v1/session', headers: { cookie } };
    expect((await gateway.call(close)).headers['set-cookie']?.[0]).toContain('Max-Age=0');
    expect((await gateway.call({ path: '/api/v1/streams', headers: { cookie } })).status).toBe(401);
  });

  test('a wrong token opens no session', async () => {
    const body = '{"token":"wrong"}';
    const path = '/api/v1/session';
    const answer = await gateway.call({ method: 'POST', path, headers: JSON_TYPE, body });
    expect(answer.status).toBe(401);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});
