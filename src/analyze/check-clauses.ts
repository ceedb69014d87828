/**
 * The clauses that are numbers: WINDOW, LIMIT, EMIT and LATENESS, and what they mean for the shape
 * of the query and the kind of input.
 */
import type { Query, TimeWindow } from '../../grammar/ast.ts';
import type { CheckedWindow } from './checked-query.ts';
import { readCount, readDuration } from './amounts.ts';
import type { DurationRule } from './amounts.ts';
import type { AnalysisContext } from './context.ts';

const SECOND_MS = 1_000;
/** How often a running aggregate without EMIT is sent. */
const RUNNING_EMIT_MS = 1_000;

export function checkWindow(query: Query, context: AnalysisContext): CheckedWindow | null {
  const { window } = query;
  if (window === null) return null;
  if (window.kind !== 'time-window') {
    const session = window.kind === 'session-window';
    context.report.unsupported(
      window.span,
      session ? 'A session window' : 'A window of a number of events',
      'Use a time window, e.g. `WINDOW 10s` or `WINDOW 60s SLIDE 5s`.',
    );
    return null;
  }
  return checkTimeWindow(window, context);
}

function checkTimeWindow(window: TimeWindow, context: AnalysisContext): CheckedWindow | null {
  const { config, report } = context;
  const rule: DurationRule = {
    what: 'a window',
    code: 'MQL_BAD_WINDOW',
    minMs: 1,
    maxMs: config.windowMsMax,
    bareUnitMs: SECOND_MS,
  };
  const sizeMs = readDuration(window.size, rule, context);
  const { slide } = window;
  const slideMs =
    slide === null ? sizeMs : readDuration(slide, { ...rule, what: 'a slide' }, context);
  if (sizeMs === null || slideMs === null) return null;
  if (slideMs > sizeMs) {
    const message = 'the slide is longer than the window: events between two windows are not seen';
    report.add('MQL_WINDOW_GAPS', window.span, message);
  }
  const panes = sizeMs / greatestCommonDivisor(sizeMs, slideMs);
  if (panes > config.panesPerWindowMax) {
    const message = `the window falls into ${panes} slices, more than ${config.panesPerWindowMax}`;
    report.add('MQL_BAD_WINDOW', window.span, message, {
      hint: 'Choose a slide that divides the size into fewer parts.',
    });
    return null;
  }
  return { sizeMs, slideMs };
}

/** Of two positive whole numbers, by Euclid. */
export function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

export interface CheckedLimit {
  readonly rowsMax: number | null;
  readonly endAfter: number | null;
}

/**
 * LIMIT counts rows of each window or emission where there are groups, or a plain select that is
 * collected first; otherwise it counts result rows and ends the query.
 */
export function checkLimit(
  query: Query,
  aggregating: boolean,
  context: AnalysisContext,
): CheckedLimit {
  const none = { rowsMax: null, endAfter: null };
  if (query.limit === null) return none;
  const rule = { what: 'LIMIT', code: 'MQL_BAD_LIMIT', min: 0 } as const;
  const count = readCount(query.limit.count, rule, context);
  if (count === null) return none;
  const grouped = query.groupBy.length > 0;
  const sortedAtEnd = context.mode === 'finite' && (grouped || query.orderBy.length > 0);
  const perEmission = aggregating ? grouped : query.window !== null || sortedAtEnd;
  return perEmission ? { rowsMax: count, endAfter: null } : { rowsMax: null, endAfter: count };
}

export function checkEmit(
  query: Query,
  aggregating: boolean,
  context: AnalysisContext,
): number | null {
  const { emit } = query;
  const { config, mode, report } = context;
  const running = aggregating && query.window === null && mode === 'live';
  if (running) reportRunning(query, context);
  if (emit === null) return running ? RUNNING_EMIT_MS : null;
  const rule: DurationRule = {
    what: 'EMIT EVERY',
    code: 'MQL_BAD_DURATION',
    minMs: config.tickMs,
    maxMs: config.windowMsMax,
    bareUnitMs: null,
  };
  const everyMs = readDuration(emit.every, rule, context);
  if (mode === 'finite') {
    report.add('MQL_EMIT_IGNORED', emit.span, 'finite input emits once, at its end');
    return null;
  }
  if (!aggregating && query.window === null) {
    report.add('MQL_EMIT_IGNORED', emit.span, 'a plain select sends every event at once', {
      hint: 'EMIT goes with windows and aggregates.',
    });
    return null;
  }
  return everyMs;
}

export function checkLateness(query: Query, context: AnalysisContext): number {
  const { lateness } = query;
  if (lateness === null) return 0;
  const rule: DurationRule = {
    what: 'LATENESS',
    code: 'MQL_BAD_DURATION',
    minMs: 0,
    maxMs: context.config.latenessMsMax,
    bareUnitMs: null,
  };
  const ms = readDuration(lateness.amount, rule, context) ?? 0;
  if (query.window === null) {
    const message = 'without a window there is nothing to amend';
    context.report.add('MQL_LATENESS_IGNORED', lateness.span, message);
    return 0;
  }
  return context.mode === 'finite' ? 0 : ms;
}

function reportRunning(query: Query, context: AnalysisContext): void {
  const message = 'without a WINDOW this is a running value since the start';
  const [first] = query.select;
  const span = first?.span ?? query.span;
  context.report.add('MQL_RUNNING_VALUE', span, message, {
    hint: 'Add for example `WINDOW 10s`.',
  });
}
