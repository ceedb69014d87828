/**
 * DES: double exponential smoothing, a level and a trend; what Netflix watches its stream starts
 * per second with.
 *
 *     level₂ = x₂   trend₂ = x₂ − x₁
 *     levelₜ = α·xₜ + (1 − α)·(levelₜ₋₁ + trendₜ₋₁)
 *     trendₜ = β·(levelₜ − levelₜ₋₁) + (1 − β)·trendₜ₋₁      expected at t: levelₜ₋₁ + trendₜ₋₁
 *
 * A window that nobody learns from leaves level and trend as they were: a trend that runs on over
 * a gap soon predicts nonsense. State: [level, trend].
 * @see Hyndman, Athanasopoulos: Forecasting, Principles and Practice, 8.2
 */
import { numberOrNull } from './contract.ts';
import type { SeriesDefinition, SeriesModel } from './contract.ts';
import { WEIGHT } from './constants.ts';

export const DES: SeriesDefinition = {
  name: 'des',
  signature: 'des(x, alpha, beta) → number',
  summary: 'What level and trend of the windows before predict (double exponential smoothing).',
  firstAnswer: 'after 2 windows',
  example: 'select count(*) as n, des(count(*), 0.3, 0.1) as expected from requests window 10s',
  constants: [
    { ...WEIGHT, name: 'alpha' },
    { ...WEIGHT, name: 'beta', min: 0 },
  ],
  result: 'number',
  evaluate: {
    over: 'time',
    modelName: 'des',
    model: ([alpha = 1, beta = 0]) => desModel(alpha, beta),
    result: (_x, expectation) => numberOrNull(expectation[0]!),
  },
};

function desModel(alpha: number, beta: number): SeriesModel {
  return {
    stateLength: 2,
    expectationLength: 1,
    warmUp: '2 windows',
    expect(state, _at, expectation) {
      expectation[0] = state[0]! + state[1]!;
    },
    learn(state, _at, x) {
      const [before, trend] = [state[0]!, state[1]!];
      if (Number.isNaN(before) || Number.isNaN(trend)) {
        state[0] = x;
        state[1] = x - before;
        return;
      }
      const expected = before + trend;
      const level = expected + alpha * (x - expected);
      state[0] = level;
      state[1] = trend + beta * (level - before - trend);
    },
  };
}
