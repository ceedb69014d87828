/**
 * EWMA: the exponentially weighted moving average of the windows before.
 *
 *     level₁ = x₁      levelₜ = α·xₜ + (1 − α)·levelₜ₋₁      expected at t: levelₜ₋₁
 *
 * State: [level].
 */
import { numberOrNull } from './contract.ts';
import type { SeriesDefinition, SeriesModel } from './contract.ts';
import { WEIGHT } from './constants.ts';

export const EWMA: SeriesDefinition = {
  name: 'ewma',
  signature: 'ewma(x, alpha) → number',
  summary: 'The exponentially weighted average of the windows before; alpha is the newest weight.',
  firstAnswer: 'after 1 window',
  example: 'select ewma(count(*), 0.3) from requests window 10s',
  constants: [{ ...WEIGHT, name: 'alpha' }],
  result: 'number',
  evaluate: {
    over: 'time',
    modelName: 'ewma',
    model: ([alpha = 1]) => ewmaModel(alpha),
    result: (_x, expectation) => numberOrNull(expectation[0]!),
  },
};

function ewmaModel(alpha: number): SeriesModel {
  return {
    stateLength: 1,
    expectationLength: 1,
    warmUp: '1 window',
    expect(state, _at, expectation) {
      expectation[0] = state[0]!;
    },
    learn(state, _at, x) {
      const level = state[0]!;
      state[0] = Number.isNaN(level) ? x : level + alpha * (x - level);
    },
  };
}
