/** WINDOW: of time, of a number of events, or sessions; sizes as numbers and within bounds. */
import type { CountWindow, Query, SessionWindow, TimeWindow } from '../../grammar/ast.ts';
import { readCount, readDuration } from './amounts.ts';
import type { DurationRule } from './amounts.ts';
import type { CheckedWindow } from './checked-query.ts';
import type { AnalysisContext } from './context.ts';

const SECOND_MS = 1_000;

/** `aggregating`: windows hold states of groups; else the rows of a plain select. */
export function checkWindow(
  query: Query,
  aggregating: boolean,
  context: AnalysisContext,
): CheckedWindow | null {
  const { window } = query;
  switch (window?.kind) {
    case 'time-window':
      return checkTimeWindow(window, context);
    case 'count-window':
      return checkCountWindow(window, aggregating, context);
    case 'session-window':
      return checkSessionWindow(window, context);
    case undefined:
      return null;
  }
}

function checkTimeWindow(window: TimeWindow, context: AnalysisContext): CheckedWindow | null {
  const { config, report } = context;
  const rule = windowRule(context);
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
  return { kind: 'time', sizeMs, slideMs };
}

/** Of two positive whole numbers, by Euclid. */
export function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

function checkCountWindow(
  window: CountWindow,
  aggregating: boolean,
  context: AnalysisContext,
): CheckedWindow | null {
  const { config, report } = context;
  const rule = { what: 'a window', code: 'MQL_BAD_WINDOW', min: 1 } as const;
  const count = readCount(window.count, rule, context);
  const { timeout } = window;
  const timeoutMs =
    timeout === null
      ? null
      : readDuration(timeout, { ...windowRule(context), what: 'TIMEOUT' }, context);
  if (count === null || (timeout !== null && timeoutMs === null)) return null;
  // States of groups cost the same however many events they hold; rows are kept one by one.
  const countMax = aggregating ? config.countWindowMax : config.windowRowsMax;
  if (count > countMax) {
    report.add('MQL_BAD_WINDOW', window.span, `a window is of at most ${countMax} events here`, {
      hint: aggregating ? 'Use a window of time.' : 'Aggregate, or use a smaller window.',
    });
    return null;
  }
  return { kind: 'count', count, timeoutMs };
}

function checkSessionWindow(window: SessionWindow, context: AnalysisContext): CheckedWindow | null {
  const rule = windowRule(context);
  const gapMs = readDuration(window.gap, { ...rule, what: 'the gap of sessions' }, context);
  const { max } = window;
  const maxMs =
    max === null ? null : readDuration(max, { ...rule, what: 'MAX of sessions' }, context);
  if (gapMs === null || (max !== null && maxMs === null)) return null;
  return { kind: 'session', gapMs, maxMs };
}

function windowRule({ config }: AnalysisContext): DurationRule {
  return {
    what: 'a window',
    code: 'MQL_BAD_WINDOW',
    minMs: 1,
    maxMs: config.windowMsMax,
    bareUnitMs: SECOND_MS,
  };
}
