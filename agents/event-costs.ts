/** What events of one kind cost: the median of those that were timed, times all of them. */

/** Every so many events one is timed. */
const TIMED_EVERY = 64;
const TIMES_KEPT = 64;
/** Of fewer, one pause would be the median. */
const TIMES_MIN = 4;

export class EventCosts {
  readonly #times: number[] = [];
  #timed = 0;
  #taken = 0;
  /** Of a time when enough were timed. */
  #medianMs = 0;

  /** One more is taken. Whether it should be timed. */
  take(): boolean {
    return ++this.#taken % TIMED_EVERY === 0;
  }

  add(tookMs: number): void {
    this.#times[this.#timed++ % TIMES_KEPT] = tookMs;
  }

  /** If all had cost so much; cheap to ask. */
  guessMs(tookMs: number): number {
    return this.#timed < TIMES_MIN ? 0 : tookMs * this.#taken;
  }

  /** Since they were begun. */
  get spentMs(): number {
    if (this.#timed === 0) return this.#medianMs * this.#taken;
    const sorted = this.#times.toSorted((a, b) => a - b);
    this.#medianMs = sorted[sorted.length >> 1] ?? 0;
    return this.#medianMs * this.#taken;
  }

  begin(): void {
    this.#taken = 0;
    this.#timed = 0;
    this.#times.length = 0;
  }
}
