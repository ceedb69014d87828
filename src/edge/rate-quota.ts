/**
 * At most so many events in each second of event time. Seconds may come mixed; those that are
 * {@link SECONDS} or more behind the latest of their slot have no quota left.
 */
const SECONDS = 64;

export class RateQuota {
  readonly #perSecond: number;
  readonly #seconds: Float64Array = new Float64Array(SECONDS).fill(-Infinity);
  readonly #taken: Uint32Array = new Uint32Array(SECONDS);

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** True: the event is within the quota of its second, which is one less now. */
  take(timeMs: number): boolean {
    const second = Math.floor(timeMs / 1_000);
    const slot = ((second % SECONDS) + SECONDS) % SECONDS;
    if (this.#seconds[slot]! > second) return false;
    if (this.#seconds[slot]! < second) {
      this.#seconds[slot] = second;
      this.#taken[slot] = 0;
    }
    if (this.#taken[slot]! >= this.#perSecond) return false;
    this.#taken[slot]!++;
    return true;
  }
}
