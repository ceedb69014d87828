/**
 * What leaves a query's home shard when windows end that only it can see. Structured-clone-safe.
 * Produced by `operator/count-windows.ts` and its like, told by `coordinator/home-windows.ts`.
 */
import type { AggregatePartial } from '../aggregate/contract.ts';
import type { Value } from '../model/value.ts';
import type { GroupPartial } from '../aggregate/group-partial.ts';
import type { SlotRow } from './pane-partial.ts';

/** One window of a number of events. */
export interface HomeWindow {
  /** Event time of the earliest of its events, in whole ms. */
  readonly startMs: number;
  /** One ms after the latest. */
  readonly endMs: number;
  /** Events looked at since the window before, whether they matched or not. */
  readonly seen: number;
  readonly matched: number;
  /** Null: a plain select. */
  readonly groups: GroupPartial | null;
  /** Rows of a plain select, in order of arrival. */
  readonly rows: readonly SlotRow[];
}

/** How full the window is that has not ended yet. */
export interface OpenCount {
  readonly filled: number;
  readonly of: number;
}

/** Sessions that have ended, in order of end, start and group; one place each in every list. */
export interface SessionsPartial {
  readonly startsMs: Float64Array;
  readonly endsMs: Float64Array;
  readonly keys: readonly (readonly Value[])[];
  /** Their groups count from 1; empty for a plain select. */
  readonly aggregates: readonly AggregatePartial[];
  /** In order of arrival; empty with aggregates. */
  readonly rows: readonly (readonly SlotRow[])[];
  /** Events looked at, and those of them that are in sessions, since the last such message. */
  readonly seen: number;
  readonly matched: number;
}
