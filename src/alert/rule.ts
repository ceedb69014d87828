/**
 * An alert rule as data: what its author wrote, with every default filled in. Texts of conditions
 * are compiled against the query's columns elsewhere (`condition.ts`); nothing here runs.
 */
import type { AlertSeverity } from './transition.ts';

export interface Rule {
  /** Unique among all rules of an engine; becomes the label `alertname`. */
  readonly name: string;
  /** Windowed MQL; null: it asks a saved query. */
  readonly query: string | null;
  /** Name of a saved query; null: it has its own. */
  readonly saved: string | null;
  /** MQL expression over the query's output columns; null: every row of the query is an alert. */
  readonly when: string | null;
  /** Columns that tell alerts apart; null: the query's group key. */
  readonly by: readonly string[] | null;
  /** How long evidence has to hold before it pages, ms of event time; 0: the first window pages. */
  readonly forMs: number;
  /** It holds if it did in `m` of the last `n` windows that are evidence. */
  readonly mOfN: { readonly m: number; readonly n: number };
  /** How long evidence against it has to last before it is resolved, ms of event time. */
  readonly keepFiringMs: number;
  /** Condition to begin to recover; null: that `when` no longer holds. */
  readonly clearWhen: string | null;
  /** Windows in which this expression is below `atLeast` say nothing; null: all windows count. */
  readonly minVolume: MinVolume | null;
  /** Null: no back-off. */
  readonly flap: FlapPolicy | null;
  readonly severity: AlertSeverity;
  readonly labels: Readonly<Record<string, string>>;
  /** Mustache templates. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly runbook: string | null;
  readonly owner: string | null;
  readonly route: string | null;
  /** Null: a source that is gone is not told, and still holds the state. */
  readonly onSilent: SidePolicy | null;
  readonly onDegraded: DegradedPolicy;
  /** Null: an engine that is behind is not told. */
  readonly onLag: SidePolicy | null;
  /** A paused rule is known and not evaluated; what it held stays held. */
  readonly paused: boolean;
}

export interface MinVolume {
  /** MQL expression over the columns. */
  readonly of: string;
  readonly atLeast: number;
}

/** After `episodes` within `withinMs`, an alert is resolved only after `holdMs` of evidence. */
export interface FlapPolicy {
  readonly episodes: number;
  readonly withinMs: number;
  readonly holdMs: number;
}

/** An alert of its own about the state of sources or engine. */
export interface SidePolicy {
  /** How long it lasts before it is told, ms of the engine's clock. */
  readonly forMs: number;
  readonly severity: AlertSeverity;
}

export interface DegradedPolicy {
  /** Share of the truth, 0 … 1, below which a window is no evidence. */
  readonly below: number;
  /**
   * How long a group without events is taken for lost and not for empty, after agents went away and
   * did not come back; ms.
   */
  readonly holdMs: number;
}

const MINUTE_MS = 60_000;

/** What a rule has that does not say otherwise. */
export const RULE_DEFAULTS = {
  forMs: 0,
  mOfN: { m: 1, n: 1 },
  keepFiringMs: 0,
  flap: { episodes: 3, withinMs: 30 * MINUTE_MS, holdMs: 10 * MINUTE_MS },
  severity: 'warning',
  onSilent: { forMs: 10_000, severity: 'info' },
  onDegraded: { below: 0.95, holdMs: 24 * 60 * MINUTE_MS },
  onLag: { forMs: 30_000, severity: 'info' },
} as const satisfies Partial<Rule>;

/** Windows that `m_of_n` may look back: its memory is one bit a window. */
export const M_OF_N_MAX = 30;
