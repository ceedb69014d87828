/**
 * Runs in a Piscina thread: a rule and its variants over the past, which comes along as data. What
 * the engine knows of saved queries comes, too, so that the rule means what it means there.
 */
import type { MessagePort } from 'node:worker_threads';
import { Backtest } from '../alert/backtest.ts';
import type { BacktestReport } from '../alert/backtest.ts';
import { checkRules } from '../alert/check-rules.ts';
import type { CheckedRule } from '../alert/check-rules.ts';
import { scopeAlone } from '../alert/rule-scope.ts';
import { variantsOf } from '../alert/rule-variants.ts';
import type { Variant } from '../alert/rule-variants.ts';
import { seriesBacktest } from '../alert/series-backtest.ts';
import type { KeptPast } from '../alert/series-backtest.ts';
import { timedEvent } from '../alert/timed-lines.ts';
import type { ViewDefinition, ViewDefinitions } from '../plan/plan-views.ts';

export interface EventsPast {
  readonly stream: string;
  /** Field that holds the time of an event. */
  readonly time: string;
  readonly ndjson: string;
}

export interface BacktestTask {
  /** YAML of one rule. */
  readonly rule: string;
  readonly thresholds: readonly number[];
  readonly saved: readonly ViewDefinition[];
  readonly past: { readonly events: EventsPast } | { readonly series: KeptPast };
  /** Told what share is done, 0 … 1. */
  readonly port: MessagePort;
}

/** A text: why there is no report. */
export type BacktestOutcome = BacktestReport | string;

/** Lines between two reports of progress. */
const PROGRESS_EVERY = 2_000;

export function backtest({ past, port, rule, saved, thresholds }: BacktestTask): BacktestOutcome {
  const views = new Map(saved.map((view) => [view.name, view]));
  const definitions = { names: () => [...views.keys()], get: (name: string) => views.get(name) };
  const { mistakes, rules } = checkRules(rule, scopeAlone(definitions));
  const [checked] = rules;
  if (checked === undefined) return mistakes[0]?.message ?? 'there is no rule';
  const variants = variantsOf(checked, thresholds);
  if (typeof variants === 'string') return variants;
  const progress = (share: number): void => port.postMessage(share);
  try {
    if ('series' in past) return seriesBacktest(checked, variants, past.series, progress);
    return overEvents(checked, variants, { ...past.events, saved: definitions, progress });
  } finally {
    port.close();
  }
}

function overEvents(
  checked: CheckedRule,
  variants: readonly Variant[],
  how: EventsPast & {
    readonly saved: ViewDefinitions;
    readonly progress: (share: number) => void;
  },
): BacktestOutcome {
  const { ndjson, progress, saved, stream, time } = how;
  let run: Backtest | null = null;
  let lastMs = -Infinity;
  let line = 0;
  for (let start = 0; start < ndjson.length;) {
    const newline = ndjson.indexOf('\n', start);
    const end = newline === -1 ? ndjson.length : newline;
    const text = ndjson.slice(start, end).trim();
    start = end + 1;
    line++;
    if (text === '') continue;
    try {
      const { event, timeMs } = timedEvent(text, time, lastMs);
      lastMs = timeMs;
      run ??= new Backtest(checked, variants, { startMs: timeMs, saved });
      run.feed({ stream, timeMs, event });
    } catch (error) {
      return `line ${line}: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (line % PROGRESS_EVERY === 0) progress(start / ndjson.length);
  }
  return run?.report() ?? 'there are no events';
}
