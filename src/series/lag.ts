/** LAG, PREVIOUS and CHANGE: the value of an earlier window, and the difference to it. */
import { numberOrNull } from './contract.ts';
import type { SeriesDefinition, SeriesModel } from './contract.ts';
import { windowsConstant } from './constants.ts';
import { historyLength, remember, valueBack } from './history.ts';

export const LAG: SeriesDefinition = {
  name: 'lag',
  signature: 'lag(x, n) → number',
  summary: 'The value n windows earlier.',
  firstAnswer: 'after n windows',
  example: 'select lag(count(*), 6) from requests window 10s',
  constants: [windowsConstant('n', 1)],
  result: 'number',
  evaluate: {
    over: 'time',
    modelName: 'lag',
    model: ([n = 1]) => lagModel(n),
    result: (_x, expectation) => numberOrNull(expectation[0]!),
  },
};

export const PREVIOUS: SeriesDefinition = {
  name: 'previous',
  signature: 'previous(x) → number',
  summary: 'The value of the window before.',
  firstAnswer: 'after 1 window',
  example: 'select previous(count(*)) from requests window 10s',
  constants: [],
  result: 'number',
  evaluate: {
    over: 'time',
    modelName: 'lag',
    model: () => lagModel(1),
    result: (_x, expectation) => numberOrNull(expectation[0]!),
  },
};

export const CHANGE: SeriesDefinition = {
  name: 'change',
  signature: 'change(x) → number',
  summary: 'The value less that of the window before.',
  firstAnswer: 'after 1 window',
  example: 'select change(count(*)) from requests window 10s',
  constants: [],
  result: 'number',
  evaluate: {
    over: 'time',
    modelName: 'lag',
    model: () => lagModel(1),
    result: (x, expectation) => numberOrNull(x - expectation[0]!),
  },
};

export function lagModel(n: number): SeriesModel {
  return {
    stateLength: historyLength(n),
    expectationLength: 1,
    warmUp: n === 1 ? '1 window' : `${n} windows`,
    expect(state, at, expectation) {
      expectation[0] = valueBack(state, at, n);
    },
    learn: remember,
  };
}
