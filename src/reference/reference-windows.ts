/** Which windows a finite list of events has, and which stretch of time each covers. */
import type { WindowSpec } from '../ir/plan.ts';

/** [startMs, endMs) of event time; nulls: no window, the whole input. */
export interface Span {
  readonly startMs: number | null;
  readonly endMs: number | null;
}

type TimeWindow = Extract<WindowSpec, { kind: 'time' }>;
type NoWindow = Extract<WindowSpec, { kind: 'none' }>;

const WHOLE: Span = { startMs: null, endMs: null };

/**
 * Every window that meets [earliest, latest], in order of start, empty ones included. Starts are
 * multiples of the slide, counted from 1970. No events: no windows.
 */
export function windowsOver(
  spec: TimeWindow | NoWindow,
  timesMs: readonly number[],
): readonly Span[] {
  if (spec.kind === 'none') return [WHOLE];
  if (timesMs.length === 0) return [];
  const { sizeMs, slideMs } = spec;
  const earliest = timesMs.reduce((a, b) => Math.min(a, b));
  const latest = timesMs.reduce((a, b) => Math.max(a, b));
  const spans: Span[] = [];
  const first = Math.floor((earliest - sizeMs) / slideMs) + 1;
  for (let startMs = first * slideMs; startMs <= latest; startMs += slideMs) {
    spans.push({ startMs, endMs: startMs + sizeMs });
  }
  return spans;
}

export function isIn(span: Span, timeMs: number): boolean {
  if (span.startMs === null || span.endMs === null) return true;
  return timeMs >= span.startMs && timeMs < span.endMs;
}
