/** At most so many in each second of the clock; what exceeds it is for the caller to count. */
export class SecondBudget {
  readonly #perSecond: number;
  #second = -1;
  #used = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Whether `wanted` may pass now; the last that do may take more than what was left. */
  admitWhole(wanted: number, nowMs: number): boolean {
    this.#turn(nowMs);
    if (wanted > 0 && this.#used >= this.#perSecond) return false;
    this.#used += wanted;
    return true;
  }

  /** How many of `wanted` may pass now. */
  admit(wanted: number, nowMs: number): number {
    this.#turn(nowMs);
    const admitted = Math.min(wanted, this.#perSecond - this.#used);
    this.#used += admitted;
    return admitted;
  }

  #turn(nowMs: number): void {
    const second = Math.floor(nowMs / 1_000);
    if (second === this.#second) return;
    this.#second = second;
    this.#used = 0;
  }
}
