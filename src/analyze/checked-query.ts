/**
 * What analysis leaves of a query: names resolved, parameters bound, expressions in the IR, and
 * every clause as numbers. `plan/lower.ts` makes a plan of it; nothing here can be wrong any more.
 */
import type { Expression } from '../ir/expression.ts';
import type { JoinStage } from '../ir/join.ts';
import type {
  AggregateSpec,
  OrderKey,
  OutputColumn,
  SampleSpec,
  SeriesStage,
  SourcePattern,
} from '../ir/plan.ts';
import type { ReplaySpec } from '../ir/replay.ts';

/**
 * Slots of series functions are counted from here until all slots before them are known:
 * `plan/place-series.ts` puts them behind.
 */
export const SERIES_SLOTS_FROM = 1_000_000;

export interface CheckedQuery {
  readonly explain: 'none' | 'plan' | 'analyze';
  readonly sources: readonly SourcePattern[];
  readonly sample: SampleSpec | null;
  readonly join: JoinStage | null;
  /** Over joined rows, where there is a join. */
  readonly where: Expression | null;
  readonly rows: RowSource;
  readonly series: SeriesStage | null;
  readonly columns: readonly OutputColumn[];
  readonly having: Expression | null;
  /** A plain select's GROUP BY. */
  readonly arrangeBy: readonly Expression[];
  readonly orderBy: readonly OrderKey[];
  readonly replay: ReplaySpec | null;
  readonly window: CheckedWindow | null;
  readonly rowsMax: number | null;
  readonly endAfter: number | null;
  readonly emitEveryMs: number | null;
  readonly latenessMs: number;
}

/** Where the slots of a result row come from; see `AggregateStage` for their order. */
export type RowSource =
  | { readonly kind: 'project'; readonly project: readonly Expression[] }
  | {
      readonly kind: 'aggregate';
      readonly keys: readonly Expression[];
      readonly aggregates: readonly AggregateSpec[];
    };

export type CheckedWindow =
  /** `slideMs` is equal to `sizeMs` for tumbling windows. */
  | { readonly kind: 'time'; readonly sizeMs: number; readonly slideMs: number }
  | { readonly kind: 'count'; readonly count: number; readonly timeoutMs: number | null }
  | { readonly kind: 'session'; readonly gapMs: number; readonly maxMs: number | null };
