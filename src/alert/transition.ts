/**
 * What the alert engine says and the notifier hears: one change of state of one alert. An alert is
 * one condition of one rule for one key; an *episode* is the time from its first sign to its end.
 * The engine emits transitions whether anybody is paged or not; routing, grouping, silences and
 * delivery are the notifier's and never change what a rule evaluates to.
 *
 * Invariants: an episode begins and ends once; its name outlives restarts and reloads; transitions
 * of one alert are numbered without holes, so a replay after a crash repeats ids and never reuses
 * them for something else.
 */
import { createHash } from 'node:crypto';
import type { Value, ValueObject } from '../model/value.ts';
import type { Completeness } from '../wire/results.ts';

/**
 * `ok`: nothing; `pending`: the condition holds, not yet long enough; `firing`: page; `recovering`:
 * it holds no more, not yet long enough to say so. To a receiver `recovering` still fires.
 */
export type AlertState = 'ok' | 'pending' | 'firing' | 'recovering';

/**
 * What the alert is about. `threshold`: the rule's own `when`; `silent`: those who would know are
 * gone; `lag`: the engine is behind with this rule; `rule-error`: the rule cannot be evaluated.
 */
export type AlertCondition = 'threshold' | 'silent' | 'lag' | 'rule-error';

export type AlertSeverity = 'critical' | 'warning' | 'info';

/** A window of event time, `[startMs, endMs)`, ms UTC. */
export interface AlertWindow {
  readonly startMs: number;
  readonly endMs: number;
}

export interface AlertTransition {
  /** Unique; the same when the same transition is computed again after a crash. */
  readonly id: string;
  /** When the engine decided, ms UTC. */
  readonly atMs: number;
  /** The window that decided; null: the clock or a reload did. */
  readonly window: AlertWindow | null;
  readonly rule: string;
  readonly ruleVersion: number;
  /** Canonical text of the alert key: equal texts are equal keys. Unique within rule, condition. */
  readonly key: string;
  /** The rule's labels, the key's columns as text, `alertname` and `severity`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Dedup key: one for the whole episode, across restarts and reloads. */
  readonly episode: string;
  readonly condition: AlertCondition;
  readonly from: AlertState;
  readonly to: AlertState;
  /** When the episode began to fire; while it is pending, when it began to pend. ms UTC. */
  readonly startsAtMs: number;
  /** When it ended; null while it lasts. ms UTC. */
  readonly endsAtMs: number | null;
  readonly severity: AlertSeverity;
  readonly annotations: AlertAnnotations;
  readonly evidence: AlertEvidence;
  /** Name of a route that the rule asks for; null: the routing tree decides by labels. */
  readonly route: string | null;
  readonly runbook: string | null;
  readonly owner: string | null;
  /** Why, in a sentence: `value 3 below 10 for 30 s`, `the rule was removed`. */
  readonly reason: string;
}

/** Mustache templates and the view they render over; rendered where they are sent. */
export interface AlertAnnotations {
  readonly templates: Readonly<Record<string, string>>;
  /** JSON-safe, without getters or functions. */
  readonly view: ValueObject;
}

/** What the decision was made on. */
export interface AlertEvidence {
  /** Output row of the query for this key; empty where no row is meant (lag, rule-error). */
  readonly values: ValueObject;
  /** The key's row one window earlier; null: none is known. */
  readonly previous: ValueObject | null;
  /** What was expected, if `when` compares against something computed. */
  readonly baseline: Value;
  readonly completeness: Completeness | null;
  /** Canonical text of the query. */
  readonly query: string;
  /** Enough for a link that opens the query at the time it fired. */
  readonly queryLink: { readonly query: string; readonly fromMs: number; readonly toMs: number };
  /** The deciding column over the last windows, oldest first; null value: no number there. */
  readonly sparkline: readonly SparkPoint[];
  /**
   * Events of the window, where the query gives some (`samples(3) as examples`); at most
   * {@link EXEMPLARS_MAX}. Not there in what earlier versions wrote down.
   */
  readonly exemplars?: readonly ValueObject[];
  /** Other keys of the window whose value moved most, largest move first. */
  readonly contributors: readonly Contributor[];
}

/** Events that a page shows. */
export const EXEMPLARS_MAX = 5;

export interface SparkPoint {
  /** Window end, ms UTC. */
  readonly atMs: number;
  readonly value: number | null;
}

export interface Contributor {
  readonly key: ValueObject;
  readonly value: number;
  readonly previous: number | null;
}

/** An episode that fires now: its last transition into `firing` or `recovering`. */
export interface FiringAlert {
  readonly transition: AlertTransition;
  /** Last window that was evaluated for it, ms UTC; its values are in `values`. */
  readonly evaluatedThroughMs: number;
  readonly values: ValueObject;
}

/** True for transitions that a receiver may hear of: an episode starts to fire, or stops. */
export function isAudible({ from, to }: Pick<AlertTransition, 'from' | 'to'>): boolean {
  return isFiring(from) !== isFiring(to);
}

/** `firing` and `recovering` both count as firing. */
export function isFiring(state: AlertState): boolean {
  return state === 'firing' || state === 'recovering';
}

/** The dedup key of the episode that began at `startedAtMs`, which a restart restores. */
export function episodeName(
  alert: Pick<AlertTransition, 'rule' | 'condition' | 'key'>,
  startedAtMs: number,
): string {
  const identity = [alert.rule, alert.condition, alert.key, startedAtMs];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
}
