/**
 * Waits between attempts to connect: doubling, and drawn from the upper half of each step, so that
 * a fleet that lost its engine does not come back in one moment.
 */
import type { Config } from '../src/config.ts';
import type { Rng } from '../src/core/rng.ts';

export class Backoff {
  readonly #limits: Pick<Config, 'reconnectMinMs' | 'reconnectMaxMs'>;
  readonly #rng: Rng;
  /** 0: no attempt has failed. */
  #stepMs = 0;

  /** The limits may change while it is in use. */
  constructor(limits: Pick<Config, 'reconnectMinMs' | 'reconnectMaxMs'>, rng: Rng) {
    this.#limits = limits;
    this.#rng = rng;
  }

  /** How long to wait before the next attempt; `isLonger`: and longer after that. */
  nextMs(isLonger = true): number {
    const { reconnectMaxMs, reconnectMinMs } = this.#limits;
    const stepMs = isLonger ? Math.max(this.#stepMs, reconnectMinMs) : reconnectMinMs;
    if (isLonger) this.#stepMs = Math.min(stepMs * 2, reconnectMaxMs);
    return Math.min(stepMs, reconnectMaxMs) * (0.5 + this.#rng.next() / 2);
  }

  /** A connection stood. */
  reset(): void {
    this.#stepMs = 0;
  }
}
