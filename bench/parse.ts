/**
 * What a query costs before it runs: text to plan, that is parse, check, lower, optimize and
 * fingerprint, in a process that is warm. Each query is planned over and over and anew. Then ten
 * thousand distinct queries are asked of an engine, and asked again in other words, which must be
 * found to be the same: from text to a pipeline, or to the share of one.
 */
import { configWith } from '../src/config.ts';
import { Engine } from '../src/coordinator/engine.ts';
import { planQuery } from '../src/plan/plan-query.ts';
import { figure, held, medianOf } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';

const QUERIES: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'select *', text: 'select * from requests' },
  {
    name: 'filter and project',
    text: "select service, route, durMs from requests where status >= 500 and country = 'US'",
  },
  {
    name: 'window, group, order',
    text: 'select service, count(*) as n, p99(durMs) as slow from requests where status >= 500 window 1s group by service order by n desc limit 10',
  },
  {
    name: 'twenty conditions',
    text: `select count(*) from requests where ${Array.from(
      { length: 20 },
      (_none, i) => `(route = '/r${i}' and durMs > ${i * 10})`,
    ).join(' or ')} window 1s`,
  },
];

export interface ParsePlan {
  readonly warmMs: number;
  readonly rounds: number;
  readonly roundMs: number;
  /** Distinct queries that one engine is asked. */
  readonly distinct: number;
}

const ASK_ALL_MS_MAX = 5_000;

const FULL: ParsePlan = { warmMs: 2_000, rounds: 15, roundMs: 300, distinct: 10_000 };
const QUICK: ParsePlan = { warmMs: 1_000, rounds: 9, roundMs: 150, distinct: 10_000 };

export function parseBench(context: BenchContext): Promise<BenchCase[]> {
  return runParse(context.quick ? QUICK : FULL);
}

export function runParse(plan: ParsePlan): Promise<BenchCase[]> {
  for (const { text } of QUERIES) repeat(text, plan.warmMs / QUERIES.length);
  const rounds = QUERIES.map((): number[] => []);
  // Round by round, so that a busy moment of the machine hits all queries.
  for (let round = 0; round < plan.rounds; round++) {
    QUERIES.forEach(({ text }, i) => rounds[i]?.push(repeat(text, plan.roundMs / QUERIES.length)));
  }
  const cases = QUERIES.map(({ name }, i) =>
    figure(name, 'microsecondsPerQuery', medianOf(rounds[i] ?? []), 'µs'),
  );
  return Promise.resolve([...cases, ...askAll(plan.distinct)]);
}

function askAll(distinct: number): BenchCase[] {
  const config = configWith({ queriesMax: distinct, subscriptionsMax: 2 * distinct });
  const engine = new Engine({ config, incarnation: 'bench', nowMs: 0 });
  const firstMs = askEach(engine, distinct, 'first', (i) => {
    const where = `route = '/r${i}' and status >= ${400 + (i % 200)}`;
    return `select count(*) as n, p99(durMs) from requests where ${where} window 1s group by service`;
  });
  const againMs = askEach(engine, distinct, 'again', (i) => {
    const where = `status >= ${400 + (i % 200)} && route == "/r${i}"`;
    return `SELECT count(*) AS n, P99(durMs) FROM requests GROUP BY service WINDOW 1000ms WHERE ${where}`;
  });
  const pipelines = figure('sharing', 'pipelines', engine.pipelines.size, '');
  const name = `${distinct} distinct queries`;
  return [
    held(figure(name, 'millisecondsToPlanAll', firstMs, 'ms'), '<=', ASK_ALL_MS_MAX),
    held(figure(name, 'millisecondsToShareAll', againMs, 'ms'), '<=', ASK_ALL_MS_MAX),
    held(pipelines, '<=', distinct),
  ];
}

function askEach(engine: Engine, n: number, asker: string, textOf: (i: number) => string): number {
  const startMs = performance.now();
  for (let i = 0; i < n; i++) {
    const subscription = `${asker}-${i}`;
    const input = { subscription, client: subscription, query: textOf(i), params: {} };
    engine.handle({ type: 'subscribe', ...input, resume: null, planned: null }, 0);
  }
  if (engine.pipelines.size !== n) throw new Error(`${engine.pipelines.size} pipelines of ${n}`);
  return performance.now() - startMs;
}

/** Microseconds a time. */
function repeat(text: string, forMs: number): number {
  const startMs = performance.now();
  let times = 0;
  let nowMs = startMs;
  while (nowMs - startMs < forMs) {
    if (planQuery(text).plan === null) throw new Error(`no plan: ${text}`);
    times++;
    nowMs = performance.now();
  }
  return ((nowMs - startMs) * 1_000) / times;
}
