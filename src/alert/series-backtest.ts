/**
 * What a rule would have done over kept series: windows are put together again from the buckets
 * that they were rolled into. Where a bucket holds one window that is exactly what the rule saw;
 * where it holds several, the rule sees their mean, and the report says so.
 */
import { DEFAULTS } from '../config.ts';
import { measureOf } from '../coordinator/series-measure.ts';
import type { Value, ValueObject } from '../model/value.ts';
import { AlertEngine } from './alert-engine.ts';
import { assumedCompleteness } from './assumed-completeness.ts';
import { ChartRecorder } from './backtest-chart.ts';
import { backtestReport } from './backtest.ts';
import type { BacktestReport } from './backtest.ts';
import type { CheckedRule } from './check-rules.ts';
import { compileRule } from './compiled-rule.ts';
import { scopeOf } from './rule-query.ts';
import type { Variant } from './rule-variants.ts';
import { rowsQuery } from './rows-query.ts';
import type { AlertTransition } from './transition.ts';

/** One column of one group; arrays of equal length, in order of time. */
export interface KeptColumnLine {
  readonly column: string;
  /** Values of the group's keys, as JSON. */
  readonly keys: string;
  readonly startMs: readonly number[];
  readonly mean: readonly number[];
  /** Windows in the bucket, and how many of them were not complete. */
  readonly windows: readonly number[];
  readonly doubtful: readonly number[];
}

export interface KeptPast {
  readonly fromMs: number;
  readonly toMs: number;
  /** Length of a bucket, ms. */
  readonly stepMs: number;
  readonly lines: readonly KeptColumnLine[];
}

export interface NeededColumn {
  readonly column: string;
  /** What a kept series has to measure to be this column. */
  readonly measure: string;
}

/** More doubt than this and a window is no evidence and teaches nothing, as live. */
const DOUBTFUL_SHARE_MAX = 0.01;
/** Windows between two reports of progress. */
const PROGRESS_EVERY = 500;

/** The columns that have to be kept; a text instead: why kept series cannot tell. */
export function neededColumns(checked: CheckedRule): readonly NeededColumn[] | string {
  const { compiled, planned } = checked;
  const { plan } = planned;
  if (plan?.aggregate == null || plan.window.kind !== 'time') {
    return 'only series of aggregates over windows of time are kept; use events';
  }
  if (compiled.leavesOut)
    return 'HAVING and LIMIT leave rows out, which kept series have; use events';
  const rows = rowsQuery(checked, new Set());
  if (typeof rows === 'string') return rows;
  const needed: NeededColumn[] = [];
  for (const column of rows.given) {
    const found = plan.final.columns.find(({ name }) => name === column);
    const measure = found === undefined ? null : measureOf(plan, found.expression);
    if (measure !== null) needed.push({ column, measure });
  }
  return needed.length === 0 ? 'no column of the query can be kept; use events' : needed;
}

/** `progress`: share that is done, 0 … 1. A text instead of the report: why there is none. */
export function seriesBacktest(
  given: CheckedRule,
  variants: readonly Variant[],
  past: KeptPast,
  progress: (share: number) => void,
): BacktestReport | string {
  const checked = rolled(given, past.stepMs);
  const query = checked === null ? 'it cannot be rolled up' : rowsQuery(checked, new Set());
  if (checked === null || typeof query === 'string') return String(query);
  const { compiled } = checked;
  const engine = new AlertEngine({
    limits: { keysMax: DEFAULTS.ruleKeysMax, trailWindows: DEFAULTS.ruleWindowsKept },
    scope: scopeOf(checked.asked),
  });
  engine.setRules(
    variants.map(({ rule }) => ({ rule, version: 1 })),
    past.fromMs,
  );
  const listeners = variants.map(({ rule }) => rule.name);
  const chart = new ChartRecorder(compiled);
  const transitions: AlertTransition[] = [];
  const buckets = bucketsOf(past, compiled.groupBy ?? []);
  for (const [i, { doubt, rows: found, startMs }] of buckets.entries()) {
    const isTrue = doubt <= DOUBTFUL_SHARE_MAX;
    const endMs = startMs + compiled.windowMs;
    const place = { number: Math.floor(startMs / compiled.stepMs), startMs };
    const rows = query.extend(found, place, isTrue);
    chart.take(endMs, rows);
    const completeness = assumedCompleteness({ reporting: isTrue ? 1 : 0, expected: 1, endMs });
    const window = { startMs, endMs, revision: 0, provisional: false, rows, completeness };
    engine.hear({ type: 'window', listeners, window, quiet: NOBODY }, endMs);
    transitions.push(...engine.take().transitions);
    if (i % PROGRESS_EVERY === 0) progress(i / buckets.length);
  }
  return backtestReport(given, variants, {
    // What lies before the first window was not kept, and says nothing.
    fromMs: Math.max(past.fromMs, buckets[0]?.startMs ?? past.fromMs),
    ...{ toMs: past.toMs, windows: buckets.length, transitions, chart },
    notes: notesOf(given, past),
  });
}

const NOBODY: ReadonlySet<string> = new Set();

/**
 * The rule over windows that are as long as buckets, where those are longer; null: it cannot be.
 */
function rolled(checked: CheckedRule, bucketMs: number): CheckedRule | null {
  const { asked, rule } = checked;
  const { plan } = asked.planned;
  if (plan === null || plan.window.kind !== 'time') return null;
  if (plan.window.slideMs >= bucketMs) return checked;
  const window = {
    ...plan.window,
    sizeMs: Math.max(plan.window.sizeMs, bucketMs),
    slideMs: bucketMs,
  };
  const planned = { ...asked.planned, plan: { ...plan, window } };
  const bound = { ...asked, planned };
  const { compiled } = compileRule(rule, 1, bound);
  return compiled === null ? null : { ...checked, asked: bound, planned, compiled };
}

function notesOf({ compiled }: CheckedRule, { stepMs }: KeptPast): string[] {
  if (compiled.stepMs >= stepMs) return [];
  const each = Math.round(stepMs / compiled.stepMs);
  return [
    `Kept series come in steps of ${stepMs / 1_000} s: ${each} windows count as one, with their mean.`,
  ];
}

interface Bucket {
  readonly startMs: number;
  readonly rows: ValueObject[];
  /** Largest share of doubtful windows of its rows. */
  doubt: number;
}

/** The rows of each bucket, in order of time. */
function bucketsOf({ lines }: KeptPast, groupBy: readonly string[]): Bucket[] {
  const buckets = new Map<number, { bucket: Bucket; rows: Map<string, Record<string, Value>> }>();
  for (const { column, doubtful, keys, mean, startMs, windows } of lines) {
    const values = JSON.parse(keys) as readonly Value[];
    for (let i = 0; i < startMs.length; i++) {
      const at = startMs[i]!;
      let known = buckets.get(at);
      if (known === undefined) {
        known = { bucket: { startMs: at, rows: [], doubt: 0 }, rows: new Map() };
        buckets.set(at, known);
      }
      let row = known.rows.get(keys);
      if (row === undefined) {
        row = Object.fromEntries(groupBy.map((name, k) => [name, values[k] ?? null]));
        known.rows.set(keys, row);
        known.bucket.rows.push(row);
      }
      row[column] = mean[i]!;
      known.bucket.doubt = Math.max(known.bucket.doubt, doubtful[i]! / windows[i]!);
    }
  }
  return [...buckets.values()]
    .map(({ bucket }) => bucket)
    .toSorted((a, b) => a.startMs - b.startMs);
}
