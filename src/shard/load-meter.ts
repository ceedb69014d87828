/**
 * How hard a shard works and how far it is behind: what shedding is decided by. The lag is that of
 * the events that fared best: one sender that catches up on old events is not the shard's lag.
 */
import type { Config } from '../config.ts';
import type { LoadMessage, ShardLoad } from './messages.ts';

export interface LoadMeterParts {
  readonly config: Pick<Config, 'shedBusyPercent'>;
  /** Share of the time since the last call in which the thread worked, 0 … 1. */
  readonly busy: () => number;
  /** Shares of the work since the last call; costs a look at every query. */
  readonly costs: () => ShardLoad['costs'];
}

export class LoadMeter {
  readonly #parts: LoadMeterParts;
  #lagMs = Infinity;

  constructor(parts: LoadMeterParts) {
    this.#parts = parts;
  }

  /** Events were evaluated of which the latest happened at `latestMs`. */
  evaluated(latestMs: number, nowMs: number): void {
    const lagMs = nowMs - latestMs;
    if (lagMs < this.#lagMs) this.#lagMs = lagMs;
  }

  take(): LoadMessage {
    const busy = this.#parts.busy();
    const lagMs = this.#lagMs === Infinity ? 0 : Math.max(0, Math.round(this.#lagMs));
    this.#lagMs = Infinity;
    const isBusy = busy * 100 >= this.#parts.config.shedBusyPercent;
    return { type: 'load', busy, lagMs, costs: isBusy ? this.#parts.costs() : [] };
  }
}
