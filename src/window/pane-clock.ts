/**
 * How many events the queries of a cohort have looked at, pane by pane, counted once for all of
 * them. A query that joins takes note of what was counted before; what it does not share it counts
 * itself.
 */
export interface PaneClockOptions {
  readonly paneMs: number;
  readonly openPanesMax: number;
}

export class PaneClock {
  readonly paneMs: number;
  readonly #openPanesMax: number;
  readonly #seen = new Map<number, number>();
  /** Some query has closed the panes that end at or before this. */
  #closedMaxMs = -Infinity;

  constructor({ paneMs, openPanesMax }: PaneClockOptions) {
    this.paneMs = paneMs;
    this.#openPanesMax = openPanesMax;
  }

  get size(): number {
    return this.#seen.size;
  }

  /** False: some query has closed the pane, or too many are open, so each must count for itself. */
  add(startMs: number, count: number): boolean {
    const seen = this.#seen.get(startMs);
    if (startMs + this.paneMs <= this.#closedMaxMs) return false;
    if (seen === undefined && this.#seen.size >= this.#openPanesMax) return false;
    this.#seen.set(startMs, (seen ?? 0) + count);
    return true;
  }

  /** A query has closed what ends at or before `throughMs`. */
  closed(throughMs: number): void {
    if (throughMs > this.#closedMaxMs) this.#closedMaxMs = throughMs;
  }

  has(startMs: number): boolean {
    return this.#seen.has(startMs);
  }

  seen(startMs: number): number {
    return this.#seen.get(startMs) ?? 0;
  }

  /** Starts of the panes with any event, in no particular order. */
  starts(): Iterable<number> {
    return this.#seen.keys();
  }

  /** What was counted so far, for who joins. */
  snapshot(): Map<number, number> {
    return new Map(this.#seen);
  }

  /** Panes that all queries have closed. */
  forget(throughMs: number): void {
    for (const startMs of this.#seen.keys()) {
      if (startMs + this.paneMs <= throughMs) this.#seen.delete(startMs);
    }
  }
}
