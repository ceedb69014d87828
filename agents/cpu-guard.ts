/**
 * Keeps an agent within its share of a core: one event in so many is timed, the median of a second
 * times its events is what they cost, and if that is beyond the budget only a share of the next
 * events is looked at. What is left out is counted (`agent_shed`), so that results say so. The
 * median, because a service's own pauses fall into some measurements.
 */
import type { Clock } from '../src/core/clock.ts';
import { murmurOfWhole, WORD } from '../src/edge/sample-hash.ts';

/** Every so many events one is timed. */
const TIMED_EVERY = 64;
const TIMES_KEPT = 64;
const PERIOD_MS = 1_000;
/** However little may be spent, this share of the events is looked at. */
const SHARE_MIN = 1 / 1_024;
/** In calm seconds the share grows by no more than this. */
const GROWTH_MAX = 2;
const SEED = 0x5eed;

export class CpuGuard {
  readonly #clock: Clock;
  /** Milliseconds of a second; 0: no bound. */
  readonly #budgetMs: number;
  readonly #times: number[] = [];
  #share = 1;
  #taken = 0;
  #sinceMs: number;
  #startedMs = 0;

  /** `percent` of one core; 0: there is no bound. */
  constructor(clock: Clock, percent: number) {
    this.#clock = clock;
    this.#budgetMs = (percent / 100) * PERIOD_MS;
    this.#sinceMs = clock.now();
  }

  /** Of the events, 0 … 1: what is looked at now. */
  get share(): number {
    return this.#share;
  }

  /** Whether event `number` of its stream is left out. */
  skips(number: number): boolean {
    return this.#share < 1 && murmurOfWhole(number, SEED) >= this.#share * WORD;
  }

  /** An event is looked at. True: `end` wants to hear when that is over. */
  begin(): boolean {
    if (this.#budgetMs === 0 || ++this.#taken % TIMED_EVERY !== 0) return false;
    this.#startedMs = this.#clock.now();
    return true;
  }

  end(): void {
    const nowMs = this.#clock.now();
    this.#times[(this.#taken / TIMED_EVERY) % TIMES_KEPT] = nowMs - this.#startedMs;
    if (nowMs - this.#sinceMs >= PERIOD_MS) this.#turn(nowMs);
  }

  #turn(nowMs: number): void {
    const seconds = (nowMs - this.#sinceMs) / PERIOD_MS;
    const spentMs = (median(this.#times) * this.#taken) / seconds;
    const factor = Math.min(GROWTH_MAX, this.#budgetMs / Math.max(spentMs, Number.MIN_VALUE));
    this.#share = Math.min(1, Math.max(SHARE_MIN, this.#share * factor));
    this.#taken = 0;
    this.#times.length = 0;
    this.#sinceMs = nowMs;
  }
}

function median(times: readonly number[]): number {
  const sorted = times.filter((time) => time !== undefined).toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
