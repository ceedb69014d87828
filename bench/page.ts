/**
 * How soon a page is out: from the close of the window that proves an incident, as the rule decided
 * by it, to the receiver's socket. A rule without patience, windows of 200 ms, a webhook in the
 * process of the bench; incidents begin and end one after the other.
 */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'hdr-histogram-js';
import { systemClock } from '../src/core/clock.ts';
import { figure, held } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';
import { startEngineUnderTest } from './harness/engine-under-test.ts';
import { waitMs } from './harness/wait.ts';

const QUICK_INCIDENTS = 15;
const FULL_INCIDENTS = 100;
const P99_MAX_MS = 500;
const FEED_MS = 50;
const INCIDENT_PATIENCE_MS = 20_000;
const POLL_MS = 5;

const RULES = `rules:
  - name: flood
    query: select count(*) as n from plays window 200ms group by region
    when: n > 5
    severity: critical
    flap: ignore
`;

interface Page {
  readonly atMs: number;
  readonly reason: string;
  readonly decidedMs: number;
}

export async function pageBench({ quick, say }: BenchContext): Promise<BenchCase[]> {
  const folder = mkdtempSync(join(tmpdir(), 'squilla-bench-'));
  const pages: Page[] = [];
  const server = await startReceiver(pages);
  const { port } = server.address() as AddressInfo;
  writeFileSync(join(folder, 'rules.yaml'), RULES);
  const notifyPath = join(folder, 'notify');
  writeFileSync(
    notifyPath,
    `receivers: { hook: { type: webhook, url: 'http://127.0.0.1:${port}', allowPrivate: true } }
route: { receiver: hook, groupBy: [alertname, region], groupWait: 0s, groupInterval: 0s }
`,
  );
  const engine = await startEngineUnderTest(
    { closeWaitMs: 100, deliveriesPerMinuteMax: 10_000 },
    { rulesDir: folder, notifyPath },
  );
  const incidents = quick ? QUICK_INCIDENTS : FULL_INCIDENTS;
  try {
    for (let i = 0; i < incidents; i++) await incident(engine.ready.url, pages);
  } finally {
    await engine.stop();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
  say(`${pages.length} pages of ${incidents} incidents`);
  return [...delaysOf('begin', 'new', pages), ...delaysOf('end', 'resolved', pages)];
}

function startReceiver(pages: Page[]): Promise<Server> {
  const server = createServer((request, response) => {
    const atMs = systemClock.now();
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      response.end();
      const { data } = JSON.parse(body) as {
        data: { reason: string; alerts: { updatedAtMs: number }[] };
      };
      pages.push({ atMs, reason: data.reason, decidedMs: data.alerts[0]?.updatedAtMs ?? 0 });
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** Feeds until the page is there, then waits for its end. */
async function incident(url: string, pages: readonly Page[]): Promise<void> {
  const before = pages.length;
  const body = Array.from({ length: 50 }, () => '{"region":"eu"}').join('\n');
  const feed = (): void => {
    const headers = { 'content-type': 'application/x-ndjson' };
    void fetch(`${url}/api/v1/streams/plays/events`, { method: 'POST', headers, body });
  };
  const timer = setInterval(feed, FEED_MS);
  try {
    await reached(pages, before + 1);
  } finally {
    clearInterval(timer);
  }
  await reached(pages, before + 2);
}

async function reached(pages: readonly Page[], count: number): Promise<void> {
  const giveUpAt = performance.now() + INCIDENT_PATIENCE_MS;
  while (pages.length < count) {
    if (performance.now() > giveUpAt) throw new Error(`only ${pages.length} of ${count} pages`);
    await waitMs(POLL_MS);
  }
}

function delaysOf(name: string, reason: string, pages: readonly Page[]): BenchCase[] {
  const delays = build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000 });
  for (const page of pages) {
    if (page.reason !== reason) continue;
    delays.recordValue(Math.max(0, Math.round((page.atMs - page.decidedMs) * 1_000)));
  }
  const at = (percentile: number): number => delays.getValueAtPercentile(percentile) / 1_000;
  return [
    figure(name, 'windowToReceiverP50', at(50), 'ms'),
    held(figure(name, 'windowToReceiverP99', at(99), 'ms'), '<=', P99_MAX_MS),
    figure(name, 'pages', delays.totalCount, ''),
  ];
}
