/**
 * The panes of one pipeline that are open: half-open spans [startMs, startMs + paneMs) of event
 * time, aligned to the epoch. Everything that ends at or before `closedThroughMs` is closed for
 * good; what comes for it is late. The number of open panes is bounded, so events with wild times
 * cannot fill the memory.
 */
export interface OpenPanesOptions {
  readonly paneMs: number;
  /** Closed from the start. */
  readonly closedThroughMs: number;
  readonly openPanesMax: number;
}

export class OpenPanes<T> {
  readonly paneMs: number;
  readonly #openPanesMax: number;
  readonly #panes = new Map<number, T>();
  #closedThroughMs: number;

  constructor(options: OpenPanesOptions) {
    this.paneMs = options.paneMs;
    this.#openPanesMax = options.openPanesMax;
    this.#closedThroughMs = options.closedThroughMs;
  }

  get closedThroughMs(): number {
    return this.#closedThroughMs;
  }

  get size(): number {
    return this.#panes.size;
  }

  startOf(timeMs: number): number {
    return Math.floor(timeMs / this.paneMs) * this.paneMs;
  }

  isClosed(startMs: number): boolean {
    return startMs + this.paneMs <= this.#closedThroughMs;
  }

  has(startMs: number): boolean {
    return this.#panes.has(startMs);
  }

  /** The open pane, made if it is not there; null if too many are open. It must not be closed. */
  open(startMs: number, make: () => T): T | null {
    const known = this.#panes.get(startMs);
    if (known !== undefined) return known;
    if (this.#panes.size >= this.#openPanesMax) return null;
    const made = make();
    this.#panes.set(startMs, made);
    return made;
  }

  /** Closes and hands over what ends at or before `throughMs`, in order of time. */
  closeThrough(throughMs: number): (readonly [startMs: number, pane: T])[] {
    this.#closedThroughMs = Math.max(this.#closedThroughMs, throughMs);
    const closed = this.startingBefore(throughMs).filter(([startMs]) => this.isClosed(startMs));
    for (const [startMs] of closed) this.#panes.delete(startMs);
    return closed;
  }

  /** Open panes that start before `beforeMs`, in order of time. */
  startingBefore(beforeMs: number): (readonly [startMs: number, pane: T])[] {
    return [...this.#panes].filter(([startMs]) => startMs < beforeMs).sort(([a], [b]) => a - b);
  }

  /** In no particular order. */
  values(): IterableIterator<T> {
    return this.#panes.values();
  }
}
