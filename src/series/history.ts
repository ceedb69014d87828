/**
 * The values of the last n windows, by the windows' numbers: LAG, PREVIOUS, CHANGE, and what ZSCORE
 * and MAD look back over. A window that nobody learnt from is NaN.
 *
 * State: [number of the newest window, value of each window at its number modulo n].
 */
import type { SeriesTime } from './contract.ts';

export function historyLength(windows: number): number {
  return 1 + windows;
}

/** The value `back` windows before `at`; NaN where that is not known. `back` ≤ windows kept. */
export function valueBack(state: Float64Array, at: SeriesTime, back: number): number {
  const windows = state.length - 1;
  const newest = state[0]!;
  const wanted = at.number - back;
  // Comparisons with NaN are false: an empty history knows nothing.
  if (!(wanted <= newest && wanted > newest - windows)) return NaN;
  return state[1 + (wanted % windows)]!;
}

export function remember(state: Float64Array, at: SeriesTime, x: number): void {
  const windows = state.length - 1;
  const newest = state[0]!;
  const skippedFrom = Number.isNaN(newest) ? at.number : newest + 1;
  const from = Math.max(skippedFrom, at.number - windows + 1);
  for (let number = from; number < at.number; number++) state[1 + (number % windows)] = NaN;
  state[1 + (at.number % windows)] = x;
  state[0] = at.number;
}

/** Copies what is known of the `windows` before `at` to the front of `target`; returns how many. */
export function recentValues(state: Float64Array, at: SeriesTime, target: Float64Array): number {
  const windows = state.length - 1;
  let count = 0;
  for (let back = windows; back >= 1; back--) {
    const x = valueBack(state, at, back);
    if (!Number.isNaN(x)) target[count++] = x;
  }
  return count;
}

/** Values that must be known before a spread over so many windows means something: half of them. */
export function valuesNeeded(windows: number): number {
  return Math.ceil(windows / 2);
}
