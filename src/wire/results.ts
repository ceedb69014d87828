/**
 * The one result vocabulary: what SSE, the live WebSocket, `squilla query --json` and `connect()`
 * carry. Times are whole milliseconds UTC.
 */
import type { ColumnType } from '../ir/plan.ts';
import type { ValueObject } from '../model/value.ts';

export type ResultMessage =
  | SchemaMessage
  | RowsMessage
  | ProgressMessage
  | CompletenessMessage
  | GapMessage
  | DropMessage
  | ErrorMessage
  | EndMessage;

export interface SchemaMessage {
  readonly type: 'schema';
  /** Id of the running query (`DELETE /api/v1/queries/{id}`). */
  readonly query: string;
  readonly canonical: string;
  readonly columns: readonly ResultColumn[];
  readonly keys: readonly string[];
  /** Null: not windowed. */
  readonly windowMs: number | null;
  readonly slideMs: number | null;
  readonly warnings: readonly ResultWarning[];
}

export interface ResultColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly unit?: string;
  readonly role: 'key' | 'value' | 'window' | 'meta';
}

export interface ResultWarning {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/**
 * The whole answer for one window after HAVING, ORDER BY and LIMIT: replaces everything received
 * for that window, effective at the part with `last`. `windowStart: null`: a running aggregate
 * (replaces) or rows that are added to what came (plain filters, windows of a number of events,
 * sessions), told apart by `append`.
 */
export interface RowsMessage {
  readonly type: 'rows';
  readonly windowStart: number | null;
  readonly windowEnd: number | null;
  readonly append: boolean;
  readonly revision: number;
  readonly provisional: boolean;
  readonly replay: boolean;
  readonly part: number;
  readonly last: boolean;
  readonly rows: readonly ValueObject[];
  readonly completeness: Completeness;
}

export interface Completeness {
  readonly status: 'complete' | 'partial' | 'degraded';
  /**
   * Why not complete: `starting`, `first-window`, `open-window`, `agents-missing`, `dropped`,
   * `late`, `behind`, …
   */
  readonly reasons: readonly string[];
  readonly agents: {
    readonly expected: number;
    readonly reporting: number;
    /** At most 10 names. */
    readonly missing: readonly string[];
  };
  readonly events: {
    readonly seen: number;
    readonly matched: number;
    readonly late: number;
    readonly dropped: Readonly<Record<string, number>>;
  };
  /** The share of events that the query's sample takes; 1: every event was looked at. */
  readonly sampleFactor: number;
  readonly coveredMs: number;
  readonly traffic: 'flowing' | 'zero';
  readonly source: 'live' | 'partly' | 'silent' | 'none';
  readonly engine: 'current' | 'behind';
  readonly watermark: number;
  readonly emittedAt: number;
  /**
   * With functions over series: rows, before HAVING and LIMIT, for which some function has not
   * learnt from enough windows yet (`null` in its column). 0: all have.
   */
  readonly warming?: number;
  /** Columns that a sketch answered for some group, within its stated error; absent: none. */
  readonly estimated?: readonly string[];
  /**
   * Columns of LISTs and DISTINCTs that may lack values, for some group had as many as are kept;
   * absent: none. The result is `degraded` by the reason `values-cut`.
   */
  readonly cut?: readonly string[];
  /**
   * Of joins with tables: the version of each at the end. The reason `table-changed` says that
   * earlier events of the result may have found another one.
   */
  readonly tables?: Readonly<Record<string, number>>;
}

/**
 * About once in `progressMs`, also when nothing happens; where windows end as often, with the rows
 * of one.
 */
export interface ProgressMessage {
  readonly type: 'progress';
  readonly watermark: number;
  readonly lagMs: number;
  /** How full a window of a number of events is that has not ended. */
  readonly window?: { readonly filled: number; readonly of: number };
}

/** A change of state between windows, e.g. an agent went silent. */
export interface CompletenessMessage {
  readonly type: 'completeness';
  readonly completeness: Completeness;
}

export interface GapMessage {
  readonly type: 'gap';
  readonly fromId: string | null;
  readonly toId: string | null;
  readonly fromTime: number | null;
  readonly toTime: number | null;
  readonly reason: string;
}

export interface DropMessage {
  readonly type: 'drop';
  readonly reason: string;
  readonly count: number;
}

/** RFC 9457 problem details. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly [extension: string]: unknown;
}

export interface ErrorMessage {
  readonly type: 'error';
  readonly problem: Problem;
}

export interface EndMessage {
  readonly type: 'end';
  readonly reason: string;
}

/** A message with its id, as it travels: `<incarnation>-<counter>` of the pipeline. */
export interface IdentifiedResult {
  readonly id: string | null;
  readonly message: ResultMessage;
}
