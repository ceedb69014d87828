/**
 * What windows of a query had before this page asked for it, if the engine keeps its series: means
 * of buckets, drawn before the live part. Read once a run; most queries are not kept.
 */
import type { Api } from './browser-host.ts';
import { isGood } from './api-problem.ts';
import { listOf, recordFrom } from './catalogue.ts';
import { PAST_BUCKETS_MAX } from './limits.ts';

/** Of one group and column, oldest first. */
export interface PastLine {
  /** Middles of buckets, milliseconds UTC. */
  readonly times: readonly number[];
  /** Means of their windows. */
  readonly means: readonly number[];
}

export interface KeptPast {
  readonly stepMs: number;
  /** By group id and column; see {@link pastLine}. */
  readonly lines: ReadonlyMap<string, PastLine>;
}

export interface PastRequest {
  readonly api: Api;
  readonly query: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Null: the engine keeps no series of it. */
export async function readPast({
  api,
  query,
  fromMs,
  toMs,
}: PastRequest): Promise<KeptPast | null> {
  const stepMs = toMs - fromMs > COARSE_FROM_MS ? 60_000 : 10_000;
  const params = new URLSearchParams({
    query,
    from: String(Math.floor(fromMs)),
    to: String(Math.ceil(toMs)),
    step: String(stepMs),
  });
  const answer = await api('GET', `series?${params.toString()}`);
  return isGood(answer) ? pastFrom(answer.body) : null;
}

/** Buckets of ten seconds are kept for a day; longer stretches want fewer points. */
const COARSE_FROM_MS = 2 * 3_600_000;

export function pastFrom(body: unknown): KeptPast | null {
  const stepMs = Number(recordFrom(body)['stepMs']);
  const lines = new Map<string, PastLine>();
  for (const item of listOf(body, 'lines')) {
    const { keys, column, buckets } = recordFrom(item);
    if (!Array.isArray(keys) || typeof column !== 'string') continue;
    const [times, means]: [number[], number[]] = [[], []];
    for (const bucket of listOf(buckets, 'buckets').slice(-PAST_BUCKETS_MAX)) {
      const { startMs, mean } = recordFrom(bucket);
      if (typeof startMs !== 'number' || typeof mean !== 'number') continue;
      times.push(startMs + stepMs / 2);
      means.push(mean);
    }
    // As the result's store names groups.
    const group = keys.length === 0 ? '' : JSON.stringify(keys);
    lines.set(lineName(group, column), { times, means });
  }
  return lines.size === 0 || !(stepMs > 0) ? null : { stepMs, lines };
}

export function pastLine(past: KeptPast | null, group: string, column: string): PastLine | null {
  return past?.lines.get(lineName(group, column)) ?? null;
}

function lineName(group: string, column: string): string {
  return `${group}\n${column}`;
}
