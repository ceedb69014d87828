/**
 * More work than a shard can do, over real sockets: a client opens hundreds of heavy queries, and
 * an alert rule's query stays complete and right to the event all the while.
 */
import { afterAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createAgent } from '../../agents/agent.ts';
import { endAll, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { readEvents, windowsOf } from '../support/result-reader.ts';

afterAll(endAll);

const HEAVY = 200;
const RULED = 'select count(*) as n, max(at) as last from plays window 500ms';

interface QueryJson {
  readonly shed: boolean;
  readonly standing: boolean;
  readonly dropped: Record<string, number>;
}

type Window = ReturnType<typeof windowsOf>[number];

test('the queries of a greedy client are shed, and a rule’s stays complete', async () => {
  const engine = await startEngine({
    settings: {
      // What is late because of the load is waited for: then nothing but a loss is incomplete.
      // The agent lives in this process, which a busy machine may leave without a turn for a while.
      ...{ closeWaitMs: 60_000, leaseMs: 20_000, heartbeatMs: 1_000 },
      ...{ shedBusyPercent: 60, shedLagMs: 100, shedAfterMs: 1_000, shedCalmMs: 60_000 },
      // The client's queries go when it does, and what waits is for the rule alone.
      ...{ lingerMs: 0, pingMs: 20_000, handshakeMs: 10_000 },
    },
    flags: ['--shards', '1'],
  });
  await makeRule(engine);
  const agent = createAgent({
    ...{ url: engine.ingestUrl, service: 'plays', handleSignals: false },
    // The service gives what it takes: it is the engine that has too much to do.
    limits: { agentCpuPercent: 0, agentQueueEvents: 1_000_000 },
  });
  const plays = agent.stream('plays');
  const ruled = await readEvents(engine.url, RULED);
  await until(() => windowsOf(ruled).some(isWhole), 'the rule’s query is complete');
  const greedy = await openQueries(engine);
  await until(async () => (await queriesOf(engine)).length >= HEAVY, 'all run', 20_000);

  let published = 0;
  const publish = setInterval(() => {
    for (let i = 0; i < 60; i++) {
      const at = ++published;
      plays.publish({ user: `u${i}`, page: `p${at % 997}`, ms: at % 5_000, at });
    }
  }, 10);
  try {
    const shed = await until(
      async () => {
        const found = (await queriesOf(engine)).filter((query) => query.shed);
        return found.some(({ dropped }) => (dropped['shed'] ?? 0) > 0) ? found : null;
      },
      'the engine sheds, and counts what it does not evaluate',
      60_000,
    );
    expect(shed.every(({ standing }) => !standing)).toBe(true);
    const metrics = await (await fetch(`${engine.url}/metrics`)).text();
    expect(metrics).toMatch(/^squilla_shed_events_total [1-9]/m);
  } finally {
    clearInterval(publish);
    greedy.terminate();
  }
  const hasAll = (): boolean => windowsOf(ruled).some((window) => lastOf(window) >= published);
  await until(hasAll, 'the rule’s query has the last event', 60_000);
  const told = windowsOf(ruled);
  const since = told.slice(told.findIndex(isWhole));
  const short = since.filter((window) => !isWhole(window));
  expect(short.map(({ completeness }) => completeness)).toStrictEqual([]);
  expect(since.reduce((sum, { rows }) => sum + Number(rows[0]?.['n']), 0)).toBe(published);
  const ledger = (await engine.get('/api/v1/ledger')) as {
    closes: boolean;
    queries: Record<string, number>;
  };
  expect(ledger.closes).toBe(true);
  expect(ledger.queries['shed']).toBeGreaterThan(0);
  ruled.close();
  await agent.close();
}, 150_000);

async function makeRule(engine: EngineProcess): Promise<void> {
  const rule = { name: 'r', query: RULED, when: 'n > 1000000', severity: 'info' };
  const made = await fetch(`${engine.url}/api/v1/rules/r`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'if-none-match': '*' },
    body: JSON.stringify(rule),
  });
  expect(made.status).toBe(201);
}

async function openQueries(engine: EngineProcess): Promise<WebSocket> {
  const socket = new WebSocket(`${engine.url.replace('http', 'ws')}/api/v1/live`);
  await new Promise((resolve) => socket.once('open', resolve));
  for (let i = 0; i < HEAVY; i++) {
    const query = { type: 'subscribe', sub: `s${i}`, query: heavy(i), params: {}, resume: null };
    socket.send(JSON.stringify(query));
  }
  return socket;
}

/** No two are alike, and each keeps a hundred groups with a set and a sketch. */
function heavy(i: number): string {
  return (
    `select user, count(distinct page) as pages, p99(ms) as p from plays ` +
    `where ms >= ${i} or page like '%x${i}%' group by user window 5s`
  );
}

async function queriesOf(engine: EngineProcess): Promise<QueryJson[]> {
  return ((await engine.get('/api/v1/queries')) as { queries: QueryJson[] }).queries;
}

/** Whatever the load: nobody who reports is called silent. */
function isWhole({ completeness }: Window): boolean {
  const { agents, source, status } = completeness;
  return status === 'complete' && agents.reporting === 1 && source === 'live';
}

function lastOf({ rows }: Window): number {
  return Number(rows[0]?.['last'] ?? 0);
}
