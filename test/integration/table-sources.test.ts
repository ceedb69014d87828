/** Tables that are renewed from files and real HTTP servers, well and badly behaved ones. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../src/config.ts';
import { Engine } from '../../src/coordinator/engine.ts';
import type { CoordinatorInput } from '../../src/coordinator/messages.ts';
import { EngineError } from '../../src/core/errors.ts';
import { TableService } from '../../src/main/table-service.ts';
import { exchangeHttp } from '../../src/outbound/http-exchange.ts';
import type { HttpSend } from '../../src/outbound/http-exchange.ts';
import { JoinTables } from '../../src/store/join-tables.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import type { TableSource } from '../../src/store/table-source.ts';
import { until } from '../support/engine-process.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];
const folders: string[] = [];
const services: TableService[] = [];
const stores: Store[] = [];

afterEach(async () => {
  for (const service of services.splice(0)) service.stop();
  for (const store of stores.splice(0)) store.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(answer: Answer): Promise<{ readonly url: string; answer: Answer }> {
  const state = { url: '', answer };
  const server = createServer((request, response) => state.answer(request, response));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/owners.csv`;
  return state;
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'squilla-table-sources-'));
  folders.push(made);
  return made;
}

interface RigOptions {
  readonly configured?: Readonly<Record<string, Partial<TableSource>>>;
  readonly allowPrivate?: boolean;
  readonly config?: Partial<typeof DEFAULTS>;
  readonly dataDir?: string;
  readonly http?: HttpSend;
}

interface Rig {
  readonly service: TableService;
  readonly engine: Engine;
  readonly clock: { nowMs: number };
  readonly said: string[];
}

const SOURCE: TableSource = {
  ...{ kind: 'url', location: '', format: null, key: 'id', refreshMs: 60_000, from: 'config' },
  tokenFile: null,
};

async function rig(options: RigOptions = {}): Promise<Rig> {
  const config = { ...DEFAULTS, tableFetchMs: 2_000, ...options.config };
  const store = await openStore({ dataDir: options.dataDir ?? null, sync: 'normal', config });
  const engine = new Engine({ config, incarnation: 'x', nowMs: 0 });
  const clock = { nowMs: 1_000_000 };
  const said: string[] = [];
  const configured = Object.entries(options.configured ?? {}).map(
    ([name, source]): [string, TableSource] => [name, { ...SOURCE, ...source }],
  );
  const service = new TableService({
    ...{ config, engine, store: new JoinTables(store.sql) },
    clock: { now: () => clock.nowMs },
    handle: (input: CoordinatorInput) => void engine.handle(input, clock.nowMs),
    log: { info: (text) => said.push(text), warn: (text) => said.push(text) },
    http: options.http ?? exchangeHttp,
    configured: new Map(configured),
    allowPrivate: options.allowPrivate ?? true,
  });
  services.push(service);
  stores.push(store);
  return { service, engine, clock, said };
}

function put(service: TableService, url: string): ReturnType<TableService['putSource']> {
  return service.putSource({
    ...{ name: 'owners', url, format: null, key: null, refreshMs: null, author: 'me' },
  });
}

async function refusal(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return 'nothing';
  } catch (error) {
    return error instanceof EngineError ? `${error.code} ${error.detail}` : String(error);
  }
}

const CSV = { 'Content-Type': 'text/csv' };

describe('a table of an address', () => {
  test('is renewed by conditional requests; what is the same keeps its version', async () => {
    const seen: (string | undefined)[][] = [];
    let text = 'id,name\n1,a\n';
    let etag = '"one"';
    const server = await serve((request, response) => {
      const { 'if-modified-since': since, 'if-none-match': match } = request.headers;
      seen.push([match, since]);
      if (match === etag) response.writeHead(304).end();
      else response.writeHead(200, { ...CSV, ETag: etag, 'Last-Modified': 'yesterday' }).end(text);
    });
    const { clock, engine, service } = await rig();
    const { isNew, view } = await put(service, server.url);
    expect(isNew).toBe(true);
    expect(view).toMatchObject({ version: 1, key: 'id', rows: 1, author: 'me' });
    clock.nowMs += 60_000;
    await service.start();
    await until(() => service.get('owners')?.source?.checkedAtMs === 1_060_000, 'asked again');
    expect(service.get('owners')).toMatchObject({ version: 1, rows: 1 });
    // The same text under a new tag is the same table.
    etag = '"two"';
    clock.nowMs += 60_000;
    await until(() => service.get('owners')?.source?.checkedAtMs === 1_120_000, 'asked again');
    expect(service.get('owners')).toMatchObject({ version: 1, atMs: 1_000_000 });
    etag = '"three"';
    text = 'id,name\n1,b\n2,c\n';
    clock.nowMs += 60_000;
    await until(() => service.get('owners')?.version === 2, 'the new rows');
    expect(engine.tables.get('owners')?.rows).toStrictEqual([
      { id: 1, name: 'b' },
      { id: 2, name: 'c' },
    ]);
    expect(seen.slice(0, 3)).toStrictEqual([
      [undefined, undefined],
      ['"one"', 'yesterday'],
      ['"one"', 'yesterday'],
    ]);
  });

  test('keeps its last good rows over failures, and says so', async () => {
    const good: Answer = (_, response) => response.writeHead(200, CSV).end('id\n1\n');
    const server = await serve(good);
    const { clock, said, service } = await rig();
    await put(service, `${server.url}?token=hidden`);
    server.answer = (_, response) => response.writeHead(500).end('out of order');
    await service.start();
    for (let failures = 1; failures <= 3; failures++) {
      clock.nowMs += DEFAULTS.tableBackoffMsMax;
      await until(() => service.get('owners')?.source?.failures === failures, 'a failure');
    }
    expect(service.get('owners')).toMatchObject({
      ...{ version: 1, rows: 1 },
      source: {
        location: `${server.url}?…`,
        checkedAtMs: 1_000_000,
        error: 'HTTP 500: out of order',
      },
    });
    expect(said).toHaveLength(1);
    server.answer = good;
    clock.nowMs += DEFAULTS.tableBackoffMsMax;
    await until(() => service.get('owners')?.source?.error === null, 'it is well again');
    expect(service.get('owners')).toMatchObject({ version: 1, source: { failures: 0 } });
  });

  test.each<[name: string, answer: Answer, why: RegExp]>([
    ['redirects', (_, r) => void r.writeHead(302, { Location: 'http://127.0.0.1/' }).end(), /302/],
    [
      'is huge',
      (_, r) => void r.writeHead(200, CSV).end(`id\n${'1234567\n'.repeat(600)}`),
      /bytes/,
    ],
    ['is slow to begin', () => undefined, /no answer within 300 ms/],
    ['is slow to end', (_, r) => void r.writeHead(200, CSV).write('id\n1\n'), /within 300 ms/],
    [
      'breaks off',
      (_, r) =>
        void r.writeHead(200, { ...CSV, 'Content-Length': 99 }).write('id', () => r.destroy()),
      /./,
    ],
    [
      'packs',
      (_, r) =>
        void r.writeHead(200, { ...CSV, 'Content-Encoding': 'gzip' }).end(gzipSync('id\n1\n')),
      /gzip/,
    ],
    ['is no table', (_, r) => void r.writeHead(200, CSV).end('id,name\n1\n'), /line 2/],
    ['is empty', (_, r) => void r.writeHead(200, CSV).end(''), /no header/],
    ['says 304 to one who has nothing', (_, r) => void r.writeHead(304).end(), /304/],
    ['forbids', (_, r) => void r.writeHead(403).end('no'), /HTTP 403: no/],
  ])('is not made of one that %s', async (_, answer, why) => {
    const server = await serve(answer);
    const { service } = await rig({ config: { tableFetchMs: 300, tableBytesMax: 2_000 } });
    const said = await refusal(put(service, server.url));
    expect(said).toMatch(/^ENGINE_(TABLE_SOURCE|BAD_TABLE) /);
    expect(said).toMatch(why);
    expect(service.list()).toStrictEqual([]);
  });

  test('is known by its name where its type is one that objects inherit', async () => {
    const type = { 'Content-Type': 'constructor' };
    const server = await serve((_, response) =>
      response.writeHead(200, type).end('id,team\n1,a\n'),
    );
    const { service } = await rig();
    expect((await put(service, server.url)).view).toMatchObject({ name: 'owners', rows: 1 });
  });

  test('is not made of what is no address', async () => {
    const { service } = await rig();
    for (const url of ['file:///etc/passwd', 'ftp://x/y', 'x', 'http://me:pw@127.0.0.1/']) {
      expect(await refusal(put(service, url))).toMatch(/^ENGINE_BAD_REQUEST /);
    }
  });

  test('made over the API does not reach private addresses, unless that is allowed', async () => {
    let asked = 0;
    const server = await serve((_, response) => {
      asked += 1;
      response.writeHead(200, CSV).end('id\n1\n');
    });
    const { service } = await rig({ allowPrivate: false });
    for (const url of [server.url, server.url.replace('127.0.0.1', 'localhost')]) {
      expect(await refusal(put(service, url))).toMatch(/private address; `tablesAllowPrivate/);
    }
    expect(asked).toBe(0);
  });

  test('is refused when its name begins to lead to a private address', async () => {
    const server = await serve((_, response) => response.writeHead(200, CSV).end('id\n1\n'));
    const url = server.url.replace('127.0.0.1', 'owners.test');
    let address = '93.184.215.14';
    let looked = 0;
    const http: HttpSend = (ask) =>
      exchangeHttp({
        ...ask,
        resolve: (_name, _options, done) => {
          looked += 1;
          done(null, [{ address, family: 4 }]);
        },
        // What is public here is nowhere: only that it was tried matters.
        timeoutMs: 200,
      });
    const { service } = await rig({ allowPrivate: false, http });
    expect(await refusal(put(service, url))).not.toMatch(/private/);
    address = '127.0.0.1';
    expect(await refusal(put(service, url))).toMatch(/owners.test \(127.0.0.1\) is a private/);
    expect(looked).toBe(2);
    const allowed = await rig({ allowPrivate: true, http });
    expect(await refusal(put(allowed.service, url))).toBe('nothing');
  });
});

describe('tables of squilla.yaml', () => {
  test('come from files and addresses, private ones too, before the start is over', async () => {
    const data = folder();
    const path = join(data, 'titles.json');
    writeFileSync(path, '[{"id":"a","name":"A"}]');
    const tokenFile = join(data, 'token');
    writeFileSync(tokenFile, 'let-me-in\n');
    const server = await serve((request, response) => {
      const isKnown = request.headers.authorization === 'Bearer let-me-in';
      response.writeHead(isKnown ? 200 : 401, CSV).end('id\n1\n');
    });
    const { clock, service } = await rig({
      allowPrivate: false,
      configured: {
        titles: { kind: 'file', location: path },
        owners: { location: server.url, tokenFile },
        gone: { kind: 'file', location: join(data, 'gone.csv') },
      },
    });
    await service.start();
    expect(service.list()).toMatchObject([
      { name: 'gone', version: 0, rows: 0, source: { failures: 1 } },
      { name: 'owners', version: 1, author: 'squilla.yaml' },
      { name: 'titles', version: 1, columns: [{ name: 'id' }, { name: 'name' }] },
    ]);
    expect(service.get('gone')?.source?.error).toMatch(/ENOENT/);
    expect(service.summary()).toStrictEqual({ count: 2, failing: ['gone'] });
    writeFileSync(path, '[{"id":"a","name":"B"},{"id":"b","name":"C"}]');
    clock.nowMs += 60_000;
    await until(() => service.get('titles')?.version === 2, 'the new file');
    expect(service.rows('titles', 1)).toStrictEqual([{ id: 'a', name: 'B' }]);
    const replaced = {
      name: 'titles',
      format: 'csv',
      text: 'id\n1\n',
      key: null,
      author: 'me',
    } as const;
    expect(() => service.put(replaced)).toThrow(/ENGINE_IN_FILE/);
    expect(() => service.remove('titles')).toThrow(/ENGINE_IN_FILE/);
    expect(await refusal(put(service, server.url))).toMatch(/ENGINE_IN_FILE/);
  });

  test('stand with their last good rows after a restart, and go when they are named no more', async () => {
    const dataDir = folder();
    const server = await serve((_, response) => response.writeHead(200, CSV).end('id\n1\n'));
    const configured = { owners: { location: server.url } };
    const first = await rig({ dataDir, configured });
    await first.service.start();
    await put(first.service, server.url).catch(() => undefined);
    first.service.stop();
    stores.splice(0).forEach((store) => store.close());
    server.answer = (_, response) => response.writeHead(500).end();
    const second = await rig({ dataDir, configured });
    await second.service.start();
    expect(second.service.get('owners')).toMatchObject({ version: 1, rows: 1 });
    await until(() => second.service.get('owners')?.source?.failures === 1, 'a failure');
    expect(second.service.get('owners')).toMatchObject({ version: 1, rows: 1 });
    second.service.stop();
    stores.splice(0).forEach((store) => store.close());
    const third = await rig({ dataDir });
    expect(third.service.list()).toStrictEqual([]);
  });
});
