/**
 * A physical plan as data: what runs at the agent, in the shards and at the merge stage. JSON-safe,
 * versioned, validated where it arrives (`ir/validate.ts`). A plan without an aggregate part ships
 * rows; a plan with one ships partials and never rows from shards.
 */
import type { Expression, FieldPath } from './expression.ts';
import type { JoinStage } from './join.ts';

export const PLAN_VERSION = 1;

/** One shared pipeline: equal fingerprints run once, whoever asked. */
export interface QueryPlan {
  readonly version: typeof PLAN_VERSION;
  /** Hash of everything below that changes results. Names the pipeline. */
  readonly fingerprint: string;
  /** Canonical text of the query that first asked. */
  readonly canonical: string;
  /** Every stream that is read, those of joins included. */
  readonly sources: readonly SourcePattern[];
  /** With a join: over joined rows, and no agent's business; see `source-stage.ts`. */
  readonly source: SourceStage;
  /** Null: rows are events. */
  readonly join: JoinStage | null;
  /**
   * Null: every shard evaluates what arrives at it. Else all that follows runs once, on the query's
   * home shard, over the events that passed `source` at any shard.
   */
  readonly home: HomeStage | null;
  /** Null: rows pass through (projected). */
  readonly aggregate: AggregateStage | null;
  /** Slots of a plain select's rows (over the event); empty with an aggregate stage. */
  readonly project: readonly Expression[];
  readonly window: WindowSpec;
  /** Null: no row is compared with rows of other windows or groups. */
  readonly series: SeriesStage | null;
  readonly final: FinalStage;
}

export interface SourcePattern {
  /** Exact name, or a glob with `*`. */
  readonly pattern: string;
  readonly glob: boolean;
}

/** Runs where events are: sample, filter, and which fields the later stages read. */
export interface SourceStage {
  /** Decides before `where` does; null: takes every event. */
  readonly sample: SampleSpec | null;
  readonly where: Expression | null;
  /** Paths the later stages and `where` read, each once. */
  readonly fields: readonly FieldPath[];
  /** Also every top-level key (`select *`). */
  readonly allFields: boolean;
}

/**
 * Which share of the events a query takes: `threshold` of every `factor`, by chance per event, or
 * the same values of some properties everywhere and always.
 */
export type SampleSpec = RandomSample | StickySample | RateSample;

interface SampleShare {
  /** At least 0; as a rule below `factor`, and not always whole. */
  readonly threshold: number;
  /** At least 1. */
  readonly factor: number;
  /** Other salts take other events. */
  readonly salt: string;
  /** COUNT, SUM and RATE are multiplied by factor ÷ threshold. */
  readonly extrapolate: boolean;
}

/** So many events in each second of event time, over all senders together. */
export interface RateSample {
  readonly kind: 'rps';
  /** At least 1. The home stage takes no more in all. */
  readonly perSecond: number;
  /** What one sender may take: its part of `perSecond`, dealt anew as senders come and go. */
  readonly share: number;
  /** Each event that is taken says how many it stands for; aggregates read that weight. */
  readonly extrapolate: boolean;
}

export interface RandomSample extends SampleShare {
  readonly kind: 'random';
}

export interface StickySample extends SampleShare {
  readonly kind: 'sticky';
  /** Names as the language reads them: the flat key first, then the path. At least one. */
  readonly keys: readonly string[];
  /** U+001F stands between the texts of the keys, so that `ab`,`c` is not `a`,`bc`. */
  readonly separator: boolean;
}

/** What a query does where all its events come together, ahead of its windows. */
export interface HomeStage {
  /** Why one place must see every event; at least one. */
  readonly reasons: readonly HomeReason[];
  /** Paths that are read from here on, each once: what shards send home; not the whole event. */
  readonly fields: readonly FieldPath[];
}

export type HomeReason = 'join' | 'count-window' | 'session-window' | 'rate-sample';

/**
 * Windows of event time. `none` has rows pass at once (plain select) or keeps a running value since
 * the start (aggregates), which shards report in panes of `paneMs`.
 */
export type WindowSpec =
  | { readonly kind: 'none'; readonly paneMs: number }
  /** Tumbling if `slideMs === sizeMs`. `paneMs` divides both; shards only ever see panes. */
  | {
      readonly kind: 'time';
      readonly sizeMs: number;
      readonly slideMs: number;
      readonly paneMs: number;
    }
  | CountWindow
  | SessionWindow;

/** Every `count` events that matched, in order of arrival. At home only. */
export interface CountWindow {
  readonly kind: 'count';
  /** At least 1. */
  readonly count: number;
  /** So long after its first event arrived a window ends unfilled; null: it waits for ever. */
  readonly timeoutMs: number | null;
  /** 0: senders hold nothing back for the sake of a window's end. */
  readonly paneMs: 0;
}

/**
 * Events of one group with less than `gapMs` between neighbours in event time: from the first event
 * to `gapMs` after the last. At home only.
 */
export interface SessionWindow {
  readonly kind: 'session';
  readonly gapMs: number;
  /** An event so long after a session's start begins a new one; null: sessions may go on. */
  readonly maxMs: number | null;
  /** How often shards are asked which sessions have ended. */
  readonly paneMs: number;
}

/**
 * A row on its way to the final stage is an array of slots: with an aggregate stage first the keys,
 * then the aggregates; of a plain select the values of `project`; last, with a series stage, one
 * for each of its functions. `slot` expressions index into it.
 */
export interface AggregateStage {
  readonly keys: readonly Expression[];
  readonly aggregates: readonly AggregateSpec[];
  /** Groups a query may hold in one window; the rest folds into `__other__`. */
  readonly groupsMax: number;
}

export interface AggregateSpec {
  /**
   * Catalogue name in lower case: count, sum, avg, min, max, rate, quantile, first, …;
   * `first_event` is a plain column beside aggregates (the group's first event's value, null too).
   */
  readonly name: string;
  /** Null: counts events (`COUNT(*)`, `RATE()`). */
  readonly arg: Expression | null;
  readonly distinct: boolean;
  readonly filter: Expression | null;
  /** Constants such as the quantile's q in (0, 1) or top-k's k. */
  readonly parameters: readonly number[];
}

/**
 * Runs at merge, before the final stage: functions over the windows of a group in order (a
 * prediction, a lag) or over the groups of one window (an outlier). Each appends its result to the
 * row; its argument may read all slots before.
 */
export interface SeriesStage {
  /** What a series is named by, over slots: the group keys. Empty: there is one series. */
  readonly groupBy: readonly Expression[];
  readonly functions: readonly SeriesSpec[];
}

export interface SeriesSpec {
  /** Name in the catalogue (`series/catalogue.ts`). */
  readonly name: string;
  /** Over slots; what is no number counts as null. */
  readonly arg: Expression;
  /** Smoothing weights, numbers of windows, times in ms. */
  readonly parameters: readonly number[];
}

/** Runs once, at merge: HAVING, ORDER BY, LIMIT, output columns. All expressions are over slots. */
export interface FinalStage {
  readonly having: Expression | null;
  readonly columns: readonly OutputColumn[];
  /** A plain select with GROUP BY: rows are arranged by these, groups in first-seen order. */
  readonly arrangeBy: readonly Expression[];
  readonly orderBy: readonly OrderKey[];
  /** Rows a window (or running emission) keeps after ordering; null: all. */
  readonly rowsMax: number | null;
  /** Result rows after which the query ends; null: never. Kept per subscription. */
  readonly endAfter: number | null;
  /** Provisional rows of open windows every so often; null: none. */
  readonly emitEveryMs: number | null;
  /** How long a closed window may still be amended. */
  readonly latenessMs: number;
}

export interface OutputColumn {
  readonly name: string;
  readonly expression: Expression;
  /** `meta`: says something about another column (the bounds of an extrapolated one). */
  readonly role: 'key' | 'value' | 'meta';
  readonly type: ColumnType;
  /** The slot holds an object whose keys become columns: `*`, `e[^'pre']`. */
  readonly spread: boolean;
}

export type ColumnType = 'number' | 'string' | 'boolean' | 'list' | 'object' | 'any';

export interface OrderKey {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nulls: 'first' | 'last';
}
