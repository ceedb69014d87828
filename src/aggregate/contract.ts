/**
 * The contract of aggregates: states of many groups side by side, in columns. Group numbers are
 * dense, 0-based and given out by the caller. States are mergeable partials: `merge` is associative
 * and commutative and an empty state is neutral, so agents, shards and nodes each do their part.
 *
 * Null arguments are skipped by every aggregate but `first_event`; what is not a number where one
 * is needed is skipped and counted in `skipped`.
 */
import type { AggregateSpec, ColumnType } from '../ir/plan.ts';
import type { Value } from '../model/value.ts';

/** Total order of events, which decides FIRST, LAST and ties: (event time, agent, sequence). */
export interface EventOrder {
  readonly timeMs: number;
  readonly agentId: string;
  readonly sequence: number;
}

export interface ResultContext {
  /** Length of the window in ms (RATE's divisor when the window is whole). */
  readonly windowMs: number;
  /** The part of the window that was covered, for RATE in a partial window. */
  readonly coveredMs: number;
}

/**
 * `estimated`: by a sketch, within its stated error. `cut`: the group has as many values as are
 * kept of one, so there may be more.
 */
export type ValueNote = 'estimated' | 'cut';

export interface GroupedAggregate {
  /** Values met that the aggregate could not take (a string in SUM). */
  readonly skipped: number;
  /** About what the states of all groups take; absent: a few numbers a group. Costs a walk. */
  readonly bytes?: number;
  /** Makes room for groups 0 … count − 1; new ones are empty. Never shrinks. */
  grow(count: number): void;
  /** One event. `value` is the argument (`true` for `COUNT(*)`); the filter has been applied. */
  add(group: number, value: Value, order: EventOrder): void;
  /**
   * Many events: row i < n of group `groups[i]` has the number `values[i]`, NaN = null.
   * Absent where an aggregate needs more than a number.
   */
  addNumbers?(groups: Uint32Array, values: Float64Array, n: number): void;
  /** Many events that count whatever their value: `COUNT(*)`, `RATE()`. */
  addCounts?(groups: Uint32Array, n: number): void;
  /** The first `count` groups as a partial that a MessagePort can carry; owns its arrays. */
  encode(count: number): AggregatePartial;
  /**
   * One group as a partial of one. Absent where a group is more than a few numbers: then queries
   * do not share states.
   */
  encodeOne?(group: number): AggregatePartial;
  /** Adds a partial: its group g goes to group `remap[g]`. */
  merge(partial: AggregatePartial, remap: Uint32Array): void;
  result(group: number, context: ResultContext): Value;
  /** What is to be said of the result. Absent: it is always exact, or says so itself. */
  noteOf?(group: number): ValueNote | null;
  /** Empties all groups, keeping memory where that pays. */
  reset(): void;
}

/** Structured-clone-safe; each aggregate knows its own fields. */
export interface AggregatePartial {
  readonly kind: string;
}

/** One row of the catalogue (`aggregate/catalogue.ts`). */
export interface AggregateDefinition {
  /** Name in `AggregateSpec.name`. */
  readonly name: string;
  /** For completion and docs, e.g. `sum(x: number) → number`. */
  readonly signature: string;
  readonly summary: string;
  readonly example: string;
  /** What `arg` must be: none allowed, optional, or needed. */
  readonly argument: 'none' | 'optional' | 'required';
  readonly result: ColumnType;
  /** Stated error bound in words; null: exact. */
  readonly errorBound: string | null;
  create(spec: AggregateSpec): GroupedAggregate;
}
