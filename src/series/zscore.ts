/**
 * ZSCORE: how many standard deviations the value lies from the mean of the n windows before.
 *
 *     (x − mean) ÷ s,   s² = Σ(xᵢ − mean)² ÷ (count − 1)
 *
 * Null until half of the n windows are known. Limited to ±1000, which is also the score of any
 * difference where nothing ever varied.
 */
import type { SeriesDefinition, SeriesModel } from './contract.ts';
import { windowsConstant } from './constants.ts';
import { historyLength, recentValues, remember, valuesNeeded } from './history.ts';
import { scoreResult } from './score.ts';

export const ZSCORE: SeriesDefinition = {
  name: 'zscore',
  signature: 'zscore(x, n) → number',
  summary: 'How many standard deviations the value lies from the mean of the n windows before.',
  firstAnswer: 'after n / 2 windows',
  example: 'select zscore(count(*), 30) from requests window 10s',
  constants: [windowsConstant('n', 3)],
  result: 'number',
  evaluate: {
    over: 'time',
    modelName: 'zscore',
    model: ([n = 3]) => zscoreModel(n),
    result: scoreResult,
  },
};

function zscoreModel(windows: number): SeriesModel {
  const values = new Float64Array(windows);
  return {
    stateLength: historyLength(windows),
    expectationLength: 2,
    warmUp: `${valuesNeeded(windows)} windows`,
    expect(state, at, expectation) {
      const count = recentValues(state, at, values);
      expectation.fill(NaN);
      if (count < valuesNeeded(windows)) return;
      let sum = 0;
      for (let i = 0; i < count; i++) sum += values[i]!;
      const mean = sum / count;
      let squares = 0;
      for (let i = 0; i < count; i++) squares += (values[i]! - mean) ** 2;
      expectation[0] = mean;
      expectation[1] = Math.sqrt(squares / (count - 1));
    },
    learn: remember,
  };
}
