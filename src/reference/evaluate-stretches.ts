/**
 * Runs a plan over finite input in stretches. Between two events with a very long time between them
 * lie more empty windows than anybody wants to read: there the input is cut, the windows between
 * are left out with a diagnostic, and quiet groups are forgotten. The number of windows in all is
 * bounded too.
 */
import { DEFAULTS } from '../config.ts';
import { createEvalCounters } from '../expr/context.ts';
import type { EvalCounters } from '../expr/context.ts';
import { joinReachMs } from '../ir/join.ts';
import type { QueryPlan, WindowSpec } from '../ir/plan.ts';
import type { InputEvent, InputProblem } from './evaluate-input.ts';
import type { ReferenceTables } from './reference-join.ts';
import { runReference } from './run.ts';
import type { ReferenceWindow } from './run.ts';

export interface FiniteRun {
  readonly windows: readonly ReferenceWindow[];
  readonly problems: readonly InputProblem[];
  readonly seen: number;
  readonly matched: number;
  /** Times of the earliest and the latest event; null: there is none. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** What evaluation met and could not do. */
  readonly counters: Readonly<EvalCounters>;
}

export interface FiniteOptions {
  readonly nowMs: number;
  /** By name, for joins. */
  readonly tables: ReferenceTables;
}

export function runInStretches(
  plan: QueryPlan,
  given: readonly InputEvent[],
  options: FiniteOptions,
): FiniteRun {
  const events = numbered(given);
  const inTime = events.toSorted((a, b) => a.timeMs - b.timeMs);
  const times = {
    firstMs: inTime[0]?.timeMs ?? null,
    lastMs: inTime.at(-1)?.timeMs ?? null,
  };
  if (plan.window.kind !== 'time') {
    const several = new Set(events.map((event) => event.stream)).size > 1;
    // One list keeps its order; several are merged by time.
    const run = runReference(plan, several ? inTime : events, options);
    return { ...times, ...run, problems: [] };
  }
  if (events.length === 0) return { ...times, ...emptyWindow(plan, plan.window, options.nowMs) };
  return { ...times, ...runWindows(plan, plan.window, inTime, options) };
}

/** Numbered before they are cut and sorted: samples go by the number in the stream. */
function numbered(events: readonly InputEvent[]): readonly InputEvent[] {
  const counts = new Map<string, number>();
  return events.map((one) => {
    const offered = (counts.get(one.stream) ?? 0) + 1;
    counts.set(one.stream, offered);
    return { ...one, offered };
  });
}

type TimeWindows = Extract<WindowSpec, { kind: 'time' }>;
type WindowRun = Omit<FiniteRun, 'firstMs' | 'lastMs'>;

/** No events: the one window that `now` is in, with nothing in it. */
function emptyWindow(plan: QueryPlan, window: TimeWindows, now: number): WindowRun {
  const none: QueryPlan = {
    ...plan,
    source: { ...plan.source, where: { op: 'literal', value: false } },
  };
  const { windows } = runReference(none, [{ event: {}, timeMs: now }], { nowMs: now });
  const newest = Math.floor(now / window.slideMs) * window.slideMs;
  const only = windows.filter(({ windowStart }) => windowStart === newest);
  return { windows: only, problems: [], seen: 0, matched: 0, counters: createEvalCounters() };
}

function runWindows(
  plan: QueryPlan,
  window: TimeWindows,
  inTime: readonly InputEvent[],
  options: FiniteOptions,
): WindowRun {
  const problems: InputProblem[] = [];
  const windows: ReferenceWindow[] = [];
  let seen = 0;
  let matched = 0;
  const counters = createEvalCounters();
  let { endAfter } = plan.final;
  let windowsLeft = DEFAULTS.evaluateWindowsMax;
  for (const stretch of stretchesOf(inTime, window, joinReachMs(plan.join), problems)) {
    windowsLeft -= windowsMeeting(stretch, window);
    if (windowsLeft < 0) {
      const message = `the events span more than ${DEFAULTS.evaluateWindowsMax} windows`;
      problems.push({ code: 'MQL_TOO_MANY_WINDOWS', message });
      break;
    }
    const part = { ...plan, final: { ...plan.final, endAfter } };
    const run = runReference(part, stretch, options);
    for (const one of run.windows) windows.push(one);
    seen += run.seen;
    matched += run.matched;
    counters.typeMismatches += run.counters.typeMismatches;
    counters.nonFinite += run.counters.nonFinite;
    if (endAfter === null) continue;
    endAfter -= run.windows.reduce((sum, { rows }) => sum + rows.length, 0);
    if (endAfter <= 0) break;
  }
  return { windows, problems, seen, matched, counters };
}

/**
 * Cuts where more than `emptyWindowsMax` windows in a row would be empty, and events lie at least
 * `reachMs` apart, so that none is joined with one beyond.
 */
function stretchesOf(
  inTime: readonly InputEvent[],
  { sizeMs, slideMs }: TimeWindows,
  reachMs: number,
  problems: InputProblem[],
): readonly (readonly InputEvent[])[] {
  const stretches: InputEvent[][] = [];
  let current: InputEvent[] = [];
  let lastMs = inTime[0]?.timeMs ?? 0;
  for (const event of inTime) {
    const empty = Math.floor((event.timeMs - sizeMs) / slideMs) - Math.floor(lastMs / slideMs);
    if (empty > DEFAULTS.emptyWindowsMax && event.timeMs - lastMs >= reachMs) {
      stretches.push(current);
      current = [];
      const message = `${empty} empty windows from ${lastMs} to ${event.timeMs} were left out`;
      problems.push({ code: 'MQL_GAP', message });
    }
    current.push(event);
    lastMs = event.timeMs;
  }
  stretches.push(current);
  return stretches;
}

function windowsMeeting(stretch: readonly InputEvent[], { sizeMs, slideMs }: TimeWindows): number {
  const first = stretch[0]?.timeMs ?? 0;
  const last = stretch.at(-1)?.timeMs ?? first;
  return Math.floor(last / slideMs) - Math.floor((first - sizeMs) / slideMs);
}
