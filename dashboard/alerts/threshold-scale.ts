/**
 * Where values and times of a backtest's chart stand, and which thresholds are worth a try. Pure.
 */
import type { BacktestChart, ChartLine } from '../../src/alert/backtest-chart.ts';

/** The drawing's own units; it is stretched to the place there is. */
export const CHART_WIDTH = 1_000;
export const CHART_HEIGHT = 200;

/** Thresholds of a sweep. */
const SWEEP = 11;
/** Steps of the threshold over the whole height, about. */
const STEPS = 100;
/** A hole of this many usual distances between points is no line. */
const HOLE = 3.5;

export interface Scale {
  readonly low: number;
  readonly high: number;
  /** Smallest move of the threshold. */
  readonly step: number;
}

/** `threshold` is always within. */
export function scaleOf({ lines }: BacktestChart, threshold: number | null): Scale {
  let low = threshold ?? Infinity;
  let high = threshold ?? -Infinity;
  for (const { points } of lines) {
    for (const [, from, to] of points) {
      low = Math.min(low, from);
      high = Math.max(high, to);
    }
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { low: 0, high: 1, step: 0.01 };
  if (low > 0 && low < high) low = 0;
  const margin = (high - low || Math.abs(high) || 1) * 0.08;
  const [bottom, top] = [low === 0 ? 0 : low - margin, high + margin];
  return { low: bottom, high: top, step: 10 ** Math.floor(Math.log10((top - bottom) / STEPS)) };
}

/** A number that people would write. */
export function rounded(value: number, { step }: Pick<Scale, 'step'>): number {
  const digits = Math.max(0, Math.min(12, -Math.round(Math.log10(step))));
  return Number((Math.round(value / step) * step).toFixed(digits));
}

/** Share of the height from the top, 0 … 1. */
export function placeOf(value: number, { high, low }: Scale): number {
  return Math.min(1, Math.max(0, (high - value) / (high - low)));
}

export function valueAt(share: number, scale: Scale): number {
  const value = scale.high - Math.min(1, Math.max(0, share)) * (scale.high - scale.low);
  return rounded(value, scale);
}

/** Thresholds over the whole height, the present one among them. */
export function sweepOf(scale: Scale, threshold: number): number[] {
  const all = new Set([threshold]);
  for (let i = 1; i < SWEEP; i++) {
    const value = rounded(scale.low + ((scale.high - scale.low) * i) / SWEEP, scale);
    all.add(value);
  }
  return [...all].toSorted((a, b) => a - b);
}

/** The line's outline, high values first and back along the low ones; holes part it. */
export function outlineOf(
  { points }: ChartLine,
  scale: Scale,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): string {
  const x = (ms: number): string =>
    (((ms - fromMs) / Math.max(1, toMs - fromMs)) * CHART_WIDTH).toFixed(1);
  const y = (value: number): string => (placeOf(value, scale) * CHART_HEIGHT).toFixed(1);
  return runsOf(points)
    .map((run) => {
      const there = run.map(([ms, , high]) => `${x(ms)} ${y(high)}`);
      const back = run.toReversed().map(([ms, low]) => `${x(ms)} ${y(low)}`);
      return `M${there.join('L')}L${back.join('L')}Z`;
    })
    .join('');
}

function runsOf(points: ChartLine['points']): ChartLine['points'][number][][] {
  const distances = points.slice(1).map(([ms], i) => ms - points[i]![0]);
  const usual = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
  const runs: ChartLine['points'][number][][] = [];
  let lastMs = -Infinity;
  for (const point of points) {
    if (point[0] - lastMs > usual * HOLE) runs.push([]);
    runs.at(-1)!.push(point);
    lastMs = point[0];
  }
  return runs;
}
