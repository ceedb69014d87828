/**
 * One page of the ledger: what a shard received of a stream from one sender, and what became of it.
 * received = evaluated + dropped, always.
 */
import { knownReason } from '../telemetry/signals.ts';
import type { DropReason } from '../telemetry/signals.ts';
import type { StreamCounts } from '../wire/agent-messages.ts';

export interface StreamPage {
  readonly stream: string;
  watermarkMs: number;
  counts: StreamCounts | null;
  /** The agent's cumulative count of events not shipped, as far as windows were told of them. */
  filtered: number | null;
  received: number;
  /** Of the frames it came in; 0 where there are none. */
  bytes: number;
  evaluated: number;
  readonly dropped: Record<string, number>;
}

export function streamPage(stream: string): StreamPage {
  return {
    stream,
    watermarkMs: -Infinity,
    counts: null,
    filtered: null,
    received: 0,
    bytes: 0,
    evaluated: 0,
    dropped: {},
  };
}

/**
 * The sender says that no earlier event will come. Nobody can know that of a time to come: who says
 * so has a clock that was set, and would close windows before their events.
 */
export function promise(page: StreamPage, watermarkMs: number, nowMs: number): void {
  page.watermarkMs = Math.max(page.watermarkMs, Math.min(watermarkMs, nowMs));
}

export function drop(page: StreamPage, reason: DropReason, count: number): void {
  if (count > 0) page.dropped[reason] = (page.dropped[reason] ?? 0) + count;
}

/** Takes the counts of a stream that is forgotten. */
export function addPage(into: StreamPage, { received, evaluated, dropped }: StreamPage): void {
  into.received += received;
  into.evaluated += evaluated;
  for (const [reason, count] of Object.entries(dropped)) {
    into.dropped[reason] = (into.dropped[reason] ?? 0) + count;
  }
}

/** What an agent says it dropped, under the reasons that the engine knows, so that they are few. */
export function knownDrops(dropped: Readonly<Record<string, number>>): Record<string, number> {
  const known: Partial<Record<DropReason, number>> = {};
  for (const [given, count] of Object.entries(dropped)) {
    const reason = knownReason(given);
    known[reason] = (known[reason] ?? 0) + count;
  }
  return known;
}

/** A copy that may cross a thread. */
export function pageReport(page: StreamPage): StreamPage {
  return { ...page, dropped: { ...page.dropped } };
}
