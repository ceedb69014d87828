/**
 * Bounds the request bodies held in memory at once. Bytes count as they arrive, not as announced,
 * so a slow sender holds only what it sent. One body that is larger than the budget is let through
 * when it is alone; otherwise no body above the budget could ever be taken.
 */
export class BodyBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytesInFlight(): number {
    return this.#bytes;
  }

  open(): BodyLease {
    let held = 0;
    return {
      grow: (bytes) => {
        const isAlone = this.#bytes === held;
        if (!isAlone && this.#bytes + bytes > this.#bytesMax) return false;
        held += bytes;
        this.#bytes += bytes;
        return true;
      },
      release: () => {
        this.#bytes -= held;
        held = 0;
      },
    };
  }
}

export interface BodyLease {
  /** False: the budget is spent, and nothing was added. */
  grow(bytes: number): boolean;
  /** Gives everything back; may be called twice. */
  release(): void;
}
