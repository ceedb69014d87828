/** At most so many rows in each second of the clock; what exceeds it is for the caller to count. */
export class RowBudget {
  readonly #perSecond: number;
  #second = -1;
  #used = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** How many of `wanted` rows may pass now. */
  admit(wanted: number, nowMs: number): number {
    const second = Math.floor(nowMs / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#used = 0;
    }
    const admitted = Math.min(wanted, this.#perSecond - this.#used);
    this.#used += admitted;
    return admitted;
  }
}
