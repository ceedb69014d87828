/**
 * Knows what events cost, and keeps an agent within its share of a core: one event in so many is
 * timed, the median of a second times its events is what they cost, and if that is beyond the
 * budget only a share of the next events is looked at. What is left out is counted (`agent_shed`),
 * so that results say so. Standing queries, which feed alerts, come last: only when next to nothing
 * is looked at for all others do they get a share, too, and they have all again first. The median,
 * because a service's own pauses fall into some measurements.
 */
import type { Clock } from '../src/core/clock.ts';
import { murmurOfWhole, WORD } from '../src/edge/sample-hash.ts';
import { EventCosts } from './event-costs.ts';

const PERIOD_MS = 1_000;
/** The first events under new queries are all timed: such may be dear. */
const TIMED_FIRST = 16;
/** However little may be spent, this share of the events is looked at. */
const SHARE_MIN = 1 / 1_024;
/** In calm seconds the share grows by no more than this. */
const GROWTH_MAX = 2;
/** So much of a second's budget may be gone before the second is over. */
const SPENT_MAX = 1.5;
/** Shorter spans say nothing of a rate. */
const MOMENT_MS = 50;
const SEED = 0x5eed;

/** For whom an event is looked at. */
export const LOOK = { nobody: 0, standing: 1, all: 2 } as const;

export type Look = (typeof LOOK)[keyof typeof LOOK];

/** Which kinds of queries an agent runs. */
export interface QueryKinds {
  readonly standing: boolean;
  readonly adHoc: boolean;
}

export class CpuGuard {
  readonly #clock: Clock;
  /** Milliseconds of a second; 0: no bound. */
  #budgetMs = 0;
  readonly #costs = new EventCosts();
  readonly #standingCosts = new EventCosts();
  /** Of the event that is being timed. */
  #timed = this.#costs;
  /** Of the events, that are looked at for standing queries. */
  #share = 1;
  /** Of the events, that are looked at for all; never more. */
  #adHocShare = 1;
  #kinds: QueryKinds = { standing: false, adHoc: true };
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
    if (percent > 0) return;
    this.#share = 1;
    this.#adHocShare = 1;
  }

  /** Of the events, 0 … 1: what is looked at now, for standing queries and for all. */
  get shares(): { readonly standing: number; readonly adHoc: number } {
    return { standing: this.#share, adHoc: this.#adHocShare };
  }

  /** What events took so far, in milliseconds, about. */
  get costMs(): number {
    return this.#earlierMs + this.#spentMs();
  }

  /** For whom event `number` of its stream is looked at. */
  admits(number: number): Look {
    if (this.#adHocShare === 1) return LOOK.all;
    const place = murmurOfWhole(number, SEED) / WORD;
    if (place < this.#adHocShare) return LOOK.all;
    return place < this.#share ? LOOK.standing : LOOK.nobody;
  }

  /** The queries are others, and what an event costs may be another. */
  replanned(kinds: QueryKinds): void {
    this.#newQueries = TIMED_FIRST;
    this.#kinds = kinds;
  }

  /** An event is looked at. True: `end` wants to hear when that is over. */
  begin(look: Look): boolean {
    const costs = look === LOOK.standing ? this.#standingCosts : this.#costs;
    if (!costs.take() && this.#newQueries === 0) return false;
    this.#timed = costs;
    this.#startedMs = this.#clock.now();
    return true;
  }

  end(): void {
    const nowMs = this.#clock.now();
    if (this.#newQueries > 0) this.#newQueries--;
    const tookMs = nowMs - this.#startedMs;
    this.#timed.add(tookMs);
    if (nowMs - this.#sinceMs >= PERIOD_MS || this.#isSpent(tookMs)) this.#turn(nowMs);
  }

  /** The budget is gone long before the second is over; all is added up only if it may be. */
  #isSpent(tookMs: number): boolean {
    if (this.#budgetMs === 0) return false;
    const boundMs = SPENT_MAX * this.#budgetMs;
    return this.#timed.guessMs(tookMs) > boundMs && this.#spentMs() > boundMs;
  }

  /** Since the last turn, about. */
  #spentMs(): number {
    return this.#costs.spentMs + this.#standingCosts.spentMs;
  }

  #turn(nowMs: number): void {
    const seconds = Math.max(MOMENT_MS, nowMs - this.#sinceMs) / PERIOD_MS;
    const spentMs = this.#spentMs();
    this.#earlierMs += spentMs;
    if (this.#budgetMs > 0) this.#reshare(spentMs / seconds);
    this.#costs.begin();
    this.#standingCosts.begin();
    this.#sinceMs = nowMs;
  }

  #reshare(perSecondMs: number): void {
    const factor = Math.min(GROWTH_MAX, this.#budgetMs / Math.max(perSecondMs, Number.MIN_VALUE));
    const isTold = this.#kinds.adHoc && this.#kinds.standing;
    // The last that is taken away is the first that is given back.
    const isAdHoc = factor < 1 ? this.#adHocShare > SHARE_MIN : this.#share === 1;
    if (isTold && isAdHoc) {
      this.#adHocShare = bounded(this.#adHocShare * factor);
      return;
    }
    this.#share = bounded(this.#share * factor);
    this.#adHocShare = isTold ? Math.min(this.#adHocShare, this.#share) : this.#share;
  }
}

function bounded(share: number): number {
  return Math.min(1, Math.max(SHARE_MIN, share));
}
