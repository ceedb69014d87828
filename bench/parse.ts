/**
 * What a query costs before it runs: text to plan, that is parse, check, lower, optimize and
 * fingerprint, in a process that is warm. Each query is planned over and over and anew.
 */
import { planQuery } from '../src/plan/plan-query.ts';
import { figure, medianOf } from './harness/bench-result.ts';
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
}

const FULL: ParsePlan = { warmMs: 2_000, rounds: 15, roundMs: 300 };
const QUICK: ParsePlan = { warmMs: 1_000, rounds: 9, roundMs: 150 };

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
  return Promise.resolve(cases);
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
