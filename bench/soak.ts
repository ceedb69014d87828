/**
 * Whether an engine keeps what it should let go of: the ten queries of the workload stay, ten
 * others a second come and go, events come in an open loop. What the process holds is sampled every
 * second, right as garbage is collected; the lowest sample of each stretch is what it needs. A
 * straight line through those, after a warm-up, says how much more it needs each minute, and how
 * far chance alone may have bent that line.
 */
import { figure, held } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';
import { startEngineUnderTest } from './harness/engine-under-test.ts';
import type { EngineUnderTest } from './harness/engine-under-test.ts';
import { prepareLoad } from './harness/load-under-way.ts';
import type { LoadUnderWay } from './harness/load-under-way.ts';
import { QueryChurn } from './harness/query-churn.ts';
import { checkSentQueries } from './harness/sent-queries.ts';
import { Subscribers } from './harness/subscribers.ts';
import { lowest, trendOf } from './harness/trend.ts';
import type { Sample } from './harness/trend.ts';
import { waitMs } from './harness/wait.ts';
import { QUERIES } from './workload.ts';

const AGENTS = 8;
const ROWS_PER_FRAME = 512;
const SLACK_MS = 50;
const WINDOW_MS = 1_000;
/** Windows of a machine that others use too may be late, but are not to be wrong for it. */
const CLOSE_WAIT_MS = 20_000;
const LINGER_MS = 1_000;
const CHURN = { everyMs: 100, lifeMs: 3_000 };
/**
 * The first queries of the workload have a column `n`, which can be compared with what was sent.
 */
const CHECKED = 3;
const SAMPLE_MS = 1_000;
const MINUTE_MS = 60_000;
const KILOBYTES = 1_024;
/** A query that leaves 200 bytes behind is 120 KB a minute. */
const SLOPE_MAX = 100;
/** Of those that come and go; what is still there then was forgotten. */
const SETTLE_MS = 3 * LINGER_MS;

interface Soak {
  readonly eventsPerSecond: number;
  readonly warmMs: number;
  readonly measuredMs: number;
  /** Of which the lowest sample counts. */
  readonly stretchMs: number;
}

const FULL: Soak = {
  eventsPerSecond: 300_000,
  warmMs: 5 * MINUTE_MS,
  measuredMs: 25 * MINUTE_MS,
  stretchMs: 10_000,
};
const QUICK: Soak = {
  eventsPerSecond: 300_000,
  warmMs: 14_000,
  measuredMs: 24_000,
  stretchMs: 3_000,
};

/** `SQUILLA_SOAK_EVENTS` and `SQUILLA_SOAK_MINUTES` are for machines that others use too. */
export async function soakBench({ quick, say }: BenchContext): Promise<BenchCase[]> {
  const soak = quick ? QUICK : fullSoak();
  const collect = new URL('./load/collect-garbage.js', import.meta.url);
  const engine = await startEngineUnderTest(
    { closeWaitMs: CLOSE_WAIT_MS, lingerMs: LINGER_MS },
    {},
    ['--expose-gc', `--import=${collect.href}`],
  );
  const queries = QUERIES.map(({ text }) => text);
  const subscribers = new Subscribers(engine.ready.url, queries);
  const churn: QueryChurn[] = [];
  try {
    await subscribers.accepted();
    const load = await prepareLoad({
      port: engine.ready.ingestPort,
      codec: 'columns',
      agents: AGENTS,
      rowsPerFrame: ROWS_PER_FRAME,
      eventsPerSecond: soak.eventsPerSecond,
      slackMs: SLACK_MS,
      queries: QUERIES.length,
    });
    load.go();
    churn.push(new QueryChurn(engine.ready.url, CHURN));
    const run = await soaked(soak, engine, load, say);
    for (const queriesThatCome of churn) queriesThatCome.close();
    const windows = await load.stop();
    await waitMs(SETTLE_MS);
    const parts = { subscribers, agents: AGENTS, rowsPerFrame: ROWS_PER_FRAME };
    const checked = QUERIES.slice(0, CHECKED);
    const answers = await checkSentQueries(checked, {
      ...parts,
      sent: windows,
      windowMs: WINDOW_MS,
    });
    const forgotten = (await runningQueries(engine.ready.url)) - QUERIES.length;
    await load.close();
    return casesOf(soak, run, { ...answers, forgotten, churn: churn[0] as QueryChurn });
  } finally {
    for (const queriesThatCome of churn) queriesThatCome.close();
    subscribers.close();
    await engine.stop();
  }
}

function fullSoak(): Soak {
  const { SQUILLA_SOAK_EVENTS: events, SQUILLA_SOAK_MINUTES: minutes } = process.env;
  const totalMs = Number(minutes ?? 30) * MINUTE_MS;
  return {
    ...FULL,
    eventsPerSecond: Number(events ?? FULL.eventsPerSecond),
    warmMs: Math.min(FULL.warmMs, totalMs / 3),
    measuredMs: totalMs - Math.min(FULL.warmMs, totalMs / 3),
  };
}

interface Run {
  /** Kilobytes over minutes. */
  readonly samples: readonly Sample[];
  readonly eventsPerSecond: number;
  readonly cpuSecondsPerMillion: number;
}

async function soaked(
  { measuredMs, warmMs }: Soak,
  engine: EngineUnderTest,
  load: LoadUnderWay,
  say: BenchContext['say'],
): Promise<Run> {
  await waitMs(warmMs);
  const before = await load.mark();
  const cpuBefore = engine.cpuSeconds;
  const samples: Sample[] = [];
  const startMs = performance.now();
  let toldMinute = 0;
  for (;;) {
    const passedMs = performance.now() - startMs;
    if (passedMs >= measuredMs) break;
    const minutes = passedMs / MINUTE_MS;
    const value = engine.residentMegabytes * KILOBYTES;
    samples.push({ at: minutes, value });
    if (minutes >= toldMinute + 1) {
      toldMinute = Math.floor(minutes);
      say(`minute ${toldMinute}: ${Math.round(value / KILOBYTES)} MB`);
    }
    await waitMs(SAMPLE_MS);
  }
  const after = await load.mark();
  const events = after.evaluatedEvents - before.evaluatedEvents;
  return {
    samples,
    eventsPerSecond: (events / (after.atMs - before.atMs)) * 1_000,
    cpuSecondsPerMillion: ((engine.cpuSeconds - cpuBefore) / events) * 1e6,
  };
}

async function runningQueries(url: string): Promise<number> {
  const answer = (await (await fetch(`${url}/api/v1/queries`)).json()) as {
    readonly queries: readonly unknown[];
  };
  return answer.queries.length;
}

interface Outcome {
  readonly complete: number;
  readonly wrong: number;
  readonly forgotten: number;
  readonly churn: QueryChurn;
}

function casesOf(soak: Soak, run: Run, outcome: Outcome): BenchCase[] {
  const minutes = Math.round((soak.measuredMs / MINUTE_MS) * 10) / 10;
  const name = `${minutes} min at ${soak.eventsPerSecond / 1e3} k events/s`;
  const needed = lowest(run.samples, soak.stretchMs / MINUTE_MS);
  const { slope, standardError } = trendOf(needed);
  // What is left of the slope when chance has had its due: in a short run all there is to say.
  const proven = Math.max(0, Math.abs(slope) - 2 * standardError) * Math.sign(slope);
  return [
    held(figure(name, 'provenSlope', proven, 'KB/min'), '<=', SLOPE_MAX),
    figure(name, 'slope', slope, 'KB/min'),
    figure(name, 'standardErrorOfSlope', standardError, 'KB/min'),
    figure(name, 'residentFirst', (needed[0]?.value ?? Number.NaN) / KILOBYTES, 'MB'),
    figure(name, 'residentLast', (needed.at(-1)?.value ?? Number.NaN) / KILOBYTES, 'MB'),
    figure(name, 'eventsPerSecond', run.eventsPerSecond, 'events/s'),
    figure(name, 'cpuSecondsPerMillionEvents', run.cpuSecondsPerMillion, 's'),
    figure(name, 'queriesBegun', outcome.churn.begun, ''),
    figure(name, 'queriesAnswered', outcome.churn.answered, ''),
    held(figure('results', 'queriesRefused', outcome.churn.refused, ''), '<=', 0),
    held(figure('results', 'queriesNotForgotten', outcome.forgotten, ''), '<=', 0),
    held(figure('results', 'completeWindows', outcome.complete, ''), '>=', 1),
    held(figure('results', 'wrongWindows', outcome.wrong, ''), '<=', 0),
  ];
}
