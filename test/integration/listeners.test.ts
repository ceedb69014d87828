/** Listeners besides the two ports: off by default, each alone, and what they lose is accounted. */
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { endAll, startEngine, startSquilla, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { readEvents, rowsOf } from '../support/result-reader.ts';

afterEach(endAll);

/** On a machine that has other things to do. */
const PATIENCE_MS = 20_000;

interface Ledger {
  readonly closes: boolean;
  readonly streams: Readonly<
    Record<
      string,
      { received: number; evaluated: number; dropped: Readonly<Record<string, number>> }
    >
  >;
}

/** Port of a listener, as the engine's banner tells it. */
function portOf(engine: EngineProcess, name: string): number {
  const line = engine
    .out()
    .split('\n')
    .find((text) => text.trim().startsWith(`${name} `));
  return Number(/:(\d+)$/.exec(line ?? '')?.[1] ?? 0);
}

async function sendDatagrams(port: number, texts: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const text of texts) {
    await new Promise<void>((resolve, reject) => {
      socket.send(text, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
    });
  }
  socket.close();
}

async function ledgerOf(engine: EngineProcess, stream: string, received: number): Promise<Ledger> {
  return until(
    async () => {
      const ledger = (await engine.get('/api/v1/ledger')) as Ledger;
      return (ledger.streams[stream]?.received ?? 0) >= received ? ledger : null;
    },
    `${received} events of ${stream} in the ledger`,
    PATIENCE_MS,
  );
}

test('none is open unless it is asked for', async () => {
  const engine = await startEngine();
  expect(['otlp', 'statsd', 'syslog'].map((name) => portOf(engine, name))).toEqual([0, 0, 0]);
});

test('the configuration file opens them, and flags go over it', async () => {
  const yaml = 'listeners: { otlp: 0, statsd: 0, syslog: 0 }\n';
  const engine = await startEngine({ yaml, flags: ['--listen', 'statsd=0'] });
  const ports = ['otlp', 'statsd', 'syslog'].map((name) => portOf(engine, name));
  for (const port of ports) expect(port).toBeGreaterThan(0);
  const answer = await fetch(`http://127.0.0.1:${ports[0]}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}',
  });
  expect([answer.status, await answer.text()]).toEqual([200, '{}']);
  const ledger = await ledgerOf(engine, 'otel.logs', 1);
  await until(
    async () => {
      const { streams } = (await engine.get('/api/v1/streams')) as {
        readonly streams: readonly { readonly name: string; readonly via: readonly string[] }[];
      };
      return streams.some(({ name, via }) => name === 'otel.logs' && via.join(' ') === 'otlp');
    },
    'how the stream comes',
    PATIENCE_MS,
  );
  expect(ledger.streams['otel.logs']).toMatchObject({ received: 1, evaluated: 1 });
  expect((await fetch(`http://127.0.0.1:${ports[0]}/`)).status).toBe(404);
});

test('the status names those that are open', async () => {
  const engine = await startEngine({ flags: ['--listen', 'statsd=0'] });
  const { listeners } = (await engine.get('/api/v1/status')) as { readonly listeners: object };
  expect(listeners).toEqual({ statsd: portOf(engine, 'statsd') });
});

test('a port that is taken is said with the flag to change', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', () => resolve()));
  const { port } = taken.address() as AddressInfo;
  const flags = ['--port', '0', '--ingest-port', '0', '--listen', `otlp=${port}`];
  const run = startSquilla('up', ...flags);
  expect(await run.exited).toBe(1);
  expect(run.err()).toContain('ENGINE_PORT_IN_USE');
  expect(run.err()).toContain('--listen otlp=PORT');
  taken.close();
});

test.each([
  ['--listen', 'carbon', 'there are otlp, statsd, syslog, not carbon'],
  ['--listen', 'otlp=70000', '70000 is no port'],
])('%s %s: %s', async (flag, value, message) => {
  const run = startSquilla('up', flag, value);
  expect(await run.exited).toBe(2);
  expect(run.err()).toContain(message);
});

test('what knows no tokens is not open where tokens are wanted', async () => {
  const settings = ['--port', '0', '--ingest-port', '0', '--listen', 'statsd=0'];
  const run = startSquilla('up', '--host', '0.0.0.0', ...settings);
  expect(await run.exited).toBe(1);
  expect(run.err()).toContain('ENGINE_INSECURE_BIND');
});

describe('statsd', () => {
  test('lines are events, and what is none is malformed', async () => {
    const engine = await startEngine({ flags: ['--listen', 'statsd=0'] });
    const seen = await readEvents(
      engine.url,
      'select name, value, type, tags.region as region from statsd',
    );
    const lines = ['plays:2|c|@0.5|#region:eu\nlatency:12:13|ms', 'oops\n', '\n', 'a:1|g\n'];
    await sendDatagrams(portOf(engine, 'statsd'), lines);
    await until(() => rowsOf(seen).length >= 4, 'four events', PATIENCE_MS);
    // Several shards may have read them, in any order.
    expect(new Set(rowsOf(seen))).toEqual(
      new Set([
        { name: 'plays', value: 4, type: 'counter', region: 'eu' },
        { name: 'latency', value: 12, type: 'timing', region: null },
        { name: 'latency', value: 13, type: 'timing', region: null },
        { name: 'a', value: 1, type: 'gauge', region: null },
      ]),
    );
    const { closes, streams } = await ledgerOf(engine, 'statsd', 5);
    expect(closes).toBe(true);
    expect(streams['statsd']).toMatchObject({
      ...{ received: 5, evaluated: 4, dropped: { malformed: 1 } },
    });
  });

  test('a flood is counted to the last datagram', async () => {
    const engine = await startEngine({ flags: ['--listen', 'statsd=0'] });
    const port = portOf(engine, 'statsd');
    const sent = 30_000;
    await sendDatagrams(
      port,
      Array.from({ length: sent }, (_, i) => `n:${i}|c`),
    );
    // Looked at once a second: what the system threw away is in the ledger soon after.
    const { closes, streams } = await ledgerOf(engine, 'statsd', sent);
    const { received = 0, evaluated = 0, dropped = {} } = streams['statsd'] ?? {};
    expect(closes).toBe(true);
    expect(received).toBe(sent);
    expect(evaluated + (dropped['udp'] ?? 0) + (dropped['queue'] ?? 0)).toBe(sent);
  });
});

describe('syslog', () => {
  test('messages by datagram and by connection are events', async () => {
    const engine = await startEngine({ flags: ['--listen', 'syslog=0'] });
    const port = portOf(engine, 'syslog');
    const seen = await readEvents(
      engine.url,
      'select facility, severity, host, app, message, data.a.b as b, peer from syslog',
    );
    await sendDatagrams(port, ['<34>1 - h su - ID47 [a b="c"] by datagram']);
    await until(() => rowsOf(seen).length >= 1, 'the datagram', PATIENCE_MS);
    const socket = connect(port, '127.0.0.1');
    socket.write('<13>Jan  3 12:00:00 h2 app: by line\n31 <14>1 - h3 app - - - by\nlength\n');
    socket.end('<13>the last');
    await until(() => rowsOf(seen).length >= 4, 'four events', PATIENCE_MS);
    const byMessage = new Map(rowsOf(seen).map((row) => [row['message'], row]));
    expect(byMessage.get('by datagram')).toMatchObject({
      ...{ facility: 'auth', severity: 'critical', host: 'h', app: 'su', b: 'c' },
      peer: '127.0.0.1',
    });
    expect(byMessage.get('by line')).toMatchObject({
      ...{ facility: 'user', severity: 'notice', host: 'h2', app: 'app' },
    });
    expect(byMessage.get('by\nlength')).toMatchObject({ severity: 'info', host: 'h3' });
    expect(byMessage.get('the last')).toMatchObject({ host: '127.0.0.1' });
  });

  test('connections beyond the bound are closed, and the log says so', async () => {
    const settings = { syslogConnectionsMax: 1 };
    const engine = await startEngine({ settings, flags: ['--listen', 'syslog=0'] });
    const port = portOf(engine, 'syslog');
    const first = connect(port, '127.0.0.1');
    first.write('<13>first\n');
    await ledgerOf(engine, 'syslog', 1);
    const second = connect(port, '127.0.0.1');
    second.on('error', () => undefined);
    await new Promise((resolve) => second.once('close', resolve));
    first.end('<13>still here\n');
    await ledgerOf(engine, 'syslog', 2);
    await until(() => engine.err().includes('LIMIT_CLIENTS'), 'a line in the log', PATIENCE_MS);
  });

  test('a page in a browser gets no line in', async () => {
    const engine = await startEngine({ flags: ['--listen', 'syslog=0'] });
    const url = `http://127.0.0.1:${portOf(engine, 'syslog')}/`;
    await expect(fetch(url, { method: 'POST', body: '<13>forged\n' })).rejects.toThrow();
    const { streams } = await ledgerOf(engine, 'syslog', 1);
    expect(streams['syslog']).toMatchObject({ received: 1, dropped: { malformed: 1 } });
  });

  test('a connection that brings too much is read as fast as shards take it', async () => {
    const settings = { listenerQueueBytesMax: 65_536 };
    const engine = await startEngine({ settings, flags: ['--listen', 'syslog=0'] });
    const socket = connect(portOf(engine, 'syslog'), '127.0.0.1');
    const sent = 20_000;
    const line = `<13>1 - h app - - - ${'x'.repeat(100)}\n`;
    socket.end(line.repeat(sent));
    const { closes, streams } = await ledgerOf(engine, 'syslog', sent);
    expect(closes).toBe(true);
    const { received = 0, evaluated = 0, dropped = {} } = streams['syslog'] ?? {};
    expect([received, evaluated + (dropped['queue'] ?? 0)]).toEqual([sent, sent]);
  });
});
