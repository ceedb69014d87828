/**
 * What queries must have matched, worked out from what a load says it sent: how often each of its
 * batches, window by window. The batches are made again here, from their seeds.
 */
import { loadBatches } from '../load/load-batches.ts';
import type { SentWindow } from '../load/load-contract.ts';
import type { RequestEvent } from '../workload.ts';
import type { Subscribers } from './subscribers.ts';

export interface SentQuery {
  readonly text: string;
  /** Which events it must match. */
  readonly matches: (event: RequestEvent) => boolean;
}

export interface SentLoad {
  /** Its first queries are those that are checked. */
  readonly subscribers: Subscribers;
  readonly sent: readonly SentWindow[];
  /** Of the queries: a multiple of the windows of the load. */
  readonly windowMs: number;
  readonly agents: number;
  readonly rowsPerFrame: number;
}

export interface CheckedWindows {
  readonly complete: number;
  /** Of another answer than it must be, or missing. */
  readonly wrong: number;
  readonly missing: number;
}

interface Expected {
  events: number;
  readonly batches: number[];
}

/** Every window but the first and the last, in which the load began and ended. */
export async function checkSentQueries(
  queries: readonly SentQuery[],
  load: SentLoad,
): Promise<CheckedWindows> {
  const windows = expectedWindows(load);
  const starts = [...windows.keys()].sort((a, b) => a - b).slice(1, -1);
  const lastMs = starts.at(-1);
  if (lastMs === undefined) return { complete: 0, wrong: 0, missing: 0 };
  const seen = load.subscribers.windows.slice(0, queries.length);
  await load.subscribers.until(() => seen.every((results) => results.has(lastMs)));
  const batches = Array.from({ length: load.agents }, (_, agent) =>
    loadBatches(agent, load.rowsPerFrame),
  ).flat();
  let complete = 0;
  let wrong = 0;
  let missing = 0;
  queries.forEach(({ matches }, query) => {
    const perBatch = batches.map((events) => events.filter(matches).length);
    for (const startMs of starts) {
      const result = seen[query]?.get(startMs)?.result;
      if (result === undefined) missing++;
      if (result?.completeness.status !== 'complete') continue;
      complete++;
      const { events, batches: sent } = windows.get(startMs)!;
      const matched = sent.reduce((sum, times, batch) => sum + times * (perBatch[batch] ?? 0), 0);
      const { completeness, rows } = result;
      const isRight =
        completeness.events.seen === events &&
        completeness.events.matched === matched &&
        rows[0]?.['n'] === matched;
      if (!isRight) wrong++;
    }
  });
  return { complete, wrong: wrong + missing, missing };
}

function expectedWindows({ sent, windowMs }: SentLoad): Map<number, Expected> {
  const windows = new Map<number, Expected>();
  for (const { startMs, events, batches } of sent) {
    const at = Math.floor(startMs / windowMs) * windowMs;
    let window = windows.get(at);
    if (window === undefined) {
      window = { events: 0, batches: batches.map(() => 0) };
      windows.set(at, window);
    }
    window.events += events;
    for (const [batch, times] of batches.entries()) window.batches[batch]! += times;
  }
  return windows;
}
