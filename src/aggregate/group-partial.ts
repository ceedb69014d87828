/**
 * The states of a pane's groups as data: what leaves a shard or an agent. Structured-clone-safe.
 */
import type { Value } from '../model/value.ts';
import type { AggregatePartial } from './contract.ts';

export interface GroupPartial {
  /** One tuple a group, in group order; length = count. */
  readonly keys: readonly (readonly Value[])[];
  /** Group number of the overflow group, whose key tuple is meaningless; null: none. */
  readonly overflow: number | null;
  /** Event time of each group's first event, for deterministic caps. */
  readonly firstSeenMs: Float64Array;
  readonly aggregates: readonly AggregatePartial[];
}
