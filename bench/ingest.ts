/**
 * Ingest: eight agents over loopback sockets, events of twelve fields, ten live queries with
 * windows of a second. The engine and an engine that parses JSON into rows take turns under the
 * same load; what is held is CPU of the engine's process for a million events, and the ratio of the
 * two, which both survive a busy machine. Every count of every complete window is compared with
 * what was sent.
 */
import { startEngineUnderTest } from './harness/engine-under-test.ts';
import { figure, held, medianOf } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';
import { prepareLoad } from './harness/load-under-way.ts';
import type { LoadUnderWay } from './harness/load-under-way.ts';
import { Subscribers } from './harness/subscribers.ts';
import { startJsonEngine } from './baseline/json-engine-under-test.ts';
import type { SentWindow } from './load/load-contract.ts';
import { QUERIES } from './workload.ts';
import { waitMs } from './harness/wait.ts';

const AGENTS = 8;
const ROWS_PER_FRAME = 512;
const SLACK_MS = 50;
const WINDOW_MS = 1_000;
/** A saturated socket holds events for longer than an agent would; windows wait for them. */
const CLOSE_WAIT_MS = 20_000;

/** Promised by transport: uws is measured on Node 20, ws where uws has no binary. */
const HOLDS: Readonly<Record<string, { readonly cpu: number; readonly ratio: number }>> = {
  uws: { cpu: 0.25, ratio: 15 },
  ws: { cpu: 0.35, ratio: 10 },
};

export interface IngestPlan {
  readonly rounds: number;
  readonly warmMs: number;
  readonly measuredMs: number;
  /** Rate of the open loop. */
  readonly eventsPerSecond: number;
}

const FULL: IngestPlan = { rounds: 5, warmMs: 3_000, measuredMs: 8_000, eventsPerSecond: 1e6 };
const QUICK: IngestPlan = { rounds: 2, warmMs: 1_500, measuredMs: 4_000, eventsPerSecond: 5e5 };

interface Target {
  readonly port: number;
  readonly cpuSeconds: number;
}

/** One stretch of load on one target. */
interface Round {
  readonly eventsPerSecond: number;
  readonly cpuSecondsPerMillion: number;
  readonly megabytesPerSecond: number;
  readonly windows: readonly SentWindow[];
  readonly worstDelayMs: number;
}

export async function ingestBench(context: BenchContext): Promise<BenchCase[]> {
  return runIngest(context.quick ? QUICK : FULL, context);
}

export async function runIngest(plan: IngestPlan, context: BenchContext): Promise<BenchCase[]> {
  const engine = await startEngineUnderTest({ closeWaitMs: CLOSE_WAIT_MS });
  const json = await startJsonEngine();
  const subscribers = new Subscribers(
    engine.ready.url,
    QUERIES.map(({ text }) => text),
  );
  const { transport } = engine.ready;
  const target = {
    port: engine.ready.ingestPort,
    get cpuSeconds() {
      return engine.cpuSeconds;
    },
  };
  try {
    await subscribers.accepted();
    const ours: Round[] = [];
    const theirs: Round[] = [];
    const checks: WindowCheck[] = [];
    for (let round = 0; round < plan.rounds; round++) {
      const mine = await loadRound(target, { ...plan, codec: 'columns', eventsPerSecond: null });
      checks.push(await checkWindows(subscribers, mine.windows));
      const other = await loadRound(json, { ...plan, codec: 'json', eventsPerSecond: null });
      ours.push(mine);
      theirs.push(other);
      context.say(`round ${round + 1}: ${roundText(mine)}; JSON rows: ${roundText(other)}`);
    }
    const paced = await loadRound(target, { ...plan, codec: 'columns' });
    checks.push(await checkWindows(subscribers, paced.windows));
    return [
      ...saturatedCases(transport, ours, theirs),
      ...pacedCases(`${transport}, ${plan.eventsPerSecond / 1e3} k events/s offered`, paced),
      ...checkCases(checks),
      figure(`${transport}, one shard`, 'residentMegabytes', engine.residentMegabytes, 'MB'),
    ];
  } finally {
    subscribers.close();
    await Promise.all([engine.stop(), json.stop()]);
  }
}

interface RoundPlan {
  readonly codec: 'columns' | 'json';
  readonly eventsPerSecond: number | null;
  readonly warmMs: number;
  readonly measuredMs: number;
}

async function loadRound(target: Target, plan: RoundPlan): Promise<Round> {
  const load = await prepareLoad({
    port: target.port,
    codec: plan.codec,
    agents: AGENTS,
    rowsPerFrame: ROWS_PER_FRAME,
    eventsPerSecond: plan.eventsPerSecond,
    slackMs: SLACK_MS,
    queries: QUERIES.length,
  });
  try {
    return await measured(load, target, plan);
  } finally {
    await load.close();
  }
}

async function measured(load: LoadUnderWay, target: Target, plan: RoundPlan): Promise<Round> {
  load.go();
  await waitMs(plan.warmMs);
  const before = await load.mark();
  const cpuBefore = target.cpuSeconds;
  await waitMs(plan.measuredMs);
  const after = await load.mark();
  const cpuSeconds = target.cpuSeconds - cpuBefore;
  const windows = await load.stop();
  // Heartbeats now carry the watermark over the end of the last window.
  await waitMs(WINDOW_MS + 2 * SLACK_MS);
  const events = after.evaluatedEvents - before.evaluatedEvents;
  const seconds = (after.atMs - before.atMs) / 1_000;
  return {
    eventsPerSecond: events / seconds,
    cpuSecondsPerMillion: (cpuSeconds / events) * 1e6,
    megabytesPerSecond: (events / seconds) * load.bytesPerEvent * 1e-6,
    windows,
    worstDelayMs: after.worstDelayMs,
  };
}

function roundText({ eventsPerSecond, cpuSecondsPerMillion }: Round): string {
  const rate = (eventsPerSecond / 1e6).toFixed(2);
  return `${rate} M events/s, ${cpuSecondsPerMillion.toFixed(3)} CPU-s per million`;
}

function saturatedCases(
  transport: string,
  ours: readonly Round[],
  theirs: readonly Round[],
): BenchCase[] {
  const name = `${transport}, one shard`;
  const hold = HOLDS[transport] ?? { cpu: Number.NaN, ratio: Number.NaN };
  const cpu = medianOf(ours.map((round) => round.cpuSecondsPerMillion));
  // Neighbours in time, so that what else the machine did weighs on both.
  const ratios = ours.map(
    (round, i) => (theirs[i] as Round).cpuSecondsPerMillion / round.cpuSecondsPerMillion,
  );
  const speedups = ours.map(
    (round, i) => round.eventsPerSecond / (theirs[i] as Round).eventsPerSecond,
  );
  return [
    held(figure(name, 'cpuSecondsPerMillionEvents', cpu, 's'), '<=', hold.cpu),
    held(figure(name, 'ratioToBaseline', medianOf(ratios), '×'), '>=', hold.ratio),
    figure(name, 'eventsPerSecond', rateOf(ours), 'events/s'),
    figure(name, 'eventsPerSecondRatio', medianOf(speedups), '×'),
    figure(
      name,
      'megabytesPerSecond',
      medianOf(ours.map((round) => round.megabytesPerSecond)),
      'MB/s',
    ),
    figure(
      'baseline: JSON rows',
      'cpuSecondsPerMillionEvents',
      medianOf(theirs.map((round) => round.cpuSecondsPerMillion)),
      's',
    ),
    figure('baseline: JSON rows', 'eventsPerSecond', rateOf(theirs), 'events/s'),
  ];
}

function rateOf(rounds: readonly Round[]): number {
  return medianOf(rounds.map((round) => round.eventsPerSecond));
}

function pacedCases(name: string, round: Round): BenchCase[] {
  return [
    figure(name, 'eventsPerSecond', round.eventsPerSecond, 'events/s'),
    figure(name, 'cpuSecondsPerMillionEvents', round.cpuSecondsPerMillion, 's'),
    figure(name, 'worstSendDelay', round.worstDelayMs, 'ms'),
  ];
}

interface WindowCheck {
  readonly complete: number;
  readonly wrong: number;
}

/** Every window but the first and the last of a stretch, in which the load began and ended. */
async function checkWindows(
  subscribers: Subscribers,
  sent: readonly SentWindow[],
): Promise<WindowCheck> {
  const whole = sent.slice(1, -1);
  const lastMs = whole.at(-1)?.startMs;
  if (lastMs !== undefined) {
    await subscribers.until(() => subscribers.windows.every((windows) => windows.has(lastMs)));
  }
  let complete = 0;
  let wrong = 0;
  for (const window of whole) {
    QUERIES.forEach((_query, at) => {
      const result = subscribers.windows[at]?.get(window.startMs)?.result;
      if (result === undefined) wrong++;
      if (result?.completeness.status !== 'complete') return;
      complete++;
      const { seen, matched } = result.completeness.events;
      const counted = countedIn(result.rows);
      const isRight =
        seen === window.events &&
        matched === window.matches[at] &&
        (counted === null || counted === matched);
      if (!isRight) wrong++;
    });
  }
  return { complete, wrong };
}

/** The sum of the column `n`; null where the query has none. */
function countedIn(rows: readonly Readonly<Record<string, unknown>>[]): number | null {
  if (typeof rows[0]?.['n'] !== 'number') return null;
  return rows.reduce((sum, row) => sum + (row['n'] as number), 0);
}

function checkCases(checks: readonly WindowCheck[]): BenchCase[] {
  const sum = (of: (check: WindowCheck) => number): number =>
    checks.reduce((total, check) => total + of(check), 0);
  return [
    held(
      figure(
        'results',
        'completeWindows',
        sum((check) => check.complete),
        '',
      ),
      '>=',
      1,
    ),
    held(
      figure(
        'results',
        'wrongWindows',
        sum((check) => check.wrong),
        '',
      ),
      '<=',
      0,
    ),
  ];
}
