/** A whole engine over real sockets: what goes in over HTTP comes out of queries, counted right. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connect } from '../../src/client/connect.ts';
import { endAll, publish, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { firstOf, readEvents, readSocket, total, windowsOf } from '../support/result-reader.ts';
import type { ResultReader } from '../support/result-reader.ts';

let engine: EngineProcess;

beforeAll(async () => {
  engine = await startEngine();
});

afterAll(endAll);

interface QueryRow {
  readonly id: string;
  readonly canonical: string;
  readonly subscribers: number;
}

async function queries(): Promise<readonly QueryRow[]> {
  return ((await engine.get('/api/v1/queries')) as { queries: QueryRow[] }).queries;
}

// Shards have a query before its first `progress` arrives: from then on every event is seen.

/** The reader's windows hold at least so many of `column`. */
async function holding(reader: ResultReader, column: string, count: number): Promise<void> {
  await until(() => total(windowsOf(reader), column) >= count, `${count} ${column} in windows`);
}

const EVENTS = Array.from({ length: 300 }, (_none, i) => ({
  region: i % 3 === 0 ? 'eu' : 'us',
  ms: i,
}));

describe('an engine', () => {
  test('is ready and says so', async () => {
    expect(await engine.get('/-/ready')).toStrictEqual({ ready: true });
    expect(await engine.get('/api/v1/status')).toMatchObject({ ready: true, ledgerCloses: true });
  });

  test('its own life is a stream', async () => {
    const reader = await readEvents(engine.url, 'select shards from squilla.engine');
    const { rows } = await firstOf(reader, 'rows');
    expect(rows[0]).toMatchObject({ shards: 1 });
    reader.close();
  });
});

describe.each([
  ['server-sent events', readEvents],
  ['the live WebSocket', readSocket],
])('a windowed query over %s', (name, read) => {
  test('counts every event that was posted, once', async () => {
    const stream = name.startsWith('the') ? 'orders_ws' : 'orders_sse';
    const mql = `select region, count(*) as n, sum(ms) as total from ${stream} window 1s group by region`;
    const reader = await read(engine.url, mql);
    await firstOf(reader, 'progress');
    expect(await publish(engine, stream, EVENTS)).toMatchObject({ accepted: 300, rejected: 0 });
    await holding(reader, 'n', 300);
    const windows = windowsOf(reader);
    expect(total(windows, 'n')).toBe(300);
    expect(total(windows, 'total')).toBe((299 * 300) / 2);
    const eu = windows.map((window) => ({
      ...window,
      rows: window.rows.filter((row) => row['region'] === 'eu'),
    }));
    expect(total(eu, 'n')).toBe(100);
    expect(windows.every((window) => window.completeness.events.late === 0)).toBe(true);
    await firstOf(reader, 'rows', (message) => message.completeness.coveredMs === 1_000);
    reader.close();
  });
});

describe('queries', () => {
  test('that are the same share one pipeline', async () => {
    const first = await readEvents(engine.url, 'select count(*) as n from shared window 1s');
    const second = await readSocket(engine.url, 'SELECT count(*) AS n FROM shared WINDOW 1000ms');
    const both = await until(
      async () => (await queries()).find((query) => query.canonical.includes('shared')),
      'the query is listed',
    );
    await until(
      async () => (await queries()).find(({ id }) => id === both.id)?.subscribers === 2,
      'two subscribers',
    );
    expect((await queries()).filter((query) => query.canonical.includes('shared'))).toHaveLength(1);
    first.close();
    second.close();
    await until(
      async () => (await queries()).find(({ id }) => id === both.id)?.subscribers === 0,
      'nobody reads any more',
    );
  });

  test('without a window give each row as it comes', async () => {
    const reader = await readEvents(engine.url, 'select * from plain where ms >= 2');
    await firstOf(reader, 'progress');
    await publish(engine, 'plain', [{ ms: 1 }, { ms: 2 }, { ms: 3 }]);
    const { rows, append } = await firstOf(reader, 'rows');
    expect(append).toBe(true);
    expect(rows).toStrictEqual([{ ms: 2 }, { ms: 3 }]);
    reader.close();
  });

  test('with a limit end when it is spent', async () => {
    const reader = await readEvents(engine.url, 'select * from limited limit 2');
    await firstOf(reader, 'progress');
    await publish(engine, 'limited', [{ a: 1 }, { a: 2 }, { a: 3 }]);
    const end = await firstOf(reader, 'end');
    expect(end.reason).toBe('limit');
    expect(windowsOf(reader).flatMap((message) => message.rows)).toHaveLength(2);
    await until(() => reader.ended(), 'the stream ends with the query');
  });

  test('that ask to be explained are answered with the plan', async () => {
    const reader = await readEvents(engine.url, 'explain select count(*) from plays window 1s');
    const { rows } = await firstOf(reader, 'rows');
    expect(rows.length).toBeGreaterThan(1);
    expect((await firstOf(reader, 'end')).reason).toBe('explained');
  });

  test('that cannot run are refused with a diagnostic at its place', async () => {
    const response = await fetch(
      `${engine.url}/api/v1/query/live?q=${encodeURIComponent('select count(*) fron plays')}`,
    );
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await response.json()) as { code: string; diagnostics: object[] };
    expect(problem.code).toBe('ENGINE_BAD_QUERY');
    expect(problem.diagnostics[0]).toMatchObject({ severity: 'error', span: { line: 1 } });
    const reader = await readSocket(engine.url, 'select count(*) fron plays');
    const { problem: overSocket } = await firstOf(reader, 'error');
    expect(overSocket).toMatchObject({ code: 'ENGINE_BAD_QUERY' });
    reader.close();
  });

  test('are checked without being run', async () => {
    const check = async (query: string): Promise<unknown> => {
      const response = await fetch(`${engine.url}/api/v1/query/check`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      return response.json();
    };
    expect(await check('select count(*) as n from orders_sse window 1s')).toMatchObject({
      diagnostics: [],
      columns: [{ name: 'window_start' }, { name: 'window_end' }, { name: 'n' }],
    });
    expect(await check('select')).toMatchObject({ diagnostics: [{ severity: 'error' }] });
    // Long texts are planned in a thread of their own, to the same answer.
    const text = 'select count(*) as n from orders_sse window 1s';
    expect(await check(`${text} /* ${'x'.repeat(9_000)} */`)).toEqual(await check(text));
  });

  test('that somebody stops end for everybody', async () => {
    const mql = 'select max(ms) as top from stopped window 1s';
    const readers = [await readEvents(engine.url, mql), await readSocket(engine.url, mql)];
    const query = (await firstOf(readers[0] as ResultReader, 'schema')).query;
    await firstOf(readers[1] as ResultReader, 'schema');
    const url = `${engine.url}/api/v1/queries/${encodeURIComponent(query)}`;
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
    for (const reader of readers) {
      expect((await firstOf(reader, 'end')).reason).toContain('stopped');
      reader.close();
    }
    expect((await queries()).some(({ id }) => id === query)).toBe(false);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(404);
  });
});

describe('a client that comes back', () => {
  test('goes on after the last id it saw, without a hole and without a window twice', async () => {
    const mql = 'select count(*) as n from resumed window 250ms';
    const first = await readEvents(engine.url, mql);
    await until(() => windowsOf(first).length >= 2, 'two windows');
    first.close();
    const last = first.received.findLast(({ id }) => id !== null);
    await until(async () => {
      const listed = (await queries()).find((query) => query.canonical.includes('resumed'));
      return listed?.subscribers === 0;
    }, 'the first reader has left');
    await publish(engine, 'resumed', [{}, {}, {}]);
    const second = await readEvents(engine.url, mql, last?.id ?? '');
    await holding(second, 'n', 3);
    await until(() => windowsOf(second).some((window) => !window.replay), 'a new window');
    const ends = [...windowsOf(first), ...windowsOf(second)].map((window) => window.windowEnd ?? 0);
    expect(ends).toStrictEqual(ends.map((_none, i) => (ends[0] ?? 0) + 250 * i));
    expect(second.received.some(({ message }) => message.type === 'gap')).toBe(false);
    second.close();
  });

  test('from another life of the engine is told of the gap', async () => {
    const reader = await readEvents(
      engine.url,
      'select count(*) as n from gone window 1s',
      'old-7',
    );
    expect(await firstOf(reader, 'gap')).toMatchObject({ fromId: 'old-7' });
    reader.close();
  });

  test('through the client library reads the same', async () => {
    const client = connect(engine.url);
    const subscription = client.subscribe('select * from library limit 1');
    const types: string[] = [];
    for await (const { message } of subscription) {
      types.push(message.type);
      if (message.type === 'progress') await publish(engine, 'library', [{ a: 1 }]);
    }
    expect(types.filter((type) => type !== 'progress')).toStrictEqual(['schema', 'rows', 'end']);
    client.close();
  });
});

describe('bad lines', () => {
  test('are named by number and do not take the good ones with them', async () => {
    const response = await fetch(`${engine.url}/api/v1/streams/mixed/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: '{"a":1}\nnonsense\n[1]\n{"a":2}\n',
    });
    expect(await response.json()).toMatchObject({
      accepted: 2,
      rejected: 2,
      errors: [{ line: 2 }, { line: 3 }],
    });
  });
});

test('the ledger closes at the end of it all', async () => {
  expect(await engine.get('/api/v1/ledger')).toMatchObject({ closes: true });
});

test('a token that is shown to the ingest port must be right, also where none is needed', async () => {
  const answers = async (first: object): Promise<string> => {
    const socket = new WebSocket(engine.ingestUrl);
    return new Promise((resolve) => {
      socket.on('open', () => socket.send(JSON.stringify(first)));
      socket.on('message', (text) => {
        socket.close();
        resolve(String(text));
      });
      socket.on('close', (_code, reason) => resolve(String(reason)));
      socket.on('error', () => undefined);
    });
  };
  const events = { stream: 'plays', events: [{ a: 1 }] };
  expect(await answers(events)).toContain('"accepted":1');
  expect(await answers({ token: 'nobody gave me this one', ...events })).toContain(
    'ENGINE_UNAUTHORIZED',
  );
});
