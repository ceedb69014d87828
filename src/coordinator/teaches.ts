/**
 * Whether functions over series may learn from a window: only from what is known to be true. A
 * telemetry gap must not teach a baseline that zero is normal, so a window that is partial (the
 * engine or the query just started, a shard was lost), or that misses agents, teaches nothing; nor
 * does one whose streams nobody offers. Zero traffic from live sources is a value like any other.
 *
 * Late and dropped events make a window `degraded`, too. Where they are few they say nothing about
 * the rest of it, and a fleet that always has some would never teach anything.
 */
import type { Completeness } from '../wire/results.ts';

/** The share of a window's events that may be missing. */
const LOST_SHARE_MAX = 0.01;
const SMALL_LOSSES: ReadonlySet<string> = new Set(['late', 'dropped']);

export function teaches({ status, source, reasons, events }: Completeness): boolean {
  if (source !== 'live') return false;
  if (status === 'complete') return true;
  if (status === 'partial' || reasons.some((reason) => !SMALL_LOSSES.has(reason))) return false;
  const lost = Object.values(events.dropped).reduce((sum, count) => sum + count, events.late);
  return lost <= LOST_SHARE_MAX * (events.seen + lost);
}
