/**
 * Functions over series, the naive way: every value of a group since the beginning is kept, and
 * what is expected of a window is worked out anew from the list. Shares nothing with `series/` but
 * the formulas in the documents.
 */
import type { SeriesStage, SeriesSpec } from '../ir/plan.ts';
import type { Expression } from '../ir/expression.ts';
import type { Value } from '../model/value.ts';
import { groupKey } from '../model/group-key.ts';
import type { Slots } from './reference-final.ts';
import { expectBaseline } from './reference-baseline.ts';
import type { Moment, Reading } from './reference-reading.ts';
import { expectSeason, expectTrend } from './reference-smoothing.ts';

const SCORE_MAX = 1_000;

export class ReferenceSeries {
  readonly #stage: SeriesStage;
  readonly #read: (expression: Expression, slots: Slots) => Value;
  /** By place of the function, then by group. */
  readonly #readings: readonly Map<string, Reading[]>[];

  constructor(stage: SeriesStage, read: (expression: Expression, slots: Slots) => Value) {
    this.#stage = stage;
    this.#read = read;
    this.#readings = stage.functions.map(() => new Map());
  }

  /** Windows must be asked for in order; each is learnt from. */
  extend(rows: readonly Slots[], at: Moment): readonly Slots[] {
    let extended = rows;
    for (const [place, spec] of this.#stage.functions.entries()) {
      const values = extended.map((slots) => numberFrom(this.#read(spec.arg, slots)));
      extended = extended.map((slots, i) => {
        if (spec.name === 'outlier') return [...slots, outlierOf(values, i)];
        const own = this.#readingsOf(place, slots);
        const x = values[i] ?? null;
        const result = resultOf(spec, x, own, at);
        if (x !== null) own.push({ number: at.number, startMs: at.startMs, x });
        return [...slots, finite(result)];
      });
    }
    return extended;
  }

  #readingsOf(place: number, slots: Slots): Reading[] {
    const group = groupKey(this.#stage.groupBy.map((key) => this.#read(key, slots)));
    const own = this.#readings[place]!.get(group) ?? [];
    this.#readings[place]!.set(group, own);
    return own;
  }
}

function numberFrom(value: Value): number | null {
  return typeof value === 'number' ? value : null;
}

function finite(value: Value): Value {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

function resultOf(spec: SeriesSpec, x: number | null, past: readonly Reading[], at: Moment): Value {
  const [a = 0, b = 0] = spec.parameters;
  switch (spec.name) {
    case 'ewma':
      return past.reduce<number | null>(
        (level, one) => (level === null ? one.x : a * one.x + (1 - a) * level),
        null,
      );
    case 'des':
      return expectTrend(past, a, b);
    case 'holt_winters':
      return expectSeason(past, spec.parameters, at);
    case 'lag':
      return windowBack(past, at, a);
    case 'offset':
      return offsetOf(past, at, a);
    case 'previous':
      return windowBack(past, at, 1);
    case 'change': {
      const before = windowBack(past, at, 1);
      return x === null || before === null ? null : x - before;
    }
    case 'zscore':
      return x === null ? null : zscoreOf(x, recent(past, at, a), a);
    case 'mad':
      return x === null ? null : madOf(x, recent(past, at, a), a);
    case 'anomaly_mad':
      return x === null ? null : isAnomalous(x, past, a, b);
    default:
      return baselineResult(spec.name, x, expectBaseline(past, a, at));
  }
}

function baselineResult(
  name: string,
  x: number | null,
  expected: { readonly centre: number; readonly sigma: number } | null,
): Value {
  if (expected === null) return null;
  const { centre, sigma } = expected;
  if (name === 'baseline') return centre;
  if (name === 'baseline_low') return centre - 3 * sigma;
  if (name === 'baseline_high') return centre + 3 * sigma;
  if (x === null) return null;
  return x === centre ? 0 : (x - centre) / Math.abs(centre);
}

function windowBack(past: readonly Reading[], at: Moment, back: number): number | null {
  return past.find(({ number }) => number === at.number - back)?.x ?? null;
}

/** Beyond 1,440 windows of less than 10 min: the mean of those that began in one bucket. */
function offsetOf(past: readonly Reading[], at: Moment, ms: number): number | null {
  if (ms <= 1_440 * at.slideMs || at.slideMs >= 600_000) {
    return windowBack(past, at, ms / at.slideMs);
  }
  const stepMs =
    [10_000, 60_000].find((step) => step >= at.slideMs && ms <= 1_440 * step) ?? 600_000;
  const bucket = Math.floor((at.startMs - ms) / stepMs);
  const xs = past
    .filter(({ startMs }) => Math.floor(startMs / stepMs) === bucket)
    .map(({ x }) => x);
  return xs.length === 0 ? null : sum(xs) / xs.length;
}

function recent(past: readonly Reading[], at: Moment, windows: number): readonly number[] {
  return past.filter(({ number }) => number >= at.number - windows).map(({ x }) => x);
}

function zscoreOf(x: number, values: readonly number[], windows: number): number | null {
  if (values.length < windows / 2) return null;
  const mean = sum(values) / values.length;
  const variance = sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1);
  return score(x - mean, Math.sqrt(variance));
}

function madOf(x: number, values: readonly number[], windows: number): number | null {
  return values.length < windows / 2 ? null : robustScore(x, values);
}

function robustScore(x: number, values: readonly number[]): number {
  const centre = median(values);
  const distances = values.map((value) => Math.abs(value - centre));
  const typical = median(distances);
  const spread = typical > 0 ? 1.4826 * typical : (1.2533 * sum(distances)) / distances.length;
  return score(x - centre, spread);
}

function score(distance: number, spread: number): number {
  if (distance === 0) return 0;
  return Math.min(SCORE_MAX, Math.max(-SCORE_MAX, distance / spread));
}

/** Against the other groups; beyond 200 known ones against all. */
function outlierOf(values: readonly (number | null)[], own: number): Value {
  const x = values[own] ?? null;
  if (x === null) return null;
  const known = values.filter((value) => value !== null);
  if (known.length > 200) return robustScore(x, known);
  const others = values.filter((_, i) => i !== own).filter((value) => value !== null);
  return others.length < 2 ? null : robustScore(x, others);
}

function isAnomalous(x: number, past: readonly Reading[], alpha: number, beta: number): boolean {
  const [first = x, ...rest] = past.map((one) => one.x);
  const later = past.length === 0 ? [] : [...rest, x];
  const middle = later.reduce((m, value) => (value > m ? m + alpha : m - alpha), first);
  return x > beta * middle || (beta > 1 && x < middle / beta);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
