/** The values that a chart must show, with what lies around its lines, and zero. Pure. */
import type { ChartModel } from './chart-model.ts';

/** Seconds UTC. */
export interface Times {
  readonly from: number;
  readonly to: number;
}

/** Share of the range that stays free at each end. */
const ROOM = 0.08;

/** Least and greatest value of the axis. */
export function valueRange(model: ChartModel, times: Times): [number, number] {
  const seen = { low: Infinity, high: -Infinity };
  const { xs, finals, provisionals, around, past } = model;
  for (const line of finals) look(seen, xs, line, times);
  for (const line of provisionals) look(seen, xs, line, times);
  for (const lines of around) {
    for (const line of [lines.low, lines.high, lines.expected, lines.earlier]) {
      look(seen, xs, line, times);
    }
  }
  for (const points of past) if (points !== null) look(seen, points.xs, points.ys, times);
  return axisRange(seen);
}

function look(
  seen: { low: number; high: number },
  xs: Float64Array,
  ys: Float64Array,
  { from, to }: Times,
): void {
  let { low, high } = seen;
  for (let i = 0; i < ys.length; i++) {
    const x = xs[i] ?? 0;
    const y = ys[i] ?? Number.NaN;
    if (x < from || x > to) continue;
    // NaN is neither.
    if (y < low) low = y;
    if (y > high) high = y;
  }
  seen.low = low;
  seen.high = high;
}

function axisRange({
  low: least,
  high: greatest,
}: {
  low: number;
  high: number;
}): [number, number] {
  if (!Number.isFinite(least) || !Number.isFinite(greatest)) return [0, 1];
  const low = Math.min(0, least);
  const high = Math.max(0, greatest);
  if (low === high) return [low, low + 1];
  const room = (high - low) * ROOM;
  return [low < 0 ? low - room : 0, high + room];
}
