/**
 * Knows what events cost, and keeps an agent within its share of a core: one event in so many is
 * timed, the median of a second times its events is what they cost, and if that is beyond the
 * budget only a share of the next events is looked at. What is left out is counted (`agent_shed`),
 * so that results say so. The median, because a service's own pauses fall into some measurements.
 */
import type { Clock } from '../src/core/clock.ts';
import { murmurOfWhole, WORD } from '../src/edge/sample-hash.ts';

/** Every so many events one is timed. */
const TIMED_EVERY = 64;
const TIMES_KEPT = 64;
const PERIOD_MS = 1_000;
/** The first events under new queries are all timed: such may be dear. */
const TIMED_FIRST = 16;
/** However little may be spent, this share of the events is looked at. */
const SHARE_MIN = 1 / 1_024;
/** In calm seconds the share grows by no more than this. */
const GROWTH_MAX = 2;
/** So much of a second's budget may be gone before the second is over. */
const SPENT_MAX = 1.5;
/** Of fewer, one pause would be the median. */
const TIMES_MIN = 4;
/** Shorter spans say nothing of a rate. */
const MOMENT_MS = 50;
const SEED = 0x5eed;

export class CpuGuard {
  readonly #clock: Clock;
  /** Milliseconds of a second; 0: no bound. */
  #budgetMs = 0;
  readonly #times: number[] = [];
  #timed = 0;
  #share = 1;
  #taken = 0;
  #newQueries = 0;
  #sinceMs: number;
  #startedMs = 0;
  /** Of all turns that are over. */
  #earlierMs = 0;

  /** `percent` of one core; 0: there is no bound. */
  constructor(clock: Clock, percent: number) {
    this.#clock = clock;
    this.#sinceMs = clock.now();
    this.percent = percent;
  }

  set percent(percent: number) {
    this.#budgetMs = (percent / 100) * PERIOD_MS;
    if (percent === 0) this.#share = 1;
  }

  /** Of the events, 0 … 1: what is looked at now. */
  get share(): number {
    return this.#share;
  }

  /** What events took so far, in milliseconds, about. */
  get costMs(): number {
    return this.#earlierMs + (this.#timed === 0 ? 0 : this.#spentMs());
  }

  /** Whether event `number` of its stream is left out. */
  skips(number: number): boolean {
    return this.#share < 1 && murmurOfWhole(number, SEED) >= this.#share * WORD;
  }

  /** What an event costs may be another from now on. */
  replanned(): void {
    this.#newQueries = TIMED_FIRST;
  }

  /** An event is looked at. True: `end` wants to hear when that is over. */
  begin(): boolean {
    if (++this.#taken % TIMED_EVERY !== 0 && this.#newQueries === 0) return false;
    this.#startedMs = this.#clock.now();
    return true;
  }

  end(): void {
    const nowMs = this.#clock.now();
    if (this.#newQueries > 0) this.#newQueries--;
    const tookMs = nowMs - this.#startedMs;
    this.#times[this.#timed++ % TIMES_KEPT] = tookMs;
    if (nowMs - this.#sinceMs >= PERIOD_MS || this.#isSpent(tookMs)) this.#turn(nowMs);
  }

  /** The budget is gone long before the second is over; the median is asked only if it may be. */
  #isSpent(tookMs: number): boolean {
    if (this.#budgetMs === 0) return false;
    const boundMs = SPENT_MAX * this.#budgetMs;
    if (tookMs * this.#taken <= boundMs || this.#timed < TIMES_MIN) return false;
    return this.#spentMs() > boundMs;
  }

  /** Since the last turn, about. */
  #spentMs(): number {
    return median(this.#times) * this.#taken;
  }

  #turn(nowMs: number): void {
    const seconds = Math.max(MOMENT_MS, nowMs - this.#sinceMs) / PERIOD_MS;
    const spentMs = this.#spentMs();
    this.#earlierMs += spentMs;
    if (this.#budgetMs > 0) this.#reshare(spentMs / seconds);
    this.#taken = 0;
    this.#timed = 0;
    this.#times.length = 0;
    this.#sinceMs = nowMs;
  }

  #reshare(perSecondMs: number): void {
    const factor = Math.min(GROWTH_MAX, this.#budgetMs / Math.max(perSecondMs, Number.MIN_VALUE));
    this.#share = Math.min(1, Math.max(SHARE_MIN, this.#share * factor));
  }
}

function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
