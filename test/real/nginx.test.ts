/**
 * The whole way on real telemetry: nginx under wrk, its access log tailed by the agent, one query
 * read through the command line, an event stream and a WebSocket. What the windows count must be
 * what nginx logged, line by line, and what nginx and wrk say they did.
 */
import { afterEach, expect, test } from 'vitest';
import type { RowsMessage } from '../../src/wire/results.ts';
import { endAll, start, startEngine, startSquilla, until } from '../support/engine-process.ts';
import type { RunningProcess } from '../support/engine-process.ts';
import { linesOf, startNginx, startTail } from '../support/nginx.ts';
import { describeReal } from '../support/real.ts';
import { firstOf, readEvents, readSocket, total, windowsOf } from '../support/result-reader.ts';

const CONNECTIONS = 4;
const QUERY =
  'select rate() as rps, p99(request_time), count(*) as n from nginx window 1s group by status';

afterEach(endAll);

/** Windows that `squilla query --json` printed so far. */
function printedBy(run: RunningProcess): RowsMessage[] {
  const whole = run.out().slice(0, run.out().lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line.includes('"type":"rows"'))
    .map((line) => JSON.parse(line) as RowsMessage);
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
  expect([...statuses].sort((a, b) => Number(a) - Number(b))).toStrictEqual([200, 404]);
}

interface Ledger {
  readonly closes: boolean;
  readonly agents: {
    readonly offered: number;
    readonly aggregated: number;
    readonly sent: number;
    readonly dropped: Readonly<Record<string, number>>;
  };
  readonly streams: Readonly<
    Record<
      string,
      {
        readonly received: number;
        readonly evaluated: number;
        readonly dropped: Readonly<Record<string, number>>;
      }
    >
  >;
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
    const ledger = (await engine.get('/api/v1/ledger')) as Ledger;
    expect(ledger.closes).toBe(true);
    const { agents, streams } = ledger;
    // Each line was counted once: by the agent itself, or shipped and evaluated here.
    const page = streams['nginx'];
    expect(page).toMatchObject({ received: page?.evaluated, dropped: {} });
    expect(agents.aggregated + (page?.evaluated ?? 0)).toBe(lines);
    expect(agents).toMatchObject({ offered: lines, sent: page?.received, dropped: {} });
    events.close();
    socket.close();
  });
});
