/**
 * How hard a shard works, how far it is behind and what its queries take: what shedding and budgets
 * are decided by. The lag is that of the events that fared best: one sender that catches up on old
 * events is not the shard's lag.
 */
import type { LoadMessage, ShardLoad } from './messages.ts';

export interface LoadMeterParts {
  /** Share of the time since the last call in which the thread worked, 0 … 1. */
  readonly busy: () => number;
  /** Shares of the work since the last call; costs a look at every query. */
  readonly costs: () => ShardLoad['costs'];
  readonly states: () => ShardLoad['states'];
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
    const { costs, states } = this.#parts;
    return { type: 'load', busy, lagMs, costs: costs(), states: states() };
  }
}
