/**
 * MAD: how far the value lies from the median of the n windows before, in robust deviations. An
 * outlier among those windows hardly moves it, as it does move ZSCORE.
 *
 *     (x − median) ÷ (1.4826 · median of |xᵢ − median|)
 *
 * Where more than half of the windows are equal the spread is the mean of |xᵢ − median| · 1.2533.
 * Null until half of the n windows are known; limited to ±1000.
 * @see Iglewicz, Hoaglin: How to Detect and Handle Outliers
 */
import type { SeriesDefinition, SeriesModel } from './contract.ts';
import { windowsConstant } from './constants.ts';
import { historyLength, recentValues, remember, valuesNeeded } from './history.ts';
import { MAD_TO_DEVIATION, MEAN_TO_DEVIATION, medianOfSorted, scoreResult } from './score.ts';

export const MAD: SeriesDefinition = {
  name: 'mad',
  signature: 'mad(x, n) → number',
  summary: 'How many robust deviations the value lies from the median of the n windows before.',
  firstAnswer: 'after n / 2 windows',
  example: 'select mad(count(*), 30) from requests window 10s',
  constants: [windowsConstant('n', 3)],
  result: 'number',
  evaluate: {
    over: 'time',
    modelName: 'mad',
    model: ([n = 3]) => madModel(n),
    result: scoreResult,
  },
};

function madModel(windows: number): SeriesModel {
  const values = new Float64Array(windows);
  return {
    stateLength: historyLength(windows),
    expectationLength: 2,
    warmUp: `${valuesNeeded(windows)} windows`,
    expect(state, at, expectation) {
      const count = recentValues(state, at, values);
      expectation.fill(NaN);
      if (count < valuesNeeded(windows)) return;
      expectation[0] = medianOf(values, count);
      expectation[1] = robustSpread(values, count, expectation[0]);
    },
    learn: remember,
  };
}

/** Sorts `values[0 … count)`. */
export function medianOf(values: Float64Array, count: number): number {
  return medianOfSorted(values.subarray(0, count).sort(), count);
}

/** In standard deviations of a normal distribution. Leaves distances in `values[0 … count)`. */
export function robustSpread(values: Float64Array, count: number, centre: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    values[i] = Math.abs(values[i]! - centre);
    sum += values[i]!;
  }
  const median = medianOf(values, count);
  return median > 0 ? median * MAD_TO_DEVIATION : (sum / count) * MEAN_TO_DEVIATION;
}
