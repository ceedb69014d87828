/**
 * The clauses that are numbers: LIMIT, EMIT and LATENESS, and what they mean for the shape of the
 * query and the kind of input. WINDOW has a file of its own.
 */
import type { Query } from '../../grammar/ast.ts';
import { readCount, readDuration } from './amounts.ts';
import type { DurationRule } from './amounts.ts';
import type { AnalysisContext } from './context.ts';

/** How often a running aggregate without EMIT is sent. */
const RUNNING_EMIT_MS = 1_000;

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
  if (query.window !== null && query.window.kind !== 'time-window') {
    report.add('MQL_EMIT_IGNORED', emit.span, 'this window is sent once, when it has ended', {
      hint: 'EMIT goes with windows of time.',
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
  if (query.window.kind === 'count-window') {
    const message = 'a window of a number of events takes them as they arrive, none is late';
    context.report.add('MQL_LATENESS_IGNORED', lateness.span, message);
    return 0;
  }
  const waits = query.from?.joins.some(({ type, within }) => type === 'left' && within !== null);
  if (waits === true) {
    const message = 'windows behind a LEFT JOIN wait until all is there, and are not amended';
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
