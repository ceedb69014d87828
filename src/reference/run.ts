/**
 * The oracle: a whole plan over a finite list of events, computed from complete lists, window by
 * window, with no state kept between windows but the groups to remember. Deliberately independent
 * of `expr/row.ts`, `aggregate/`, `kernel/` and the operators, which are tested against it.
 */
import { DEFAULTS } from '../config.ts';
import type { EvalCounters } from '../expr/context.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { Value, ValueObject } from '../model/value.ts';
import { plainRows } from './reference-answer.ts';
import type { Evaluate, ReferenceEvent } from './reference-event.ts';
import { ReferenceGroups } from './reference-groups.ts';
import { finishRows } from './reference-final.ts';
import type { ReadSlots, Slots } from './reference-final.ts';
import { joinedRows } from './reference-join.ts';
import type { ReferenceTables } from './reference-join.ts';
import { countWindows, sessionWindows } from './reference-home.ts';
import type { UnfinishedWindow } from './reference-home.ts';
import { extrapolation, sampled } from './reference-sample.ts';
import type { Moment } from './reference-reading.ts';
import { ReferenceSeries } from './reference-series.ts';
import { readsStream } from './reference-sources.ts';
import { isTrue } from './reference-values.ts';
import { isIn, windowsOver } from './reference-windows.ts';
import type { Span } from './reference-windows.ts';
import { interpret } from './interpret-expression.ts';

export type { ReferenceEvent } from './reference-event.ts';

export interface ReferenceOptions {
  /** What now() and ingest_time() say. */
  readonly nowMs: number;
  /** How long quiet groups emit zeros: the longer of the two. */
  readonly rememberedWindows?: number;
  readonly rememberedMs?: number;
  /** By name, for joins. */
  readonly tables?: ReferenceTables;
}

const NO_TABLES: ReferenceTables = new Map();

export interface ReferenceWindow {
  /** [windowStart, windowEnd) in ms; null: the query has no window. */
  readonly windowStart: number | null;
  readonly windowEnd: number | null;
  readonly rows: readonly ValueObject[];
}

export interface ReferenceRun {
  /** In order of start. A query without a window has one entry. */
  readonly windows: readonly ReferenceWindow[];
  /** Events of the plan's streams, and those (or joined rows) that passed the filter. */
  readonly seen: number;
  readonly matched: number;
  /** What evaluating events met. */
  readonly counters: Readonly<EvalCounters>;
}

export function runReference(
  plan: QueryPlan,
  events: readonly ReferenceEvent[],
  options: ReferenceOptions,
): ReferenceRun {
  const counters: EvalCounters = { typeMismatches: 0, nonFinite: 0 };
  const evaluate = evaluator(options.nowMs, counters);
  const seen = events
    .map((one, place) => ({ ...one, sequence: one.sequence ?? place }))
    .filter(
      ({ stream }) => stream === undefined || plan.sources.some((s) => readsStream(s, stream)),
    );
  const { where } = plan.source;
  const taken =
    plan.join === null
      ? sampled(plan.source.sample, seen)
      : joinedRows(plan.join, seen, options.tables ?? NO_TABLES, evaluate);
  const matched = taken.filter((one) => where === null || isTrue(evaluate(where, one, [])));
  const counts = { seen: seen.length, matched: matched.length, counters };
  const answers = windowsOf(plan, { seen, matched, evaluate }, options);
  const nobody: ReferenceEvent = { event: {}, timeMs: 0 };
  // A row's nulls (of groups without values, of windows without a past) are no events' mistakes.
  const overRows = evaluator(options.nowMs, { typeMismatches: 0, nonFinite: 0 });
  const read: ReadSlots = (expression, row) => overRows(expression, nobody, row);
  const series = plan.series === null ? null : new ReferenceSeries(plan.series, read);
  let left = plan.final.endAfter ?? Number.POSITIVE_INFINITY;
  const windows: ReferenceWindow[] = [];
  for (const { span, slots } of answers) {
    const compared = series?.extend(slots, momentOf(span, plan)) ?? slots;
    const finished = finishRows(plan.final, compared, read);
    const rows = finished.slice(0, left);
    left -= rows.length;
    windows.push({ windowStart: span.startMs, windowEnd: span.endMs, rows });
    if (left <= 0) break;
  }
  return { windows, ...counts };
}

interface Matching {
  readonly seen: readonly ReferenceEvent[];
  /** Those that passed the filter, in order of arrival. */
  readonly matched: readonly ReferenceEvent[];
  readonly evaluate: Evaluate;
}

function* windowsOf(
  plan: QueryPlan,
  { seen, matched, evaluate }: Matching,
  options: ReferenceOptions,
): Iterable<UnfinishedWindow> {
  const { window } = plan;
  if (window.kind === 'count') {
    yield* countWindows(plan, window, matched, evaluate);
    return;
  }
  if (window.kind === 'session') {
    yield* sessionWindows(plan, window, matched, evaluate);
    return;
  }
  const times = seen.map(({ timeMs }) => timeMs);
  const groups =
    plan.aggregate === null
      ? null
      : new ReferenceGroups(plan.aggregate, {
          keepMs: keepMs(plan, options),
          scale: extrapolation(plan.source.sample),
        });
  groups?.take(matched, evaluate);
  const plain = groups === null ? plainRows(plan, matched, evaluate) : [];
  for (const span of windowsOver(window, times)) {
    const slots: readonly Slots[] =
      groups === null
        ? plain.filter(({ on }) => isIn(span, on.timeMs)).map((row) => row.slots)
        : groups.rows(span, coveredMs(span, times));
    yield { span, slots };
  }
}

/** Rows without windows are compared in the order in which they come. */
function momentOf({ startMs }: Span, { window }: QueryPlan): Moment {
  if (startMs === null || window.kind !== 'time') return { number: 0, startMs: 0, slideMs: 1 };
  const { slideMs } = window;
  return { number: Math.floor(startMs / slideMs), startMs, slideMs };
}

function evaluator(nowMs: number, counters: EvalCounters): Evaluate {
  const elements: ReadonlyMap<number, Value> = new Map();
  return (expression, { event, stream, timeMs, weight }, slots) =>
    interpret(expression, {
      event,
      stream,
      weight,
      timeMs,
      ingestMs: nowMs,
      nowMs,
      slots,
      elements,
      counters,
    });
}

/** What RATE divides by: the window, or from the first to the last event without one. */
function coveredMs(span: Span, timesMs: readonly number[]): number {
  if (span.startMs !== null && span.endMs !== null) return span.endMs - span.startMs;
  const earliest = timesMs.reduce((a, b) => Math.min(a, b), timesMs[0] ?? 0);
  return timesMs.reduce((a, b) => Math.max(a, b), earliest) - earliest;
}

function keepMs(plan: QueryPlan, options: ReferenceOptions): number {
  const sizeMs = plan.window.kind === 'time' ? plan.window.sizeMs : 0;
  const windows = options.rememberedWindows ?? DEFAULTS.rememberedWindows;
  return Math.max(windows * sizeMs, options.rememberedMs ?? DEFAULTS.rememberedMs);
}
