/**
 * Many distinct live queries on one stream: alerts and counters that each look for one route, one
 * service or one segment beyond a threshold, and 300 rules that share one source. A query's windows
 * are compared with what was sent, for some of the queries; the memory of a query is the growth of
 * the engine's process when all are there.
 */
import { startEngineUnderTest } from './harness/engine-under-test.ts';
import type { EngineUnderTest } from './harness/engine-under-test.ts';
import { figure, held } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';
import { prepareLoad } from './harness/load-under-way.ts';
import { checkSentQueries } from './harness/sent-queries.ts';
import type { CheckedWindows, SentQuery } from './harness/sent-queries.ts';
import { Subscribers } from './harness/subscribers.ts';
import { waitMs } from './harness/wait.ts';
import { createRng } from '../src/core/rng.ts';
import type { Rng } from '../src/core/rng.ts';
import type { SentWindow } from './load/load-contract.ts';
import { STREAM } from './workload.ts';
import type { RequestEvent } from './workload.ts';

const AGENTS = 8;
const ROWS_PER_FRAME = 512;
const SLACK_MS = 50;
const CLOSE_WAIT_MS = 20_000;
const CHECKED_QUERIES = 100;
const SEED = 777;
/** What eKuiper publishes for 300 rules on one shared source: 500 events/s for each rule. */
const EKUIPER_EVALUATIONS = 150_000;
const EKUIPER_FACTOR = 40;
/** Of a case's time, so that all of them end within 55 s: one whole window each. */
const QUICK_PART = 0.6;
const BYTES_A_QUERY_MAX = 20 * 1_024;

interface ManyCase {
  readonly queries: number;
  readonly windowMs: number;
  readonly eventsPerSecond: number | null;
  readonly make: (rng: Rng, windowMs: number) => SentQuery;
  /** Milliseconds. */
  readonly warm: number;
  readonly measured: number;
}

const CASES: readonly ManyCase[] = [
  {
    queries: 100,
    windowMs: 2_000,
    eventsPerSecond: 3e6,
    make: watcher,
    warm: 2_000,
    measured: 4_000,
  },
  {
    queries: 300,
    windowMs: 2_000,
    eventsPerSecond: null,
    make: rule,
    warm: 2_000,
    measured: 4_000,
  },
  {
    queries: 1_000,
    windowMs: 2_000,
    eventsPerSecond: 1e6,
    make: watcher,
    warm: 2_000,
    measured: 4_000,
  },
  {
    queries: 10_000,
    windowMs: 5_000,
    eventsPerSecond: 150e3,
    make: watcher,
    warm: 4_000,
    measured: 10_000,
  },
];

export async function manyQueriesBench({ quick, say }: BenchContext): Promise<BenchCase[]> {
  const cases: BenchCase[] = [];
  for (const one of CASES) {
    const found = await measure({ ...one, measured: one.measured * (quick ? QUICK_PART : 3) });
    const { eventsPerSecond } = found;
    say(`${one.queries} queries: ${(eventsPerSecond / 1e6).toFixed(2)} M events/s`);
    cases.push(...casesOf(one, found));
  }
  return cases;
}

interface Found {
  readonly eventsPerSecond: number;
  readonly cpuSecondsPerMillion: number;
  readonly bytesPerQuery: number;
  readonly acceptedMs: number;
  readonly checked: CheckedWindows;
}

async function measure(one: ManyCase): Promise<Found> {
  const rng = createRng(SEED);
  const queries = Array.from({ length: one.queries }, () => one.make(rng, one.windowMs));
  const engine = await startEngineUnderTest({
    closeWaitMs: CLOSE_WAIT_MS,
    subscriptionsPerClientMax: one.queries,
    // Nobody watches ten thousand watermarks move: results are what is measured.
    progressMs: 10_000,
  });
  const emptyMegabytes = engine.residentMegabytes;
  const startedMs = performance.now();
  const subscribers = new Subscribers(
    engine.ready.url,
    queries.map(({ text }) => text),
  );
  try {
    await subscribers.accepted();
    const acceptedMs = performance.now() - startedMs;
    await waitMs(1_000);
    const bytesPerQuery = ((engine.residentMegabytes - emptyMegabytes) * 1_048_576) / one.queries;
    const load = await loadOn(engine, one);
    const checked = await checkSentQueries(queries.slice(0, CHECKED_QUERIES), {
      subscribers,
      sent: load.windows,
      windowMs: one.windowMs,
      agents: AGENTS,
      rowsPerFrame: ROWS_PER_FRAME,
    });
    return { ...load, bytesPerQuery, acceptedMs, checked };
  } finally {
    subscribers.close();
    await engine.stop();
  }
}

interface Loaded {
  readonly eventsPerSecond: number;
  readonly cpuSecondsPerMillion: number;
  readonly windows: readonly SentWindow[];
}

async function loadOn(engine: EngineUnderTest, one: ManyCase): Promise<Loaded> {
  const load = await prepareLoad({
    port: engine.ready.ingestPort,
    codec: 'columns',
    agents: AGENTS,
    rowsPerFrame: ROWS_PER_FRAME,
    eventsPerSecond: null,
    slackMs: SLACK_MS,
    queries: one.queries,
  });
  try {
    load.go();
    await waitMs(one.warm);
    const before = await load.mark();
    const cpuBefore = engine.cpuSeconds;
    await waitMs(one.measured);
    const after = await load.mark();
    const cpuSeconds = engine.cpuSeconds - cpuBefore;
    const windows = await load.stop();
    // Heartbeats carry the watermark over the end of the last window.
    await waitMs(one.windowMs + 2 * SLACK_MS);
    const events = after.evaluatedEvents - before.evaluatedEvents;
    return {
      eventsPerSecond: (events / (after.atMs - before.atMs)) * 1_000,
      cpuSecondsPerMillion: (cpuSeconds / events) * 1e6,
      windows,
    };
  } finally {
    await load.close();
  }
}

function casesOf(one: ManyCase, found: Found): BenchCase[] {
  const isRules = one.make === rule;
  const name = isRules ? `${one.queries} rules on one source` : `${one.queries} queries`;
  const rate = figure(name, 'eventsPerSecond', found.eventsPerSecond, 'events/s');
  const evaluations = found.eventsPerSecond * one.queries;
  const memory = figure(name, 'bytesPerQuery', found.bytesPerQuery, 'bytes');
  const cases = [
    one.eventsPerSecond === null ? rate : held(rate, '>=', one.eventsPerSecond),
    figure(name, 'cpuSecondsPerMillionEvents', found.cpuSecondsPerMillion, 's'),
    figure(name, 'evaluationsPerSecond', evaluations, 'evaluations/s'),
    // Of few queries the process itself is the greater part.
    one.queries >= 10_000 ? held(memory, '<=', BYTES_A_QUERY_MAX) : memory,
    figure(name, 'millisecondsToAcceptAll', found.acceptedMs, 'ms'),
    held(figure('results', `completeWindows of ${name}`, found.checked.complete, ''), '>=', 1),
    held(figure('results', `wrongWindows of ${name}`, found.checked.wrong, ''), '<=', 0),
  ];
  if (!isRules) return cases;
  const ratio = figure(name, 'ratioToEkuiper', evaluations / EKUIPER_EVALUATIONS, '×');
  return [...cases, held(ratio, '>=', EKUIPER_FACTOR)];
}

/** One of 200 routes, 20 services or 1,000 segments, beyond one of many durations. */
function watcher(rng: Rng, windowMs: number): SentQuery {
  const kind = rng.next();
  // Of so many digits that no two queries are one.
  const beyondMs = Number((rng.next() * 40).toFixed(7));
  const { condition, holds } = placeOf(kind, rng);
  return {
    text: `select count(*) as n, sum(bytes) as total from ${STREAM} where ${condition} and durMs > ${beyondMs} window ${windowMs}ms`,
    matches: (event) => holds(event) && event.durMs > beyondMs,
  };
}

interface Place {
  readonly condition: string;
  readonly holds: (event: RequestEvent) => boolean;
}

function placeOf(kind: number, rng: Rng): Place {
  if (kind < 0.6) {
    const route = `/api/v1/resource${rng.int(200)}/:id`;
    return { condition: `route = '${route}'`, holds: (event) => event.route === route };
  }
  if (kind < 0.9) {
    const service = `service-${rng.int(20)}`;
    return { condition: `service = '${service}'`, holds: (event) => event.service === service };
  }
  const seg = rng.int(1_000);
  return { condition: `user.seg = ${seg}`, holds: (event) => event.user.seg === seg };
}

/** A rule as device fleets have them: two bounds and a state, nothing that an index answers. */
function rule(rng: Rng, windowMs: number): SentQuery {
  const beyondMs = Number((rng.next() * 60).toFixed(7));
  const below = 1_000 + rng.int(60_000);
  return {
    text: `select count(*) as n, avg(durMs) as mean, max(bytes) as most from ${STREAM} where durMs > ${beyondMs} and bytes < ${below} and status != 404 window ${windowMs}ms`,
    matches: (event) => event.durMs > beyondMs && event.bytes < below && event.status !== 404,
  };
}
