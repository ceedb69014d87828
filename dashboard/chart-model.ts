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

export function chartModelFrom(ring: WindowRing, request: ChartRequest): ChartModel {
  const { column, groups, slideMs, fromMs } = request;
  const xs: number[] = [];
  const finals = groups.map((): (number | null)[] => []);
  const provisionals = groups.map((): (number | null)[] => []);
  const bands: Band[] = [];
  const ribbon: Stretch[] = [];
  const around = groups.map((): WritableAround => ({
    low: [],
    high: [],
    expected: [],
    earlier: [],
  }));
  let previousEnd: number | null = null;
  const past = groups.map((group) => pastPoints(ring, request, group));
  if (past.every((points) => points === null)) addBefore(bands, ring, fromMs);

  const push = (at: number, valueOf: (group: string) => number, provisional: boolean): void => {
    xs.push(at / 1_000);
    groups.forEach((group, i) => {
      const value = valueOf(group);
      const shown = Number.isNaN(value) ? null : value;
      finals[i]?.push(provisional ? null : shown);
      provisionals[i]?.push(provisional ? shown : null);
    });
  };

  for (let index = 0; index < ring.length; index++) {
    const mark = ring.at(index);
    if (mark.end < fromMs) continue;
    const width = slideMs ?? (previousEnd === null ? 0 : mark.end - previousEnd);
    if (slideMs !== null && previousEnd !== null && mark.end - previousEnd > slideMs * 1.5) {
      addBand(bands, { from: previousEnd, to: mark.end - slideMs, kind: 'missing' });
      push(previousEnd + slideMs / 2, () => Number.NaN, false);
      for (const lines of around) pushAround(lines, NOTHING);
    }
    const silence = silenceOf(mark.condition);
    const kind = silence ?? (mark.condition === 'degraded' ? 'degraded' : null);
    if (kind !== null) addBand(bands, { from: mark.end - width, to: mark.end, kind });
    addStretch(ribbon, { from: mark.end - width, to: mark.end, condition: mark.condition });
    push(
      mark.end,
      (group) => (silence === null ? ring.valueAt(group, column, index) : Number.NaN),
      mark.provisional || (index === 0 && mark.condition === 'partial'),
    );
    groups.forEach((group, i) => {
      const lines = around[i];
      if (lines !== undefined) pushAround(lines, aroundAt(ring, request, group, index));
    });
    previousEnd = mark.end;
  }
  joinProvisional(finals, provisionals);
  addWait(bands, request, previousEnd);
  return { xs, finals, provisionals, bands, ribbon, around, past };
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
  const { start, condition } = ring.at(index);
  if (silenceOf(condition) !== null) return NOTHING;
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
function addBefore(bands: Band[], ring: WindowRing, fromMs: number): void {
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

function addWait(bands: Band[], request: ChartRequest, lastEnd: number | null): void {
  const { slideMs, nowMs } = request;
  if (slideMs === null || lastEnd === null) return;
  const patienceMs = Math.max(slideMs * LATE_SLIDES, slideMs + 2_000);
  if (nowMs - lastEnd > patienceMs) addBand(bands, { from: lastEnd, to: nowMs, kind: 'behind' });
}

function addBand(bands: Band[], band: Band): void {
  const last = bands.at(-1);
  if (last !== undefined && last.kind === band.kind && band.from <= last.to) {
    bands[bands.length - 1] = { ...last, to: band.to };
  } else {
    bands.push(band);
  }
}

function addStretch(ribbon: Stretch[], stretch: Stretch): void {
  const last = ribbon.at(-1);
  if (last !== undefined && last.condition === stretch.condition && stretch.from <= last.to) {
    ribbon[ribbon.length - 1] = { ...last, to: stretch.to };
  } else {
    ribbon.push(stretch);
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
