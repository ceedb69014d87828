/**
 * The whole way on real telemetry: nginx under wrk, its access log tailed by the agent, one query
 * read through the command line, an event stream and a WebSocket. What the windows count must be
 * what nginx logged, line by line, and what nginx and wrk say they did.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../src/gateway/free-port.ts';
import type { RowsMessage } from '../../src/wire/results.ts';
import {
  endAll,
  start,
  startEngine,
  startSquilla,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import type { EngineProcess, RunningProcess } from '../support/engine-process.ts';
import { describeReal } from '../support/real.ts';
import { firstOf, readEvents, readSocket, total, windowsOf } from '../support/result-reader.ts';

const CONNECTIONS = 4;
const QUERY =
  'select rate() as rps, p99(request_time), count(*) as n from nginx window 1s group by status';

afterEach(endAll);

interface Nginx {
  readonly url: string;
  readonly log: string;
  /** Requests that nginx has served so far, this question included. */
  readonly served: () => Promise<number>;
}

function configuration(folder: string, port: number): string {
  const buffers = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const paths = buffers.map((name) => `${name}_temp_path ${join(folder, name)};`).join('\n  ');
  return `daemon off;
master_process off;
pid ${join(folder, 'nginx.pid')};
error_log ${join(folder, 'error.log')};
events { worker_connections 64; }
http {
  ${paths}
  log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                   '"$http_referer" "$http_user_agent" $msec $request_time';
  access_log ${join(folder, 'access.log')} timed;
  split_clients $request_id $fate { 10% lost; * found; }
  server {
    listen 127.0.0.1:${port};
    location = /served { access_log off; stub_status; }
    location / {
      if ($fate = lost) { return 404 "lost"; }
      return 200 "found";
    }
  }
}
`;
}

async function startNginx(program: string): Promise<Nginx> {
  const folder = temporaryFolder();
  const port = await freePort('127.0.0.1');
  const file = join(folder, 'nginx.conf');
  mkdirSync(join(folder, 'logs'));
  writeFileSync(file, configuration(folder, port));
  const nginx = start(program, ['-p', folder, '-c', file, '-e', join(folder, 'error.log')]);
  const url = `http://127.0.0.1:${port}`;
  const served = async (): Promise<number> => {
    const text = await (await fetch(`${url}/served`)).text();
    return Number(/requests\s+\d+ \d+ (\d+)/.exec(text)?.[1]);
  };
  await until(async () => await served().catch(() => null), `nginx answers: ${nginx.err()}`);
  return { url, log: join(folder, 'access.log'), served };
}

function linesOf(file: string): number {
  return readFileSync(file, 'utf8').split('\n').length - 1;
}

/** Windows that `squilla query --json` printed so far. */
function printedBy(run: RunningProcess): RowsMessage[] {
  const whole = run.out().slice(0, run.out().lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line.includes('"type":"rows"'))
    .map((line) => JSON.parse(line) as RowsMessage);
}

async function startTail(engine: EngineProcess, log: string): Promise<void> {
  const tail = startSquilla('agent', 'tail', log, '--stream', 'nginx', '--url', engine.ingestUrl);
  await until(async () => {
    const { agents } = (await engine.get('/api/v1/agents')) as { agents: { state: string }[] };
    return agents[0]?.state === 'live';
  }, `the tail is connected: ${tail.err()}`);
}

function checkWindows(windows: readonly RowsMessage[]): void {
  const statuses = new Set<unknown>();
  for (const { rows, completeness, revision } of windows) {
    expect(revision).toBe(0);
    expect(completeness.events.late).toBe(0);
    expect(completeness.events.dropped).toStrictEqual({});
    for (const row of rows) {
      statuses.add(row['status']);
      const { n, rps } = row;
      if (completeness.coveredMs === 1_000) expect(rps).toBe(n);
      if (n !== 0) expect(row['P99(request_time)']).toBeGreaterThanOrEqual(0);
    }
  }
  expect([...statuses].sort()).toStrictEqual([200, 404]);
}

describeReal('nginx under wrk', ['nginx', 'wrk'], ({ nginx: nginxProgram, wrk: wrkProgram }) => {
  test('is counted exactly, by its log, its own count and the load generator', async () => {
    const nginx = await startNginx(nginxProgram);
    // How busy the machine is must not decide for how long windows wait for the tail.
    const engine = await startEngine({ settings: { closeWaitMs: 20_000, leaseMs: 20_000 } });
    await startTail(engine, nginx.log);
    const cli = startSquilla('query', QUERY, '--json', '--url', engine.url);
    const events = await readEvents(engine.url, QUERY);
    const socket = await readSocket(engine.url, QUERY);
    const isReported = ({ completeness }: RowsMessage): boolean =>
      completeness.status === 'complete' && completeness.agents.reporting === 1;
    for (const reader of [events, socket]) await firstOf(reader, 'rows', isReported);
    await until(() => printedBy(cli).some(isReported), 'the command line prints windows');

    const servedBefore = await nginx.served();
    const load = ['-t', '1', '-c', String(CONNECTIONS), '-d', '3s', `${nginx.url}/`];
    const wrk = start(wrkProgram, load);
    expect(await wrk.exited).toBe(0);
    const sent = Number(/(\d+) requests in/.exec(wrk.out())?.[1]);
    const served = (await nginx.served()) - servedBefore - 1;
    const lines = linesOf(nginx.log);
    expect(lines).toBe(served);
    expect(lines).toBeGreaterThanOrEqual(sent);
    expect(lines - sent).toBeLessThanOrEqual(CONNECTIONS);

    const sources = [() => windowsOf(events), () => windowsOf(socket), () => printedBy(cli)];
    for (const windows of sources) {
      await until(() => total(windows(), 'n') >= lines, `${lines} requests in windows`, 30_000);
      const count = windows().length;
      await until(() => windows().length > count, 'another window');
      expect(total(windows(), 'n')).toBe(lines);
      checkWindows(windows());
    }
    const ledger = (await engine.get('/api/v1/ledger')) as {
      readonly closes: boolean;
      readonly streams: Readonly<Record<string, { received: number; evaluated: number }>>;
    };
    expect(ledger.closes).toBe(true);
    expect(ledger.streams['nginx']).toMatchObject({ received: lines, evaluated: lines, late: 0 });
    events.close();
    socket.close();
  });
});
