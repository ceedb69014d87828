/**
 * What a sample means in numbers, and how its decisions are called on the way. Both ends of a
 * connection work with these.
 */
import type { SampleSpec } from './plan.ts';

/** The share of events that is taken, 0 … 1. */
export function sampleShare(sample: SampleSpec | null): number {
  // What a number of events a second is a share of, only their counts tell.
  if (sample === null || sample.kind === 'rps') return 1;
  return Math.min(1, sample.threshold / sample.factor);
}

/** The same, worked out where it must be from what a result saw. */
export function takenShare(
  sample: SampleSpec | null,
  { seen, matched }: { readonly seen: number; readonly matched: number },
): number {
  if (sample?.kind !== 'rps' || seen === 0) return sampleShare(sample);
  return Math.min(1, matched / seen);
}

/** What COUNT, SUM and RATE are multiplied by. A sample of nothing has nothing to multiply. */
export function sampleScale(sample: SampleSpec | null): number {
  if (sample === null || sample.kind === 'rps') return 1;
  if (!sample.extrapolate || sample.threshold <= 0) return 1;
  return Math.max(1, sample.factor / sample.threshold);
}

/**
 * The name of the column that says of each event whether a query's sample takes it. No path of a
 * query has a text that begins with `%`, so the names cannot meet.
 */
export function sampleMark(query: string): string {
  return `%sample:${query}`;
}
