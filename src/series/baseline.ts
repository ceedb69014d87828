/**
 * BASELINE: what the recent past and the same moment of earlier cycles predict, and a band around
 * it. A level follows the recent windows; between two windows it moves as earlier cycles moved
 * between the same two moments; and what lies far outside the band teaches little, so that an
 * incident does not become the new normal before somebody has looked.
 *
 *     b = level + (season(t) − season(t'))   t is the middle of the window's slide, t' that of
 *                                            the last one learnt; season moves nothing until it is
 *                                            known at both
 *     σ = max(1.2533·spread, 0.01·|b|)       low = b − 3σ, high = b + 3σ
 *     r = x − b, cut to ±3σ
 *     level = b + α·r                        α = 0.01 where season carries b, else 0.1
 *     spread = spread + δ·(min(|x − b|, κσ) − spread)     δ = 0.01, κ = 2, else 0.05 and 3
 *     season: the cycle (a day, or as given) in phases of at least 10 minutes. A phase has the mean
 *     of its windows' b + r (of x in the first cycle), over cycles weighted with 0.3 for the
 *     newest; between the middles of two phases it is on the straight line.
 *
 * Until {@link WARM_UP} windows level and spread are plain means, and nothing is expected. A level
 * that changes for good is followed: spread grows with every value that is far off, by 1.5 %.
 * The constants were chosen by `bench/anomaly.ts`: where a season is known a slow level notices
 * what sinks over a quarter of an hour, and a spread that believes 2σ at most is not blinded by an
 * incident.
 *
 * The kept series tell the season of a query that begins today (`recall`): the mean of each phase,
 * uncut, for there is no spread to judge it by. Level and spread come from single windows.
 *
 * State: [level, spread, count, t' (ms), phase under way, its sum, its count, season …].
 * @see Gelper, Fried, Croux: Robust Forecasting with Exponential and Holt-Winters Smoothing, 2010
 */
import { numberOrNull } from './contract.ts';
import type { SeriesDefinition, SeriesModel } from './contract.ts';
import type { Value } from '../model/value.ts';
import { MEAN_TO_DEVIATION } from './score.ts';

const DAY_MS = 86_400_000;
const PHASE_MS_MIN = 600_000;
const PHASES_MAX = 1_008;
/** A season of so many cycles ago counts less than a tenth. */
const RECALLED_CYCLES = 7;
const CYCLE_MS_MAX = 35 * DAY_MS;

export const WARM_UP = 10;
/** Where there is no season yet the level alone has to follow the rhythm. */
const FIRST_CYCLE = { alpha: 0.1, spreadWeight: 0.05, spreadCut: 3 } as const;
const IN_SEASON = { alpha: 0.01, spreadWeight: 0.01, spreadCut: 2 } as const;
const SEASON_WEIGHT = 0.3;
const CUT = 3;
const SPREAD_SHARE_MIN = 0.01;
/** Half of the band, in standard deviations. */
export const BAND = 3;

const LEVEL = 0;
const SPREAD = 1;
const COUNT = 2;
const LEARNT_MS = 3;
const PHASE = 4;
const PHASE_SUM = 5;
const PHASE_COUNT = 6;
const SEASON = 7;

export const BASELINE = definition({
  name: 'baseline',
  summary: 'What the recent past and the same moment of earlier cycles predict.',
  result: (_x, expectation) => numberOrNull(expectation[0]!),
});

export const BASELINE_LOW = definition({
  name: 'baseline_low',
  summary: 'The lower end of the band in which a value is expected.',
  result: (_x, expectation) => numberOrNull(expectation[0]! - BAND * expectation[1]!),
});

export const BASELINE_HIGH = definition({
  name: 'baseline_high',
  summary: 'The upper end of the band in which a value is expected.',
  result: (_x, expectation) => numberOrNull(expectation[0]! + BAND * expectation[1]!),
});

export const DEVIATION = definition({
  name: 'deviation',
  summary: 'How far the value is from BASELINE, as a share of it: −0.3 is 30 % less than expected.',
  result: (x, expectation) => deviationFrom(x, expectation[0]!),
});

/** 0 of 0 is no deviation; anything else from 0 has no share. */
function deviationFrom(x: number, baseline: number): Value {
  if (x === baseline) return 0;
  return numberOrNull((x - baseline) / Math.abs(baseline));
}

function definition(own: {
  readonly name: string;
  readonly summary: string;
  readonly result: (x: number, expectation: Float64Array) => Value;
}): SeriesDefinition {
  const { name, summary, result } = own;
  return {
    name,
    signature: `${name}(x[, cycle]) → number`,
    summary,
    firstAnswer: `after ${WARM_UP} windows`,
    example: `select count(*) as n, ${name}(count(*)) as b from requests window 10s`,
    constants: [{ name: 'cycle', kind: 'duration', min: 2, max: CYCLE_MS_MAX, default: DAY_MS }],
    result: 'number',
    evaluate: {
      over: 'time',
      modelName: 'baseline',
      model: ([cycleMs = DAY_MS], slideMs) => baselineModel(cycleMs, slideMs),
      result,
    },
  };
}

function baselineModel(cycleMs: number, slideMs: number): SeriesModel {
  const phases = Math.max(
    1,
    Math.min(PHASES_MAX, Math.floor(cycleMs / Math.max(slideMs, PHASE_MS_MIN))),
  );
  const phaseMs = cycleMs / phases;
  /** NaN: not known at one of the two moments. */
  const seasonMoved = (state: Float64Array, atMs: number): number =>
    season(state, atMs, phaseMs) - season(state, state[LEARNT_MS]!, phaseMs);
  return {
    stateLength: SEASON + phases,
    expectationLength: 2,
    warmUp: `${WARM_UP} windows; the season after one cycle`,
    expect(state, at, expectation) {
      expectation.fill(NaN);
      if (!(state[COUNT]! >= WARM_UP)) return;
      const expected = predict(state, seasonMoved(state, at.startMs + slideMs / 2));
      expectation[0] = expected;
      expectation[1] = deviationOf(state, expected);
    },
    learn(state, at, x) {
      if (Number.isNaN(state[COUNT]!)) begin(state, x);
      const middleMs = at.startMs + slideMs / 2;
      const moved = seasonMoved(state, middleMs);
      const taken = learnLevel(state, moved, x);
      // What a first cycle shows is all there is to know of it.
      const shown = Number.isNaN(moved) ? x : taken;
      learnSeason(state, Math.floor(middleMs / phaseMs), shown, 1);
      state[LEARNT_MS] = middleMs;
    },
    recall: {
      stepMs: PHASE_MS_MIN,
      reachMs: Math.min(CYCLE_MS_MAX, RECALLED_CYCLES * cycleMs),
      learn(state, { startMs, stepMs, windows, mean }) {
        const middleMs = startMs + stepMs / 2;
        begin(state, mean);
        learnSeason(state, Math.floor(middleMs / phaseMs), mean, windows);
        state[LEARNT_MS] = middleMs;
      },
    },
  };
}

function begin(state: Float64Array, x: number): void {
  state[LEVEL] = x;
  state[SPREAD] = 0;
  state[COUNT] = 0;
}

function deviationOf(state: Float64Array, expected: number): number {
  return Math.max(MEAN_TO_DEVIATION * state[SPREAD]!, SPREAD_SHARE_MIN * Math.abs(expected));
}

function predict(state: Float64Array, seasonMoved: number): number {
  return Number.isNaN(seasonMoved) ? state[LEVEL]! : state[LEVEL]! + seasonMoved;
}

/** Returns the value as far as it was believed. */
function learnLevel(state: Float64Array, seasonMoved: number, x: number): number {
  const expected = predict(state, seasonMoved);
  const count = state[COUNT]! + 1;
  state[COUNT] = count;
  const distance = Math.abs(x - expected);
  if (count <= WARM_UP) {
    state[LEVEL] = expected + (x - expected) / count;
    // The first window has nothing to be away from.
    if (count > 1) state[SPREAD]! += (distance - state[SPREAD]!) / (count - 1);
    return x;
  }
  const sigma = deviationOf(state, expected);
  // Where all was zero there is no measure of what is far, so all is believed.
  const believed = sigma === 0 ? distance : Math.min(distance, CUT * sigma);
  const taken = expected + Math.sign(x - expected) * believed;
  const pace = Number.isNaN(seasonMoved) ? FIRST_CYCLE : IN_SEASON;
  state[LEVEL] = expected + pace.alpha * (taken - expected);
  const spread = sigma === 0 ? distance : Math.min(distance, pace.spreadCut * sigma);
  state[SPREAD]! += pace.spreadWeight * (spread - state[SPREAD]!);
  return taken;
}

function learnSeason(state: Float64Array, phase: number, taken: number, windows: number): void {
  if (state[PHASE] !== phase) {
    endPhase(state);
    state[PHASE] = phase;
    state[PHASE_SUM] = 0;
    state[PHASE_COUNT] = 0;
  }
  state[PHASE_SUM]! += taken * windows;
  state[PHASE_COUNT]! += windows;
}

function endPhase(state: Float64Array): void {
  if (Number.isNaN(state[PHASE]!)) return;
  const place = SEASON + (state[PHASE]! % (state.length - SEASON));
  const mean = state[PHASE_SUM]! / state[PHASE_COUNT]!;
  const known = state[place]!;
  state[place] = Number.isNaN(known) ? mean : known + SEASON_WEIGHT * (mean - known);
}

/** What earlier cycles had at this moment, between the middles of two phases; NaN: not known. */
function season(state: Float64Array, atMs: number, phaseMs: number): number {
  const phases = state.length - SEASON;
  const place = atMs / phaseMs - 0.5;
  const first = Math.floor(place);
  const share = place - first;
  const before = phaseMean(state, ((first % phases) + phases) % phases);
  const after = phaseMean(state, (first + 1) % phases);
  return before + share * (after - before);
}

/** The last phase of the first cycle counts with what it has so far: behind it all is known. */
function phaseMean(state: Float64Array, place: number): number {
  const phases = state.length - SEASON;
  const known = state[SEASON + place]!;
  if (!Number.isNaN(known) || state[PHASE]! % phases !== place) return known;
  const next = state[SEASON + ((place + 1) % phases)]!;
  return Number.isNaN(next) ? known : state[PHASE_SUM]! / state[PHASE_COUNT]!;
}
