/**
 * What a rule would have done: pages, flaps and gaps over the past, also with other thresholds. The
 * past is events, which run through the engine that ships, or windows whose values were kept. All
 * variants run over it at once.
 */
import type { ToldWindow } from '../coordinator/window-cycle.ts';
import type { ViewDefinitions } from '../plan/plan-views.ts';
import { ChartRecorder } from './backtest-chart.ts';
import type { BacktestChart } from './backtest-chart.ts';
import type { CheckedRule } from './check-rules.ts';
import { Replay } from './replay.ts';
import type { ReplayEvent } from './replay.ts';
import { NOTHING_SAVED } from './rule-scope.ts';
import { thresholdOf } from './rule-variants.ts';
import type { Threshold, Variant } from './rule-variants.ts';
import type { Rule } from './rule.ts';
import { isAudible } from './transition.ts';
import type { AlertTransition } from './transition.ts';

export interface BacktestResult {
  readonly when: string;
  readonly threshold: number | null;
  /** Episodes that fired. */
  readonly pages: number;
  /** Episodes of an alert that fired again within its flap window. */
  readonly flaps: number;
  /** Time that some alert fired, ms. */
  readonly firingMs: number;
  /** Longest time between two pages, from the first moment to the last, ms. */
  readonly longestGapMs: number;
  /** The first of them. */
  readonly transitions: readonly AlertTransition[];
  readonly transitionsOmitted: number;
}

export interface BacktestReport {
  readonly rule: string;
  /** What was looked at, ms UTC. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly windows: number;
  /** Where `when` has a number that could be another; null: nowhere. */
  readonly threshold: Threshold | null;
  readonly results: readonly BacktestResult[];
  readonly chart: BacktestChart;
  /** What was not as it would have been live, in words. */
  readonly notes: readonly string[];
}

/** Transitions that are told of one variant. */
const TRANSITIONS_MAX = 500;

/** Of a rule over events. */
export class Backtest {
  readonly #checked: CheckedRule;
  readonly #variants: readonly Variant[];
  readonly #replay: Replay;
  readonly #chart: ChartRecorder;
  readonly #startMs: number;
  #lastMs: number;
  #windows = 0;

  constructor(
    checked: CheckedRule,
    variants: readonly Variant[],
    how: { readonly startMs: number; readonly saved?: ViewDefinitions },
  ) {
    this.#checked = checked;
    this.#variants = variants;
    this.#chart = new ChartRecorder(checked.compiled);
    const rules = variants.map(({ rule }) => ({ rule, version: 1 }));
    const heard = (window: ToldWindow): void => this.#hear(window);
    const { startMs, saved = ownQuery(checked) } = how;
    this.#replay = new Replay({ rules, stepMs: checked.compiled.stepMs, heard, startMs, saved });
    this.#startMs = how.startMs;
    this.#lastMs = how.startMs;
  }

  /** Events come in order of time. */
  feed(event: ReplayEvent): void {
    this.#lastMs = event.timeMs;
    this.#replay.feed(event);
  }

  report(): BacktestReport {
    this.#replay.advanceTo(this.#lastMs + 2 * this.#checked.compiled.stepMs);
    return backtestReport(this.#checked, this.#variants, {
      ...{ fromMs: this.#startMs, toMs: this.#lastMs, windows: this.#windows, notes: [] },
      transitions: this.#replay.transitions,
      chart: this.#chart,
    });
  }

  #hear({ endMs, revision, rows }: ToldWindow): void {
    if (revision > 0) return;
    this.#windows++;
    this.#chart.take(endMs, rows);
  }
}

/** The saved query that the rule asks, as it was known where the rule was checked. */
function ownQuery({ asked, rule }: CheckedRule): ViewDefinitions {
  const { saved: name } = rule;
  if (name === null) return NOTHING_SAVED;
  const own = { name, version: 0, text: asked.text, params: asked.params };
  return { names: () => [name], get: (other) => (other === name ? own : undefined) };
}

export function backtestReport(
  { asked, rule }: CheckedRule,
  variants: readonly Variant[],
  past: Omit<BacktestReport, 'rule' | 'threshold' | 'results' | 'chart'> & {
    readonly transitions: readonly AlertTransition[];
    readonly chart: ChartRecorder;
  },
): BacktestReport {
  const { chart, transitions: all, ...span } = past;
  const fired = new Set<string>();
  const results = variants.map((variant): BacktestResult => {
    const transitions = all.filter(
      (one) => one.rule === variant.rule.name && one.condition === 'threshold',
    );
    for (const { key } of transitions) fired.add(key);
    return {
      ...{ when: variant.when, threshold: variant.threshold },
      ...figuresOf(variant.rule, transitions, span),
      transitions: transitions.slice(0, TRANSITIONS_MAX),
      transitionsOmitted: Math.max(0, transitions.length - TRANSITIONS_MAX),
    };
  });
  const threshold = thresholdOf(rule, asked.calls.when);
  return { rule: rule.name, ...span, threshold, results, chart: chart.chart(fired) };
}

function figuresOf(
  rule: Rule,
  transitions: readonly AlertTransition[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Pick<BacktestResult, 'pages' | 'flaps' | 'firingMs' | 'longestGapMs'> {
  const lastFiredMs = new Map<string, number>();
  const open = new Map<string, number>();
  let [pages, flaps, firingMs, longestGapMs] = [0, 0, 0, 0];
  let gapSinceMs = fromMs;
  for (const transition of transitions) {
    if (!isAudible(transition)) continue;
    const { key, to, startsAtMs, endsAtMs } = transition;
    if (to === 'ok') {
      open.delete(key);
      firingMs += (endsAtMs ?? startsAtMs) - startsAtMs;
      continue;
    }
    pages++;
    open.set(key, startsAtMs);
    const before = lastFiredMs.get(key) ?? -Infinity;
    if (startsAtMs - before < (rule.flap?.withinMs ?? 0)) flaps++;
    lastFiredMs.set(key, startsAtMs);
    longestGapMs = Math.max(longestGapMs, startsAtMs - gapSinceMs);
    gapSinceMs = startsAtMs;
  }
  for (const startsAtMs of open.values()) firingMs += toMs - startsAtMs;
  longestGapMs = Math.max(longestGapMs, toMs - gapSinceMs);
  return { pages, flaps, firingMs, longestGapMs };
}
