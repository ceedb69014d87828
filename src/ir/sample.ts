/**
 * What a sample means in numbers, and how its decisions are called on the way. Both ends of a
 * connection work with these.
 */
import type { FieldPath } from './expression.ts';
import type { QueryPlan, RateSample, SampleSpec } from './plan.ts';

/** The share of events that is taken, 0 … 1. */
export function sampleShare(sample: SampleSpec | null): number {
  // What a number of events a second is a share of, only their counts tell.
  if (sample === null || sample.kind === 'rps') return 1;
  return Math.min(1, sample.threshold / sample.factor);
}

/** What a result saw. */
export interface SampledCounts {
  readonly seen: number;
  /** Taken, and past WHERE. */
  readonly matched: number;
  /** How long the result looked, ms. */
  readonly lengthMs: number;
}

/**
 * The same, worked out where it must be from what a result saw. Of so many events a second that a
 * WHERE then left out, or that were joined, only the most that can have been taken is known: the
 * quota of its seconds.
 */
export function takenShare(
  { join, source }: Pick<QueryPlan, 'join' | 'source'>,
  sample: SampleSpec | null,
  { seen, matched, lengthMs }: SampledCounts,
): number {
  if (sample?.kind !== 'rps' || seen === 0) return sampleShare(sample);
  const quota = Math.ceil(lengthMs / 1_000) * sample.perSecond;
  const most = Math.min(quota, seen);
  if (join !== null) return most / seen;
  if (source.where === null) return Math.min(1, matched / seen);
  return Math.min(1, Math.max(matched, most) / seen);
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

/** Whether a query's marks say how many events each one stands for. */
export function isWeighed(sample: SampleSpec | null): sample is RateSample {
  return sample?.kind === 'rps' && sample.extrapolate;
}

/**
 * Where the home stage puts what an event stands for. No name of the language begins with `%`, so
 * it is nobody's property.
 */
const WEIGHT_NAME = '%weight';
export const WEIGHT_PATH: FieldPath = [{ by: 'name', name: WEIGHT_NAME }];

export function isWeight([step]: FieldPath): boolean {
  return step?.by === 'name' && step.name === WEIGHT_NAME;
}
