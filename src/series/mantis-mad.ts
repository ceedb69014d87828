/**
 * Mantis' `ANOMALY mad p α β`: a middle m that steps by α towards each value, and a factor β.
 *
 *     m starts at the first value; then m += α if x > m, else m −= α
 *     anomalous: x > β·m, or β > 1 and x < m ÷ β, with m as just moved (for the first value m
 *     itself)
 *
 * Unlike the other functions it moves before it compares, as Mantis documents. State: [m].
 */
import type { SeriesDefinition, SeriesModel } from './contract.ts';

const NUMBER_MAX = 1e15;

export const MANTIS_MAD: SeriesDefinition = {
  name: 'anomaly_mad',
  signature: 'ANOMALY mad x α β',
  summary: 'Whether x is more than β times a middle that follows in steps of α, or less than 1/β.',
  firstAnswer: 'at once',
  example: 'select count(*) as n from requests window 10s anomaly mad n 5 2',
  constants: [
    { name: 'alpha', kind: 'number', min: -NUMBER_MAX, max: NUMBER_MAX, default: null },
    { name: 'beta', kind: 'number', min: -NUMBER_MAX, max: NUMBER_MAX, default: null },
  ],
  result: 'boolean',
  evaluate: {
    over: 'time',
    modelName: 'anomaly_mad',
    model: ([alpha = 0]) => mantisModel(alpha),
    result(x, expectation, [alpha = 0, beta = 1]) {
      if (Number.isNaN(x)) return null;
      const middle = moved(expectation[0]!, x, alpha);
      return x > beta * middle || (beta > 1 && x < middle / beta);
    },
  },
};

function mantisModel(alpha: number): SeriesModel {
  return {
    stateLength: 1,
    expectationLength: 1,
    warmUp: null,
    expect(state, _at, expectation) {
      expectation[0] = state[0]!;
    },
    learn(state, _at, x) {
      state[0] = moved(state[0]!, x, alpha);
    },
  };
}

function moved(middle: number, x: number, alpha: number): number {
  if (Number.isNaN(middle)) return x;
  return x > middle ? middle + alpha : middle - alpha;
}
