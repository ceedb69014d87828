/**
 * What a rule would have done over the windows that a running query still holds: for whoever writes
 * a rule beside its chart. Only recent windows, and nothing is kept.
 */
import type { ToldWindow } from '../coordinator/window-cycle.ts';
import type { RowsMessage } from '../wire/results.ts';
import { AlertEngine } from './alert-engine.ts';
import { ChartRecorder } from './backtest-chart.ts';
import type { BacktestChart } from './backtest-chart.ts';
import type { CheckedRule } from './check-rules.ts';
import { scopeOf } from './rule-query.ts';
import { thresholdOf } from './rule-variants.ts';
import type { Threshold } from './rule-variants.ts';
import type { AlertState, AlertTransition } from './transition.ts';

export interface Preview {
  /** Windows that were looked at; empty: the query does not run, so nothing is known. */
  readonly windows: readonly { readonly startMs: number; readonly endMs: number }[];
  readonly transitions: readonly AlertTransition[];
  readonly chart: BacktestChart;
  /** Where `when` has a number that could be another; null: nowhere. */
  readonly threshold: Threshold | null;
  /** How each alert would stand now. */
  readonly states: readonly { readonly key: string; readonly state: AlertState }[];
}

const LIMITS = { keysMax: 1_000, trailWindows: 300 };

export function previewRule(
  { asked, compiled, rule }: CheckedRule,
  messages: readonly RowsMessage[],
): Preview {
  const engine = new AlertEngine({ limits: LIMITS, scope: scopeOf(asked) });
  engine.setRules([{ rule: { ...rule, paused: false }, version: 1 }], 0);
  const windows = windowsFrom(messages);
  const chart = new ChartRecorder(compiled);
  for (const window of windows) {
    chart.take(window.endMs, window.rows);
    const effect = { type: 'window', listeners: [rule.name], window, quiet: NOBODY } as const;
    engine.hear(effect, window.endMs);
  }
  const { transitions } = engine.take();
  const states = [...(engine.watch(rule.name)?.keys() ?? [])].map(({ text, state }) => ({
    key: text,
    state: state.state,
  }));
  return {
    windows: windows.map(({ startMs, endMs }) => ({ startMs, endMs })),
    transitions,
    chart: chart.chart(new Set(transitions.map(({ key }) => key))),
    threshold: thresholdOf(rule, asked.calls.when),
    states,
  };
}

const NOBODY: ReadonlySet<string> = new Set();

/** Parts put together; each window as it was told first, for that is what a rule sees. */
function windowsFrom(messages: readonly RowsMessage[]): ToldWindow[] {
  const windows: ToldWindow[] = [];
  let rows: RowsMessage['rows'][number][] = [];
  for (const message of messages) {
    const { windowStart, windowEnd, revision, last, part, completeness } = message;
    if (windowStart === null || windowEnd === null || revision > 0) continue;
    if (part === 0) rows = [];
    rows.push(...message.rows);
    if (!last) continue;
    const span = { startMs: windowStart, endMs: windowEnd };
    windows.push({ ...span, revision, provisional: false, rows, completeness });
  }
  return windows;
}
