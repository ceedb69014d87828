/** What looking at an event for all queries of its stream tells. */
import type { Event } from '../model/value.ts';

/** Bits; none: every sample left the event out. */
export const LOOKED = {
  /** Some condition was asked and did not hold. */
  filtered: 1,
  /** Some table has taken it. */
  aggregated: 2,
  /** Some query wants it shipped. */
  wanted: 4,
} as const;

/** Bits of {@link LOOKED} for an event, which is no list, number `sequence` of its stream. */
export type FusedLook = (event: Event, sequence: number) => number;
