/**
 * Waits between attempts to connect: doubling, and drawn from the upper half of each step, so that
 * a fleet that lost its engine does not come back in one moment.
 */
import type { Rng } from '../src/core/rng.ts';

export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #rng: Rng;
  #stepMs: number;

  constructor(bounds: { readonly minMs: number; readonly maxMs: number }, rng: Rng) {
    this.#minMs = bounds.minMs;
    this.#maxMs = bounds.maxMs;
    this.#rng = rng;
    this.#stepMs = bounds.minMs;
  }

  /** How long to wait before the next attempt. */
  nextMs(): number {
    const stepMs = this.#stepMs;
    this.#stepMs = Math.min(stepMs * 2, this.#maxMs);
    return stepMs * (0.5 + this.#rng.next() / 2);
  }

  /** A connection stood. */
  reset(): void {
    this.#stepMs = this.#minMs;
  }
}
