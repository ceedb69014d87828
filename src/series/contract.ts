/**
 * The contract of series functions: what is expected of a group's next window, from the windows
 * before it. A function reads a *model*, which keeps a fixed number of numbers per series and never
 * looks at the value that it is asked about: it predicts first and learns afterwards, so that a
 * drop is compared with what was expected and not with itself.
 *
 * A model's state is a stretch of a Float64Array that starts out as NaN; it belongs to the caller.
 * NaN stands for "not known (yet)" everywhere and becomes null in results. Windows are told apart
 * by their number (start ÷ slide, from 1970), so that a window nobody could learn from leaves a gap
 * and never shifts a season or a lag.
 */
import type { ColumnType } from '../ir/plan.ts';
import type { Value } from '../model/value.ts';

/** The window that is asked about. */
export interface SeriesTime {
  /** Whole number; one more for the window that begins a slide later. */
  readonly number: number;
  readonly startMs: number;
}

/** Some windows that began in one bucket of the kept series. */
export interface PastBucket {
  readonly startMs: number;
  readonly stepMs: number;
  /** At least 1. */
  readonly windows: number;
  /** Of the windows' values. */
  readonly mean: number;
}

/** How a model learns from what was kept before it began. */
export interface SeriesRecall {
  /** Length of the buckets that it reads. */
  readonly stepMs: number;
  /** How far it looks back. */
  readonly reachMs: number;
  /** Buckets come in order of time, and before any window. */
  learn(state: Float64Array, bucket: PastBucket): void;
}

export interface SeriesModel {
  /** Numbers of state of one series. */
  readonly stateLength: number;
  /** Numbers of an expectation. */
  readonly expectationLength: number;
  /** What there must be to learn from before the first expectation, for EXPLAIN; null: nothing. */
  readonly warmUp: string | null;
  /** Writes what is expected at `at` into `expectation`; `state` stays as it is. */
  expect(state: Float64Array, at: SeriesTime, expectation: Float64Array): void;
  /** Takes the value `x`, never NaN, of the window `at`, which is later than all before. */
  learn(state: Float64Array, at: SeriesTime, x: number): void;
  /** Absent: the model learns from single windows only. */
  readonly recall?: SeriesRecall;
}

/** What a constant of a series function may be. */
export interface SeriesConstant {
  readonly name: string;
  /**
   * `share`: 0 … 1, above 0 if `min` is. `windows`: a whole number of windows, or a duration that
   * is one. `duration`: of whole windows. `number`: any in the bounds.
   */
  readonly kind: 'share' | 'windows' | 'duration' | 'number';
  /** Of windows for the kinds `windows` and `duration`. */
  readonly min: number;
  /** Of windows for the kind `windows`; milliseconds for the kind `duration`. */
  readonly max: number;
  /** Null: must be given. Milliseconds for the kind `duration`. */
  readonly default: number | null;
}

/** One row of the catalogue (`series/catalogue.ts`). */
export interface SeriesDefinition {
  readonly name: string;
  /** For completion and documents, e.g. `ewma(x, alpha) → number`. */
  readonly signature: string;
  readonly summary: string;
  /** When it begins to answer, for the documents. */
  readonly firstAnswer: string;
  readonly example: string;
  readonly constants: readonly SeriesConstant[];
  readonly result: ColumnType;
  readonly evaluate: SeriesOverTime | SeriesOverPeers;
}

/** Compares a window with what was expected of it. */
export interface SeriesOverTime {
  readonly over: 'time';
  /** Functions whose models have one name and equal constants share one state. */
  readonly modelName: string;
  /** @param slideMs From one window to the next. */
  model(constants: readonly number[], slideMs: number): SeriesModel;
  /** @param x NaN: the window has no number. */
  result(x: number, expectation: Float64Array, constants: readonly number[]): Value;
}

/** Compares a group with the other groups of the same window. */
export interface SeriesOverPeers {
  readonly over: 'peers';
  /** One score for each group; NaN stands for "no number" on both sides. */
  readonly scores: (values: Float64Array) => Float64Array;
}

/** A number as a result: null where nothing is known. */
export function numberOrNull(x: number): Value {
  return Number.isFinite(x) ? x : null;
}
