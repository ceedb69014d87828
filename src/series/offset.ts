/**
 * OFFSET: the value of the window that began so much earlier. Up to {@link EXACT_WINDOWS} windows
 * back each is remembered. Farther back series are rolled, as they are in the kept series: it is
 * the mean of the windows that began in the same 10 s, 1 min or 10 min, the shortest of which at
 * most {@link EXACT_WINDOWS} make the distance. Of a percentile that is the mean of the windows'
 * percentiles, and not the percentile of all their events.
 */
import { numberOrNull } from './contract.ts';
import type { SeriesDefinition, SeriesModel } from './contract.ts';
import { lagModel } from './lag.ts';
import { exactStepMs, ROLLED_MS_MAX, rollStepMs } from './roll-steps.ts';
import { meanOfBucket, rememberIn, rolledLength } from './rolled-history.ts';

const EXACT_WINDOWS = 1_440;
const LONG_WINDOW_MS = 600_000;

export const OFFSET: SeriesDefinition = {
  name: 'offset',
  signature: 'offset(x, time) → number',
  summary:
    'The value of the window that began so much earlier; more than 1,440 windows back the mean of the windows around it.',
  firstAnswer: 'after so much time, at once where the series is kept',
  example: 'select offset(count(*), 1h) from requests window 1m',
  constants: [{ name: 'time', kind: 'duration', min: 1, max: ROLLED_MS_MAX, default: null }],
  result: 'number',
  evaluate: {
    over: 'time',
    modelName: 'offset',
    model: ([ms = 1], slideMs) => offsetModel(ms, slideMs),
    result: (_x, expectation) => numberOrNull(expectation[0]!),
  },
};

function offsetModel(ms: number, slideMs: number): SeriesModel {
  const windows = Math.max(1, Math.round(ms / slideMs));
  if (windows > EXACT_WINDOWS && slideMs < LONG_WINDOW_MS) return rolledModel(ms, slideMs);
  const exact = lagModel(windows);
  const stepMs = exactStepMs(slideMs);
  if (stepMs === null) return exact;
  const recall = {
    stepMs,
    reachMs: ms + slideMs,
    learn(state: Float64Array, { startMs, mean }: { startMs: number; mean: number }): void {
      const number = Math.floor(startMs / slideMs);
      exact.learn(state, { number, startMs: number * slideMs }, mean);
    },
  };
  return { ...exact, recall };
}

function rolledModel(ms: number, slideMs: number): SeriesModel {
  const stepMs = rollStepMs(ms, slideMs, EXACT_WINDOWS);
  const bucketOf = (startMs: number): number => Math.floor(startMs / stepMs);
  return {
    stateLength: rolledLength(Math.ceil(ms / stepMs) + 1),
    expectationLength: 1,
    warmUp: `as much time; then the mean of the windows of ${stepMs / 1_000} s`,
    expect(state, { startMs }, expectation) {
      expectation[0] = meanOfBucket(state, bucketOf(startMs - ms));
    },
    learn(state, { startMs }, x) {
      rememberIn(state, bucketOf(startMs), x, 1);
    },
    recall: {
      stepMs,
      reachMs: ms + stepMs,
      learn(state, { startMs, mean, windows }) {
        rememberIn(state, bucketOf(startMs), mean, windows);
      },
    },
  };
}
