/**
 * The last word on a sample of so many events a second: shares are dealt in whole numbers and
 * change as senders come and go, so for a moment they may add up to more.
 */
import { RateQuota } from '../edge/rate-quota.ts';
import { grownUints } from '../sketch/typed-column.ts';

export class RateCap {
  readonly #quota: RateQuota;
  /** The rows of the last {@link select}. */
  selected: Uint32Array = new Uint32Array(0);

  constructor(perSecond: number) {
    this.#quota = new RateQuota(perSecond);
  }

  /** How many of the n rows are within the quota, in the order they came. */
  select(times: Float64Array, rows: Uint32Array, n: number): number {
    this.selected = grownUints(this.selected, n);
    let kept = 0;
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      if (this.#quota.take(times[row]!)) this.selected[kept++] = row;
    }
    return kept;
  }
}
