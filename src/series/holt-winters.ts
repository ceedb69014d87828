/**
 * HOLT_WINTERS: level, trend and an additive season of m windows.
 *
 *     first season: level = mean of its values, trend = 0, seasonᵢ = xᵢ − level
 *     eₜ = levelₜ₋₁ + trendₜ₋₁
 *     levelₜ = α·(xₜ − seasonᵢ) + (1 − α)·eₜ
 *     trendₜ = β·(levelₜ − levelₜ₋₁) + (1 − β)·trendₜ₋₁
 *     seasonᵢ = γ·(xₜ − eₜ) + (1 − γ)·seasonᵢ              expected at t: eₜ + seasonᵢ
 *
 * i is the window's number modulo m, so gaps never shift the season; a place of the season that no
 * window could be learnt of gives null, and takes xₜ − eₜ from the first one that can.
 * State: [number of the first window, sum and count of the first season (count NaN once it is
 * over), level, trend, season …].
 * @see Hyndman, Athanasopoulos: Forecasting, Principles and Practice, 8.3
 */
import { numberOrNull } from './contract.ts';
import type { SeriesDefinition, SeriesModel } from './contract.ts';
import { WEIGHT, windowsConstant } from './constants.ts';

const FIRST = 0;
const SUM = 1;
const COUNT = 2;
const LEVEL = 3;
const TREND = 4;
const SEASON = 5;

export const HOLT_WINTERS: SeriesDefinition = {
  name: 'holt_winters',
  signature: 'holt_winters(x, alpha, beta, gamma, season) → number',
  summary: 'What level, trend and a season predict; the season is a number of windows or a time.',
  firstAnswer: 'after one season',
  example: 'select holt_winters(count(*), 0.3, 0.1, 0.3, 1d) from requests window 10m',
  constants: [
    { ...WEIGHT, name: 'alpha' },
    { ...WEIGHT, name: 'beta', min: 0 },
    { ...WEIGHT, name: 'gamma', min: 0 },
    windowsConstant('season', 2),
  ],
  result: 'number',
  evaluate: {
    over: 'time',
    modelName: 'holt_winters',
    model: ([alpha = 1, beta = 0, gamma = 0, season = 2]) =>
      holtWintersModel({ alpha, beta, gamma, season }),
    result: (_x, expectation) => numberOrNull(expectation[0]!),
  },
};

interface Weights {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  readonly season: number;
}

function holtWintersModel(weights: Weights): SeriesModel {
  const { season } = weights;
  return {
    stateLength: SEASON + season,
    expectationLength: 1,
    warmUp: `one season of ${season} windows`,
    expect(state, at, expectation) {
      expectation[0] = state[LEVEL]! + state[TREND]! + state[SEASON + (at.number % season)]!;
    },
    learn(state, at, x) {
      if (Number.isNaN(state[FIRST]!)) begin(state, at.number);
      if (!Number.isNaN(state[COUNT]!)) {
        const age = at.number - state[FIRST]!;
        if (age < season) {
          state[SUM]! += x;
          state[COUNT]! += 1;
          state[SEASON + (at.number % season)] = x;
          if (age === season - 1) endFirstSeason(state);
          return;
        }
        endFirstSeason(state);
      }
      follow(state, at.number % season, x, weights);
    },
  };
}

function begin(state: Float64Array, number: number): void {
  state[FIRST] = number;
  state[SUM] = 0;
  state[COUNT] = 0;
}

function endFirstSeason(state: Float64Array): void {
  const level = state[SUM]! / state[COUNT]!;
  for (let i = SEASON; i < state.length; i++) state[i]! -= level;
  state[LEVEL] = level;
  state[TREND] = 0;
  state[COUNT] = NaN;
}

function follow(state: Float64Array, place: number, x: number, weights: Weights): void {
  const [before, trend] = [state[LEVEL]!, state[TREND]!];
  const season = state[SEASON + place]!;
  const expected = before + trend;
  const rest = x - expected;
  if (Number.isNaN(season)) {
    state[SEASON + place] = rest;
    state[LEVEL] = expected;
    return;
  }
  const level = expected + weights.alpha * (rest - season);
  state[LEVEL] = level;
  state[TREND] = trend + weights.beta * (level - before - trend);
  state[SEASON + place] = season + weights.gamma * (rest - season);
}
