/**
 * The past of a series in buckets: the mean of the values of the windows that began in each. What
 * OFFSET looks back on where single windows would be too many, a week of 10 s windows in 8 KB.
 *
 * State: [number of the newest bucket, windows in it, mean of each bucket at its number modulo n].
 */
const NEWEST = 0;
const WINDOWS = 1;
const MEANS = 2;

export function rolledLength(buckets: number): number {
  return MEANS + buckets;
}

/** The mean of the bucket; NaN where nothing is known of it. */
export function meanOfBucket(state: Float64Array, bucket: number): number {
  const buckets = state.length - MEANS;
  const newest = state[NEWEST]!;
  // Comparisons with NaN are false: an empty past knows nothing.
  if (!(bucket <= newest && bucket > newest - buckets)) return NaN;
  return state[MEANS + (bucket % buckets)]!;
}

/** Takes `windows` windows with the mean `x`, of a bucket that is no earlier than all before. */
export function rememberIn(state: Float64Array, bucket: number, x: number, windows: number): void {
  const buckets = state.length - MEANS;
  const place = MEANS + (bucket % buckets);
  if (state[NEWEST] !== bucket) {
    const newest = state[NEWEST]!;
    const skippedFrom = Number.isNaN(newest) ? bucket : newest + 1;
    const from = Math.max(skippedFrom, bucket - buckets + 1);
    for (let skipped = from; skipped < bucket; skipped++) state[MEANS + (skipped % buckets)] = NaN;
    state[NEWEST] = bucket;
    state[WINDOWS] = 0;
    state[place] = 0;
  }
  state[WINDOWS]! += windows;
  state[place]! += ((x - state[place]!) * windows) / state[WINDOWS]!;
}
