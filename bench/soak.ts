/**
 * Whether an engine keeps what it should let go of: the ten queries of the workload stay, ten
 * others a second come and go, events come in an open loop. Each thread collects its garbage every
 * second and says what is left; the lowest sample of each stretch is what it needs. A straight line
 * through those, after a warm-up, says how much more it needs each minute, and how far chance alone
 * may have bent that line. The same for what the process takes of the system, which goes on to grow
 * for some minutes after a start: that is held in a long run only.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
/** Of those that come and go; what is still there then was forgotten. */
const SETTLE_MS = 3 * LINGER_MS;

interface Soak {
  readonly eventsPerSecond: number;
  readonly warmMs: number;
  readonly measuredMs: number;
  /** Of which the lowest sample counts. */
  readonly stretchMs: number;
  /** Kilobytes a minute. A query that leaves 200 bytes behind makes 120 of them. */
  readonly slopeMax: number;
  readonly holdsResident: boolean;
  /** Of each query's results, for who comes back. The usual 300 fill for five minutes. */
  readonly windowsKept: number;
}

const FULL: Soak = {
  eventsPerSecond: 300_000,
  warmMs: 5 * MINUTE_MS,
  measuredMs: 25 * MINUTE_MS,
  stretchMs: 10_000,
  slopeMax: 100,
  holdsResident: true,
  windowsKept: 60,
};
/** What V8 compiles, and learns of shapes, in the first minute is a megabyte or two. */
const QUICK: Soak = {
  eventsPerSecond: 300_000,
  warmMs: 14_000,
  measuredMs: 24_000,
  stretchMs: 3_000,
  slopeMax: 5_000,
  holdsResident: false,
  windowsKept: 10,
};

/** `SQUILLA_SOAK_EVENTS` and `SQUILLA_SOAK_MINUTES` are for machines that others use too. */
export async function soakBench({ quick, say }: BenchContext): Promise<BenchCase[]> {
  const soak = quick ? QUICK : fullSoak();
  const folder = mkdtempSync(join(tmpdir(), 'squilla-soak-'));
  const collect = new URL('./load/collect-garbage.js', import.meta.url);
  collect.searchParams.set('folder', folder);
  const engine = await startEngineUnderTest(
    { closeWaitMs: CLOSE_WAIT_MS, lingerMs: LINGER_MS, windowsKept: soak.windowsKept },
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
    const needed = (): number => bytesIn(folder) / KILOBYTES;
    const run = await soaked(soak, { engine, load, needed, say });
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
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The sum of what all threads said last. */
function bytesIn(folder: string): number {
  return readdirSync(folder)
    .map((file) => Number(readFileSync(join(folder, file), 'utf8')))
    .reduce((sum, bytes) => sum + bytes, 0);
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

interface Under {
  readonly engine: EngineUnderTest;
  readonly load: LoadUnderWay;
  /** Kilobytes. */
  readonly needed: () => number;
  readonly say: BenchContext['say'];
}

/** Kilobytes over minutes. */
interface Run {
  readonly needed: readonly Sample[];
  readonly resident: readonly Sample[];
  readonly eventsPerSecond: number;
  readonly cpuSecondsPerMillion: number;
}

async function soaked(
  { measuredMs, warmMs }: Soak,
  { engine, load, needed, say }: Under,
): Promise<Run> {
  await waitMs(warmMs);
  const before = await load.mark();
  const cpuBefore = engine.cpuSeconds;
  const samples: { readonly needed: Sample[]; readonly resident: Sample[] } = {
    needed: [],
    resident: [],
  };
  const startMs = performance.now();
  let toldMinute = 0;
  for (;;) {
    const passedMs = performance.now() - startMs;
    if (passedMs >= measuredMs) break;
    const at = passedMs / MINUTE_MS;
    const value = needed();
    samples.needed.push({ at, value });
    samples.resident.push({ at, value: engine.residentMegabytes * KILOBYTES });
    if (at >= toldMinute + 1) {
      toldMinute = Math.floor(at);
      const resident = Math.round(engine.residentMegabytes);
      say(`minute ${toldMinute}: ${Math.round(value / KILOBYTES)} MB needed, ${resident} resident`);
    }
    await waitMs(SAMPLE_MS);
  }
  const after = await load.mark();
  const events = after.evaluatedEvents - before.evaluatedEvents;
  return {
    ...samples,
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
  readonly missing: number;
  readonly forgotten: number;
  readonly churn: QueryChurn;
}

function casesOf(soak: Soak, run: Run, outcome: Outcome): BenchCase[] {
  const minutes = Math.round((soak.measuredMs / MINUTE_MS) * 10) / 10;
  const name = `${minutes} min at ${soak.eventsPerSecond / 1e3} k events/s`;
  const residentMax = soak.holdsResident ? soak.slopeMax : null;
  return [
    ...trendCases(`${name}, needed`, lowestOf(run.needed, soak), soak.slopeMax),
    ...trendCases(`${name}, resident`, lowestOf(run.resident, soak), residentMax),
    figure(name, 'eventsPerSecond', run.eventsPerSecond, 'events/s'),
    figure(name, 'cpuSecondsPerMillionEvents', run.cpuSecondsPerMillion, 's'),
    figure(name, 'queriesBegun', outcome.churn.begun, ''),
    figure(name, 'queriesAnswered', outcome.churn.answered, ''),
    held(figure('results', 'queriesRefused', outcome.churn.refused, ''), '<=', 0),
    held(figure('results', 'queriesNotForgotten', outcome.forgotten, ''), '<=', 0),
    held(figure('results', 'completeWindows', outcome.complete, ''), '>=', 1),
    held(figure('results', 'wrongWindows', outcome.wrong, ''), '<=', 0),
    figure('results', 'ofWhichMissing', outcome.missing, ''),
  ];
}

function lowestOf(samples: readonly Sample[], { stretchMs }: Soak): readonly Sample[] {
  return lowest(samples, stretchMs / MINUTE_MS);
}

/** `slopeMax` null: a figure to know. */
function trendCases(
  name: string,
  samples: readonly Sample[],
  slopeMax: number | null,
): readonly BenchCase[] {
  const { slope, standardError } = trendOf(samples);
  // What is left of the slope when chance has had its due.
  const proven = Math.max(0, Math.abs(slope) - 2 * standardError) * Math.sign(slope);
  const plain = figure(name, 'provenSlope', proven, 'KB/min');
  return [
    slopeMax === null ? plain : held(plain, '<=', slopeMax),
    figure(name, 'slope', slope, 'KB/min'),
    figure(name, 'standardErrorOfSlope', standardError, 'KB/min'),
    figure(name, 'first', (samples[0]?.value ?? Number.NaN) / KILOBYTES, 'MB'),
    figure(name, 'last', (samples.at(-1)?.value ?? Number.NaN) / KILOBYTES, 'MB'),
  ];
}
