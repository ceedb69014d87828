/**
 * From a ring of windows to what one chart draws: aligned columns for uPlot, hatched bands where
 * there is no truth to draw, and the choice of groups. Pure. A point stands at its window's end. A
 * silent window is a hole and a band, never a zero: zero means that the agents looked and saw none.
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
  readonly xs: readonly number[];
  /** For each line, in the order of `groups`: final values, then provisional ones. */
  readonly finals: readonly (readonly (number | null)[])[];
  readonly provisionals: readonly (readonly (number | null)[])[];
  readonly bands: readonly Band[];
  readonly ribbon: readonly Stretch[];
  /** For each line what lies around it; empty where nothing does. */
  readonly around: readonly Around[];
  /** For each line what was kept from before the query ran here; null: nothing. */
  readonly past: readonly (PastPoints | null)[];
}

export interface PastPoints {
  /** Seconds UTC, ascending. */
  readonly xs: readonly number[];
  readonly ys: readonly number[];
}

/** Beside the values of a line, at the same times. */
export interface Around {
  /** Where the truth, or an ordinary value, lies. */
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** What was expected, drawn as a line. */
  readonly expected: readonly (number | null)[];
  /** The same line some time earlier. */
  readonly earlier: readonly (number | null)[];
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
  const finals = groups.map((group) => lineOf(ring.reader(group, column), points, false));
  const hasProvisional = points.provisional.includes(true);
  const provisionals = hasProvisional
    ? groups.map((group) => lineOf(ring.reader(group, column), points, true))
    : noValues(groups.length, points.xs.length);
  const around = groups.map((group) => aroundOf(ring, request, group, points));
  if (hasProvisional) joinProvisional(finals, provisionals);
  return { xs: points.xs, finals, provisionals, bands, ribbon, around, past };
}

type Growing<T> = { -readonly [Name in keyof T]: T[Name] };

/** The points that all lines have. */
interface Points {
  /** Seconds UTC. */
  readonly xs: number[];
  /** Index of the window of each; -1: a hole, or a window of which nobody knows. */
  readonly windows: number[];
  readonly provisional: boolean[];
}

function pointsOf(
  ring: WindowRing,
  request: ChartRequest,
  { bands, ribbon }: { readonly bands: Growing<Band>[]; readonly ribbon: Growing<Stretch>[] },
): Points {
  const { slideMs, fromMs } = request;
  const points: Points = { xs: [], windows: [], provisional: [] };
  let previousEnd: number | null = null;
  for (let index = 0; index < ring.length; index++) {
    const end = ring.endAt(index);
    if (end < fromMs) continue;
    const width = slideMs ?? (previousEnd === null ? 0 : end - previousEnd);
    if (slideMs !== null && previousEnd !== null && end - previousEnd > slideMs * 1.5) {
      addBand(bands, { from: previousEnd, to: end - slideMs, kind: 'missing' });
      addPoint(points, { ms: previousEnd + slideMs / 2, window: -1, provisional: false });
    }
    const condition = ring.conditionAt(index);
    const silence = silenceOf(condition);
    const kind = silence ?? (condition === 'degraded' ? 'degraded' : null);
    if (kind !== null) addBand(bands, { from: end - width, to: end, kind });
    addStretch(ribbon, { from: end - width, to: end, condition });
    const provisional = ring.isProvisionalAt(index) || (index === 0 && condition === 'partial');
    addPoint(points, { ms: end, window: silence === null ? index : -1, provisional });
    previousEnd = end;
  }
  addWait(bands, request, previousEnd);
  return points;
}

function addPoint(
  points: Points,
  at: { readonly ms: number; readonly window: number; readonly provisional: boolean },
): void {
  points.xs.push(at.ms / 1_000);
  points.windows.push(at.window);
  points.provisional.push(at.provisional);
}

/** One group's values at the points that are provisional, or at those that are not. */
function lineOf(
  read: (index: number) => number,
  { xs, windows, provisional }: Points,
  wanted: boolean,
): (number | null)[] {
  const line: (number | null)[] = [];
  for (let i = 0; i < xs.length; i++) {
    const window = windows[i] ?? -1;
    const value = window < 0 || provisional[i] !== wanted ? Number.NaN : read(window);
    line.push(Number.isNaN(value) ? null : value);
  }
  return line;
}

/** Lines without a value are one and the same, as nothing is written into them. */
function noValues(lines: number, length: number): readonly (number | null)[][] {
  const line: (number | null)[] = [];
  for (let i = 0; i < length; i++) line.push(null);
  return Array.from({ length: lines }, () => line);
}

function aroundOf(
  ring: WindowRing,
  request: ChartRequest,
  group: string,
  { windows }: Points,
): Around {
  const lines: WritableAround = { low: [], high: [], expected: [], earlier: [] };
  if (!hasAround(request)) return lines;
  for (const window of windows) {
    pushAround(lines, window < 0 ? NOTHING : aroundAt(ring, request, group, window));
  }
  return lines;
}

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
  return xs.length === 0 ? null : { xs, ys };
}

/** Where nothing lies around lines nothing is made for it, a point a line and window. */
function hasAround({ band = null, earlierMs = null }: ChartRequest): boolean {
  return band !== null || earlierMs !== null;
}

type WritableAround = { readonly [Name in keyof Around]: (number | null)[] };
type PointAround = { readonly [Name in keyof Around]: number };

const NOTHING: PointAround = {
  low: Number.NaN,
  high: Number.NaN,
  expected: Number.NaN,
  earlier: Number.NaN,
};

function pushAround(lines: WritableAround, point: PointAround): void {
  for (const name of ['low', 'high', 'expected', 'earlier'] as const) {
    lines[name].push(Number.isNaN(point[name]) ? null : point[name]);
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
  finals: readonly (number | null)[][],
  provisionals: readonly (number | null)[][],
): void {
  provisionals.forEach((line, i) => {
    const first = line.findIndex((value) => value !== null);
    const before = finals[i]?.[first - 1];
    if (first > 0 && before != null) line[first - 1] = before;
    if (first === 0 && line[1] === null) line[1] = finals[i]?.[1] ?? null;
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
