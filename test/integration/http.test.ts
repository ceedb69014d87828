import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ROUTES } from '../../src/gateway/routes.ts';
import { openEvents, startHarness } from '../support/gateway-harness.ts';
import type { Answer, GatewayHarness } from '../support/gateway-harness.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const JSON_TYPE = { 'content-type': 'application/json' };

let gateway: GatewayHarness;

beforeEach(async () => {
  gateway = await startHarness();
});

afterEach(async () => {
  await gateway.close();
  expect(gateway.defects).toEqual([]);
});

function publish(body: string | Uint8Array, headers = {}, search = ''): Promise<Answer> {
  const path = `/api/v1/streams/plays/events${search}`;
  return gateway.call({ method: 'POST', path, headers: { ...NDJSON, ...headers }, body });
}

describe('publishing events', () => {
  test('good lines are taken and bad ones named', async () => {
    const answer = await publish('{"a":1}\noops\n{"a":2}\n');
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      accepted: 2,
      rejected: 1,
      errors: [{ line: 2, message: 'not JSON' }],
    });
  });

  test('a body without a good line is a problem', async () => {
    const answer = await publish('oops\n');
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ code: 'ENGINE_BAD_EVENTS', rejected: 1 });
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  test.each([
    { name: 'gzip', encode: gzipSync },
    { name: 'deflate', encode: deflateSync },
  ])('$name is undone', async ({ name, encode }) => {
    const answer = await publish(encode('{"a":1}\n'), { 'content-encoding': name });
    expect(answer.json).toMatchObject({ accepted: 1 });
  });

  test('time and slack reach the engine', async () => {
    await publish('{"a":1}\n', {}, '?time=ts&slack=1.5s');
    expect(gateway.engine.bodies[0]).toMatchObject({
      stream: 'plays',
      format: 'ndjson',
      timeField: 'ts',
      slackMs: 1_500,
    });
  });

  test.each([
    { name: 'a foreign media type', headers: { 'content-type': 'text/csv' }, status: 415 },
    { name: 'an unknown encoding', headers: { 'content-encoding': 'br' }, status: 415 },
    { name: 'a body that is not gzip', headers: { 'content-encoding': 'gzip' }, status: 400 },
    { name: 'a bad slack', search: '?slack=soon', status: 400 },
    { name: 'an endless slack', search: '?slack=99h', status: 400 },
    { name: 'an empty time field', search: '?time=', status: 400 },
  ])('$name is refused', async ({ headers = {}, search = '', status }) => {
    const answer = await publish('{"a":1}\n', headers, search);
    expect(answer.status).toBe(status);
    expect(gateway.engine.bodies).toEqual([]);
  });

  test.each(['squilla.engine', '1plays', 'a%20b', '%00'])(
    'the stream name %s is refused',
    async (stream) => {
      const path = `/api/v1/streams/${stream}/events`;
      const answer = await gateway.call({ method: 'POST', path, headers: NDJSON, body: '{}' });
      expect(answer.status).toBe(400);
    },
  );
});

describe('bounds of bodies', () => {
  test('a body above the bound is refused before it is read', async () => {
    await gateway.close();
    gateway = await startHarness({ settings: { bodyBytesMax: 1_024 } });
    const answer = await publish('x'.repeat(5_000));
    expect(answer.status).toBe(413);
    expect(answer.headers.connection).toBe('close');
  });

  test('a small body that inflates beyond the bound is refused', async () => {
    await gateway.close();
    gateway = await startHarness({ settings: { bodyBytesMax: 1_024 } });
    const bomb = gzipSync('x'.repeat(100_000));
    const answer = await publish(bomb, { 'content-encoding': 'gzip' });
    expect(answer.status).toBe(413);
  });

  test('bodies beyond what may be in flight are asked to come again', async () => {
    await gateway.close();
    gateway = await startHarness({ settings: { bodiesInFlightMax: 1_024 } });
    let release = (): void => undefined;
    gateway.engine.gate = new Promise((resolve) => (release = resolve));
    const body = `{"a":"${'x'.repeat(900)}"}\n`;
    const first = publish(body);
    await expect.poll(() => gateway.engine.bodies.length).toBe(1);
    const second = await publish(body);
    expect(second.status).toBe(429);
    expect(second.headers['retry-after']).toBe('1');
    release();
    expect((await first).status).toBe(200);
    expect((await publish(body)).status).toBe(200);
    expect(gateway.server.bodyBytesInFlight).toBe(0);
  });
});

describe('reading', () => {
  test.each([
    { path: '/api/v1/streams', key: 'streams' },
    { path: '/api/v1/fields?stream=plays', key: 'fields' },
    { path: '/api/v1/agents', key: 'agents' },
    { path: '/api/v1/queries', key: 'queries' },
    { path: '/api/v1/status', key: 'version' },
    { path: '/api/v1/ledger', key: 'closes' },
    { path: '/api/v1/language', key: 'functions' },
    { path: '/-/healthy', key: 'healthy' },
    { path: '/-/ready', key: 'ready' },
  ])('$path answers JSON', async ({ path, key }) => {
    const answer = await gateway.call({ path });
    expect(answer.status).toBe(200);
    expect(answer.json).toHaveProperty(key);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  test('metrics are Prometheus text', async () => {
    const answer = await gateway.call({ path: '/metrics' });
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(answer.text).toBe('squilla_up 1\n');
  });

  test('an engine that starts is not ready', async () => {
    gateway.engine.isReady = false;
    const answer = await gateway.call({ path: '/-/ready' });
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({ code: 'ENGINE_STARTING', retryable: true });
  });

  test('the OpenAPI document describes every route', async () => {
    const { json } = await gateway.call({ path: '/openapi.json' });
    expect(json['openapi']).toBe('3.1.0');
    const paths = json['paths'] as Record<string, Record<string, unknown>>;
    for (const { method, path } of Object.values(ROUTES)) {
      const spoken = paths[path.replaceAll(/:([a-z]+)/g, '{$1}')];
      expect(spoken, path).toHaveProperty(method.toLowerCase());
    }
  });
});

describe('changing', () => {
  test('a query is checked with its parameters', async () => {
    const body = JSON.stringify({ query: 'select 1', params: { a: [1] } });
    const path = '/api/v1/query/check';
    const answer = await gateway.call({ method: 'POST', path, headers: JSON_TYPE, body });
    expect(answer.json).toMatchObject({ canonical: 'select 1', diagnostics: [] });
  });

  test.each([
    { name: 'no JSON', body: '{', detail: 'not JSON' },
    { name: 'a list', body: '[]', detail: 'JSON object' },
    { name: 'lists without end', body: '['.repeat(100_000), detail: 'deeper than 64 levels' },
    { name: 'no query', body: '{}', detail: '`query`' },
    { name: 'odd parameters', body: '{"query":"x","params":{"a b":1}}', detail: 'letters' },
  ])('checking $name is refused', async ({ body, detail }) => {
    const path = '/api/v1/query/check';
    const answer = await gateway.call({ method: 'POST', path, headers: JSON_TYPE, body });
    expect(answer.status).toBe(400);
    expect(answer.json['detail']).toContain(detail);
  });

  test('a query is formatted', async () => {
    const body = JSON.stringify({ query: ' select 1 ' });
    const path = '/api/v1/query/format';
    const answer = await gateway.call({ method: 'POST', path, headers: JSON_TYPE, body });
    expect(answer.json).toEqual({ text: 'select 1', diagnostics: [] });
    const empty = await gateway.call({ method: 'POST', path, headers: JSON_TYPE, body: '{}' });
    expect(empty.status).toBe(400);
  });

  test('a saved query has its version as ETag, and changes only from it', async () => {
    const path = '/api/v1/saved-queries/rates';
    const put = (text: string, headers: Record<string, string> = {}) =>
      gateway.call({
        ...{ method: 'PUT', path, headers: { ...JSON_TYPE, ...headers } },
        body: JSON.stringify({ text, description: 'd', params: { r: 'eu' } }),
      });
    const text = 'select count(*) as n from plays where region = $r window 1s';
    const made = await put(text);
    expect(made.status).toBe(201);
    expect(made.headers['etag']).toBe('"1"');
    expect(made.json).toMatchObject({
      name: 'rates',
      owner: 'local',
      version: 1,
      params: { r: 'eu' },
    });
    const conflict = await put(text);
    expect(conflict.json).toMatchObject({ status: 412, code: 'ENGINE_CONFLICT', version: 1 });
    expect((await put(text, { 'If-Match': '"1"' })).json).toMatchObject({ version: 2 });
    expect((await put(text, { 'If-Match': 'W/x' })).status).toBe(400);
    const bad = await put('select cuont(*) from plays', { 'If-Match': '"2"' });
    expect(bad.json).toMatchObject({
      status: 400,
      diagnostics: [{ code: 'MQL_UNKNOWN_FUNCTION' }],
    });
    const listed = await gateway.call({ path: '/api/v1/saved-queries' });
    expect(listed.json).toMatchObject({ queries: [{ name: 'rates', version: 2 }] });
    expect((await gateway.call({ path })).headers['etag']).toBe('"2"');
    const stale = { method: 'DELETE', path, headers: { 'If-Match': '"1"' } };
    expect((await gateway.call(stale)).status).toBe(412);
    expect((await gateway.call({ method: 'DELETE', path })).status).toBe(204);
    expect((await gateway.call({ path })).status).toBe(404);
  });

  test('a saved query runs by its name, with values that go over its own', async () => {
    const path = '/api/v1/saved-queries/rates';
    const body = JSON.stringify({
      text: 'select $a as a, $b as b from plays',
      params: { a: 1, b: 2 },
    });
    await gateway.call({ method: 'PUT', path, headers: JSON_TYPE, body });
    const events = await openEvents(`${gateway.url}/api/v1/query/live?saved=rates&p.b=3`);
    await events.next();
    events.close();
    expect(gateway.engine.opened.at(-1)).toMatchObject({
      ...{ query: 'select $a as a, $b as b from plays', params: { a: 1, b: 3 }, by: 'local' },
    });
    const unknown = await gateway.call({ path: '/api/v1/query/live?saved=nope' });
    expect(unknown.status).toBe(404);
  });

  test('a query is stopped once', async () => {
    const stop = { method: 'DELETE', path: '/api/v1/queries/q1' };
    expect((await gateway.call(stop)).status).toBe(204);
    const unknown = await gateway.call({ method: 'DELETE', path: '/api/v1/queries/nope' });
    expect(unknown.json).toMatchObject({ status: 404, code: 'ENGINE_NOT_FOUND' });
  });

  test('without a demo nothing can be broken', async () => {
    const call = { method: 'POST', path: '/api/v1/demo/break', headers: JSON_TYPE, body: '{}' };
    expect((await gateway.call(call)).json).toMatchObject({ code: 'ENGINE_NOT_FOUND' });
    gateway.engine.demo = {
      break: (incident) => Promise.resolve({ incident }),
      heal: () => Promise.resolve({ healed: 1 }),
    };
    const broken = await gateway.call({ ...call, body: '{"kind":"slow"}' });
    expect(broken.json).toEqual({ incident: { kind: 'slow' } });
    const healed = await gateway.call({ ...call, path: '/api/v1/demo/heal' });
    expect(healed.json).toEqual({ healed: 1 });
  });
});

describe('what is not there', () => {
  test('an unknown path is a problem', async () => {
    const answer = await gateway.call({ path: '/api/v1/nothing' });
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  test('an unknown method names the known ones', async () => {
    const answer = await gateway.call({ method: 'PUT', path: '/api/v1/streams' });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD');
  });

  test('an event stream has no head', async () => {
    const answer = await gateway.call({ method: 'HEAD', path: '/api/v1/query/live?q=x' });
    expect(answer.status).toBe(405);
    expect(gateway.engine.opened).toEqual([]);
  });
});

describe('the dashboard', () => {
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'squilla-dashboard-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<meta content="__CSP_NONCE__"><p>page</p>');
    writeFileSync(join(folder, 'assets', 'main-a1b2c3d4.js'), `//${'x'.repeat(2_000)}`);
    await gateway.close();
    gateway = await startHarness({ dashboardFolder: folder });
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  test.each(['/', '/index.html', '/explore/deep'])('%s is the page', async (path) => {
    const answer = await gateway.call({ path });
    expect(answer.text).toContain('<p>page</p>');
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
    expect(answer.text).toContain(`content="${nonce}"`);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('hashed files are cached for good and compressed', async () => {
    const path = '/assets/main-a1b2c3d4.js';
    const answer = await gateway.call({ path, headers: { 'accept-encoding': 'gzip' } });
    expect(answer.headers['cache-control']).toContain('immutable');
    expect(answer.headers['content-encoding']).toBe('gzip');
    const again = await gateway.call({ path, headers: { 'if-none-match': answer.headers.etag } });
    expect(again.status).toBe(304);
  });

  test.each([
    '/../package.json',
    '/assets/../../secret.txt',
    '/%2e%2e/%2e%2e/etc/hosts.txt',
    '/..%2f..%2fetc%2fpasswd.txt',
    '/assets/%5c..%5cindex.js',
    '/assets/nothing.js',
    '/%zz.js',
  ])('%s leads nowhere', async (path) => {
    expect((await gateway.call({ path })).status).toBe(404);
  });
});

test('a second server on the port says which flag to change', async () => {
  const taken = startHarness({ port: gateway.server.port });
  await expect(taken).rejects.toMatchObject({ code: 'ENGINE_PORT_IN_USE' });
  await expect(taken).rejects.toThrow('--port');
});

describe('clients that offer an upgrade', () => {
  test('get their answer without it', async () => {
    const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c' };
    const answer = await gateway.call({ method: 'GET', path: '/api/v1/status', headers });
    expect(answer.status).toBe(200);
  });

  test('must not do so with a body', async () => {
    const answer = await publish('{"a":1}\n', { connection: 'Upgrade', upgrade: 'h2c' });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ code: 'ENGINE_BAD_REQUEST' });
  });
});

test('an address that is too long is a problem of its own', async () => {
  const path = `/api/v1/query/live?q=${'x'.repeat(40_000)}`;
  const answer = await gateway.call({ method: 'GET', path });
  expect(answer.status).toBe(431);
  expect(answer.json).toMatchObject({ code: 'ENGINE_HEAD_TOO_LARGE' });
});
