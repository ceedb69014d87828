/**
 * From a ring of windows to what one chart draws: aligned columns for uPlot, hatched bands where
 * there is no truth to draw, and the choice of groups. Pure. A point stands at its window's end. A
 * silent window is a hole and a band, never a zero: zero means that the agents looked and saw none.
 * Lines are arrays of numbers, as many as there are times; NaN is a hole.
 */
import type { PastLine } from './kept-past.ts';
import type { Condition, WindowRing } from './window-ring.ts';

/** Where a chart shows a band: the truth is not known, or in `degraded` only in part. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly kind: 'before' | 'missing' | 'silent' | 'none' | 'degraded' | 'behind';
}

/** Stretches of equal condition, drawn as a ribbon along the time axis. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly condition: Condition;
}

export interface ChartModel {
  /** Seconds UTC, ascending (uPlot's unit). */
  readonly xs: Float64Array;
  /** For each line, in the order of `groups`: final values, then provisional ones. */
  readonly finals: readonly Float64Array[];
  /** Empty where no window is provisional. */
  readonly provisionals: readonly Float64Array[];
  readonly bands: readonly Band[];
  readonly ribbon: readonly Stretch[];
  /** For each line what lies around it; empty where nothing does. */
  readonly around: readonly Around[];
  /** For each line what was kept from before the query ran here; null: nothing. */
  readonly past: readonly (PastPoints | null)[];
}

export interface PastPoints {
  /** Seconds UTC, ascending. */
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

/** Beside the values of a line, at the same times; empty where nothing is. */
export interface Around {
  /** Where the truth, or an ordinary value, lies. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** What was expected, drawn as a line. */
  readonly expected: Float64Array;
  /** The same line some time earlier. */
  readonly earlier: Float64Array;
}

/** Columns of the ring that say what lies around another one. */
export interface BandColumns {
  readonly low: number | null;
  readonly high: number | null;
  readonly expected: number | null;
  /** Distance to both sides, instead of `low` and `high`. */
  readonly error: number | null;
}

export interface ChartRequest {
  readonly column: number;
  readonly groups: readonly string[];
  /** Null for running values, which have no grid and so no missing windows. */
  readonly slideMs: number | null;
  readonly fromMs: number;
  /** The engine's clock, or the end of the last window if unknown. */
  readonly nowMs: number;
  readonly band?: BandColumns | null;
  /** Compares with what was so much earlier; null: with nothing. */
  readonly earlierMs?: number | null;
  /** What was kept of a group from before; null: nothing. */
  readonly pastOf?: (group: string) => PastLine | null;
}

/** A wait of this many slides beyond the newest window is drawn as a hole up to now. */
const LATE_SLIDES = 3;

/** Bench: the test of busy boards, `test/browser/performance.test.ts`. */
export function chartModelFrom(ring: WindowRing, request: ChartRequest): ChartModel {
  const { column, groups } = request;
  const bands: Growing<Band>[] = [];
  const ribbon: Growing<Stretch>[] = [];
  const past = groups.map((group) => pastPoints(ring, request, group));
  if (past.every((points) => points === null)) addBefore(bands, ring, request.fromMs);
  const points = pointsOf(ring, request, { bands, ribbon });
  const finals = groups.map((group) => ring.line(group, column, points.windows));
  const provisionals = points.provisional.includes(1)
    ? finals.map((line) => takeProvisional(line, points.provisional))
    : [];
  const around = groups.map((group) => aroundOf(ring, request, group, points));
  joinProvisional(finals, provisionals);
  return { xs: points.xs, finals, provisionals, bands, ribbon, around, past };
}

type Growing<T> = { -readonly [Name in keyof T]: T[Name] };

/** The points that all lines have. */
interface Points {
  /** Seconds UTC. */
  readonly xs: Float64Array;
  /** Index of the window of each; -1: a hole, or a window of which nobody knows. */
  readonly windows: Int32Array;
  /** 1 where the value may still change. */
  readonly provisional: Uint8Array;
}

function pointsOf(
  ring: WindowRing,
  request: ChartRequest,
  { bands, ribbon }: { readonly bands: Growing<Band>[]; readonly ribbon: Growing<Stretch>[] },
): Points {
  const { slideMs, fromMs } = request;
  const points = roomFor(ring.length * 2);
  let count = 0;
  const add = (ms: number, window: number, provisional: boolean): void => {
    points.xs[count] = ms / 1_000;
    points.windows[count] = window;
    points.provisional[count++] = provisional ? 1 : 0;
  };
  let previousEnd: number | null = null;
  for (let index = 0; index < ring.length; index++) {
    const end = ring.endAt(index);
    if (end < fromMs) continue;
    const width = slideMs ?? (previousEnd === null ? 0 : end - previousEnd);
    if (slideMs !== null && previousEnd !== null && end - previousEnd > slideMs * 1.5) {
      addBand(bands, { from: previousEnd, to: end - slideMs, kind: 'missing' });
      add(previousEnd + slideMs / 2, -1, false);
    }
    const condition = ring.conditionAt(index);
    const silence = silenceOf(condition);
    const kind = silence ?? (condition === 'degraded' ? 'degraded' : null);
    if (kind !== null) addBand(bands, { from: end - width, to: end, kind });
    addStretch(ribbon, { from: end - width, to: end, condition });
    const provisional = ring.isProvisionalAt(index) || (index === 0 && condition === 'partial');
    add(end, silence === null ? index : -1, provisional);
    previousEnd = end;
  }
  addWait(bands, request, previousEnd);
  const { xs, windows, provisional } = points;
  return {
    xs: xs.subarray(0, count),
    windows: windows.subarray(0, count),
    provisional: provisional.subarray(0, count),
  };
}

/** Each window may have a hole before it. */
function roomFor(points: number): Points {
  return {
    xs: new Float64Array(points),
    windows: new Int32Array(points),
    provisional: new Uint8Array(points),
  };
}

/** Moves what is provisional out of a line, into one of its own. */
function takeProvisional(line: Float64Array, provisional: Uint8Array): Float64Array {
  const taken = new Float64Array(line.length).fill(Number.NaN);
  for (let i = 0; i < line.length; i++) {
    if (provisional[i] === 0) continue;
    taken[i] = line[i] ?? Number.NaN;
    line[i] = Number.NaN;
  }
  return taken;
}

function aroundOf(
  ring: WindowRing,
  request: ChartRequest,
  group: string,
  { windows }: Points,
): Around {
  if (!hasAround(request)) return NOTHING_AROUND;
  const empty = (): Float64Array => new Float64Array(windows.length).fill(Number.NaN);
  const lines: Around = { low: empty(), high: empty(), expected: empty(), earlier: empty() };
  windows.forEach((window, i) => {
    if (window >= 0) putAround(lines, i, aroundAt(ring, request, group, window));
  });
  return lines;
}

const NO_LINE = new Float64Array(0);
const NOTHING_AROUND: Around = {
  low: NO_LINE,
  high: NO_LINE,
  expected: NO_LINE,
  earlier: NO_LINE,
};

/** Up to the first window that came here; what comes then is told by windows. */
function pastPoints(
  ring: WindowRing,
  { pastOf, fromMs }: ChartRequest,
  group: string,
): PastPoints | null {
  const line = pastOf?.(group) ?? null;
  if (line === null) return null;
  const until = ring.length === 0 ? Infinity : ring.at(0).start;
  const [xs, ys]: [number[], number[]] = [[], []];
  line.times.forEach((time, i) => {
    if (time < fromMs || time > until) return;
    xs.push(time / 1_000);
    ys.push(line.means[i] ?? Number.NaN);
  });
  return xs.length === 0 ? null : { xs: Float64Array.from(xs), ys: Float64Array.from(ys) };
}

/** Where nothing lies around lines nothing is made for it, a point a line and window. */
function hasAround({ band = null, earlierMs = null }: ChartRequest): boolean {
  return band !== null || earlierMs !== null;
}

type PointAround = { readonly [Name in keyof Around]: number };

function putAround(lines: Around, index: number, point: PointAround): void {
  for (const name of ['low', 'high', 'expected', 'earlier'] as const) {
    lines[name][index] = point[name];
  }
}

function aroundAt(
  ring: WindowRing,
  { band = null, earlierMs = null, column }: ChartRequest,
  group: string,
  index: number,
): PointAround {
  const { start } = ring.at(index);
  const at = (which: number | null | undefined): number =>
    which == null ? Number.NaN : ring.valueAt(group, which, index);
  const error = at(band?.error);
  const value = at(column);
  const before = earlierMs === null ? -1 : ring.indexOf(start - earlierMs);
  return {
    low: Number.isNaN(error) ? at(band?.low) : value - error,
    high: Number.isNaN(error) ? at(band?.high) : value + error,
    expected: at(band?.expected),
    earlier: before < 0 ? Number.NaN : ring.valueAt(group, column, before),
  };
}

function silenceOf(condition: Condition): 'silent' | 'none' | null {
  return condition === 'silent' || condition === 'none' ? condition : null;
}

/** What lies in view before the first window was not asked for, and is neither hole nor zero. */
function addBefore(bands: Growing<Band>[], ring: WindowRing, fromMs: number): void {
  const first = ring.length === 0 ? fromMs : ring.at(0).start;
  if (first > fromMs) addBand(bands, { from: fromMs, to: first, kind: 'before' });
}

/**
 * The lighter part hangs on to the full line: provisional values on the last final point, a first
 * window that the query began in the middle of on the second.
 */
function joinProvisional(
  finals: readonly Float64Array[],
  provisionals: readonly Float64Array[],
): void {
  provisionals.forEach((line, i) => {
    const final = finals[i] ?? NO_LINE;
    const first = line.findIndex((value) => !Number.isNaN(value));
    if (first > 0) line[first - 1] = final[first - 1] ?? Number.NaN;
    if (first === 0 && Number.isNaN(line[1] ?? 0)) line[1] = final[1] ?? Number.NaN;
  });
}

function addWait(bands: Growing<Band>[], request: ChartRequest, lastEnd: number | null): void {
  const { slideMs, nowMs } = request;
  if (slideMs === null || lastEnd === null) return;
  const patienceMs = Math.max(slideMs * LATE_SLIDES, slideMs + 2_000);
  if (nowMs - lastEnd > patienceMs) addBand(bands, { from: lastEnd, to: nowMs, kind: 'behind' });
}

function addBand(bands: Growing<Band>[], band: Band): void {
  const last = bands.at(-1);
  if (last !== undefined && last.kind === band.kind && band.from <= last.to) {
    last.to = band.to;
  } else {
    bands.push({ ...band });
  }
}

function addStretch(ribbon: Growing<Stretch>[], stretch: Stretch): void {
  const last = ribbon.at(-1);
  if (last !== undefined && last.condition === stretch.condition && stretch.from <= last.to) {
    last.to = stretch.to;
  } else {
    ribbon.push({ ...stretch });
  }
}

/**
 * The groups to draw, largest latest value first. A group on the chart stays until another is a
 * quarter larger, so lines do not come and go with every window.
 */
export function chooseGroups(
  ring: WindowRing,
  column: number,
  drawn: readonly string[],
  max: number,
): readonly string[] {
  const ids = ring.groupIds();
  const incumbents = new Set(drawn);
  const ranked = ids.map((id) => {
    const latest = latestOf(ring, id, column);
    return { id, weight: incumbents.has(id) ? latest * 1.25 : latest };
  });
  ranked.sort((a, b) => b.weight - a.weight);
  const chosen = new Set(ranked.slice(0, max).map(({ id }) => id));
  const kept = drawn.filter((id) => chosen.has(id));
  return [...kept, ...[...chosen].filter((id) => !incumbents.has(id))];
}

/** Windows looked back for a group's latest value; older groups rank last. */
const LATEST_LOOK_BACK = 5;

function latestOf(ring: WindowRing, id: string, column: number): number {
  const oldest = Math.max(0, ring.length - LATEST_LOOK_BACK);
  for (let index = ring.length - 1; index >= oldest; index--) {
    const value = ring.valueAt(id, column, index);
    if (!Number.isNaN(value)) return value;
  }
  return -Infinity;
}
