/**
 * How many pairs of rows the joins of one query may look at: so many a second, and a second's worth
 * at once. A key that everybody has costs the product of its rows; without a bound one such query
 * would stall its shard and everybody else's.
 */
export class PairBudget {
  readonly #perSecond: number;
  #left: number;
  #atMs = -Infinity;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
  }

  /** What the time since the last call has brought. A clock that steps back brings nothing. */
  refill(nowMs: number): void {
    if (nowMs <= this.#atMs) return;
    const grown = this.#left + ((nowMs - this.#atMs) * this.#perSecond) / 1_000;
    this.#left = Math.min(this.#perSecond, grown);
    this.#atMs = nowMs;
  }

  /** False: it is used up. */
  take(): boolean {
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
