/**
 * One page of the ledger: what a shard received of a stream from one sender, and what became of it.
 * received = evaluated + dropped, always.
 */
import type { StreamCounts } from '../wire/agent-messages.ts';

export interface StreamPage {
  readonly stream: string;
  watermarkMs: number;
  counts: StreamCounts | null;
  /** The agent's cumulative count of events not shipped, as far as windows were told of them. */
  filtered: number | null;
  received: number;
  evaluated: number;
  late: number;
  readonly dropped: Record<string, number>;
}

export function streamPage(stream: string): StreamPage {
  return {
    stream,
    watermarkMs: -Infinity,
    counts: null,
    filtered: null,
    received: 0,
    evaluated: 0,
    late: 0,
    dropped: {},
  };
}

export function drop(page: StreamPage, reason: string, count: number): void {
  if (count > 0) page.dropped[reason] = (page.dropped[reason] ?? 0) + count;
}

/** A copy that may cross a thread. */
export function pageReport(page: StreamPage): StreamPage {
  return { ...page, dropped: { ...page.dropped } };
}
