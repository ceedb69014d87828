/**
 * OUTLIER: how far a group's value lies from that of the other groups of the same window, in robust
 * deviations of those others: one region that fails stands out at once, without any history, and a
 * rise that all share does not.
 *
 *     (x − median of the others) ÷ (1.4826 · their median |xᵢ − median|)
 *
 * The group itself is left out of what it is compared with, or it would hide behind itself where
 * groups are few. Null with fewer than {@link OTHERS_MIN} other groups; limited to ±1000.
 */
import type { SeriesDefinition } from './contract.ts';
import { medianOf, robustSpread } from './mad.ts';
import { medianOfSorted, scoreOf } from './score.ts';

export const OTHERS_MIN = 2;
/** Beyond so many groups one of them moves medians too little to leave it out. */
const EXACT_GROUPS_MAX = 200;

export const OUTLIER: SeriesDefinition = {
  name: 'outlier',
  signature: 'outlier(x) → number',
  summary: 'How many robust deviations the group lies from the other groups of the same window.',
  firstAnswer: 'at once, with 2 other groups',
  example: 'select outlier(count(*)) from requests window 10s group by region',
  constants: [],
  result: 'number',
  evaluate: { over: 'peers', scores: outlierScores },
};

export function outlierScores(values: Float64Array): Float64Array {
  const known = values.filter((x) => !Number.isNaN(x));
  const scores = new Float64Array(values.length).fill(NaN);
  if (known.length - 1 < OTHERS_MIN) return scores;
  if (known.length > EXACT_GROUPS_MAX) return scoresAgainstAll(values, known);
  const others = new Float64Array(known.length - 1);
  const sorted = known.sort();
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    if (Number.isNaN(x)) continue;
    const at = sorted.indexOf(x);
    others.set(sorted.subarray(0, at));
    others.set(sorted.subarray(at + 1), at);
    const centre = medianOfSorted(others, others.length);
    scores[i] = scoreOf(x, centre, robustSpread(others, others.length, centre));
  }
  return scores;
}

function scoresAgainstAll(values: Float64Array, known: Float64Array): Float64Array {
  const centre = medianOf(known, known.length);
  const spread = robustSpread(known, known.length, centre);
  return values.map((x) => scoreOf(x, centre, spread));
}
