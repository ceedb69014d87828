/** When and where an agent tries to connect next. */
import type { Config } from '../src/config.ts';
import type { Rng } from '../src/core/rng.ts';
import { Addresses } from './addresses.ts';
import { Backoff } from './backoff.ts';

/** However long an engine wants to be left alone. */
const RETRY_AFTER_MS_MAX = 5 * 60_000;

export class Attempts {
  /** Clock time of the next attempt. */
  atMs = Infinity;
  readonly #limits: Pick<Config, 'reconnectMinMs' | 'reconnectMaxMs' | 'agentFailoverMs'>;
  readonly #addresses: Addresses;
  readonly #backoff: Backoff;
  /** Null: no connection stands. */
  #liveSinceMs: number | null = null;

  /** The limits may change while it is in use. */
  constructor(url: string | readonly string[], limits: Config, rng: Rng) {
    this.#limits = limits;
    this.#addresses = new Addresses(url);
    this.#backoff = new Backoff(limits, rng);
  }

  /** The address of this attempt. */
  begin(): string {
    return this.#addresses.take();
  }

  /** A connection stands. */
  succeeded(nowMs: number): void {
    this.#liveSinceMs = nowMs;
  }

  /**
   * A connection, or an attempt, is over; gives how long to wait, which is the engine's wish too.
   */
  over(nowMs: number, wishMs: number): number {
    const isLonger = this.#isLonger(nowMs);
    this.#liveSinceMs = null;
    const waitMs = this.#backoff.nextMs(isLonger);
    const retryMs = Math.max(waitMs, Math.min(wishMs, RETRY_AFTER_MS_MAX));
    this.atMs = nowMs + retryMs;
    return retryMs;
  }

  /** The next attempt is there, or where the last was, and now. */
  moveTo(url: string | null, nowMs: number): void {
    this.#addresses.moveTo(url);
    this.atMs = nowMs;
  }

  /** The attempt after the next should wait longer than that. */
  #isLonger(nowMs: number): boolean {
    const { agentFailoverMs, reconnectMaxMs } = this.#limits;
    if (this.#liveSinceMs === null) return this.#addresses.failed(nowMs);
    this.#addresses.lost(nowMs, agentFailoverMs);
    // An engine that welcomes and breaks off at once is no better than one that is not there.
    if (nowMs - this.#liveSinceMs >= reconnectMaxMs) this.#backoff.reset();
    return true;
  }
}
