/**
 * Tells the readers of one query how far its streams are, about once in `progressMs`, and when the
 * state of its sources changes. A message costs less than the write it needs, so progress rides
 * with the rows of a window where windows end often enough; by the clock alone, the queries of one
 * client are told of in the same turn.
 *
 * Bench: bench/fan-out.ts.
 */
import type { Config } from '../config.ts';
import type { QueryPlan } from '../ir/plan.ts';
import { hashText } from '../sketch/hash-text.ts';
import type { OpenCount } from '../window/home-partial.ts';
import type { Completeness } from '../wire/results.ts';
import type { Audience } from './audience.ts';
import type { CompletenessAccount } from './completeness-account.ts';
import type { Listeners } from './listeners.ts';
import type { SourceGroup } from './source-group.ts';

/** Of `progressMs`: with rows that come sooner after the last progress none rides. */
const RIDES_AFTER = 0.5;
/** Of `progressMs`: so long is waited for the rows of a window that are about to come. */
const WAITS = 1.25;

export interface ProgressParts {
  readonly plan: QueryPlan;
  readonly config: Config;
  readonly group: SourceGroup;
  readonly account: CompletenessAccount;
  readonly audience: Audience;
  readonly listeners: Listeners;
}

/** What there is to tell. */
export interface ProgressNow {
  readonly nowMs: number;
  readonly startedAtMs: number;
  /** Of the query since it began. */
  readonly seen: number;
  readonly matched: number;
  /** The window of a number of events that fills; null: there is none. */
  readonly open: OpenCount | null;
}

export class ProgressTeller {
  readonly #parts: ProgressParts;
  /** Some window is told about as often as progress is. */
  readonly #isOften: boolean;
  #lastMs = -Infinity;
  #dueMs = 0;
  #lastSource: Completeness['source'] | null = null;

  constructor(parts: ProgressParts) {
    this.#parts = parts;
    const { window } = parts.plan;
    const oftenMs = parts.config.progressMs * WAITS;
    this.#isOften = window.kind === 'time' && window.slideMs <= oftenMs;
  }

  get dueMs(): number {
    return this.#dueMs;
  }

  /** Rows of a closed window have just been told. */
  windowTold(now: ProgressNow): void {
    const { progressMs } = this.#parts.config;
    if (now.nowMs - this.#lastMs >= progressMs * RIDES_AFTER) this.tell(now);
  }

  tell(now: ProgressNow): void {
    const { account, audience, group, listeners } = this.#parts;
    const { nowMs, open } = now;
    this.#lastMs = nowMs;
    this.#dueMs = this.#nextMs(nowMs);
    if (audience.subscriptions.size + listeners.size === 0) return;
    const watermark = account.told(group.standing(nowMs).watermarkMs);
    const lagMs = watermark === 0 ? 0 : Math.max(0, Math.round(nowMs - watermark));
    const filling = open === null ? {} : { window: open };
    audience.tellAll({ type: 'progress', watermark, lagMs, ...filling });
    this.#tellSource(now);
  }

  #tellSource(now: ProgressNow): void {
    const { account, audience, listeners } = this.#parts;
    const { nowMs, startedAtMs } = now;
    const span = { startMs: startedAtMs, endMs: nowMs, final: false };
    const completeness = account.of(span, nowMs, now);
    if (this.#lastSource !== null && this.#lastSource !== completeness.source) {
      audience.tellAll({ type: 'completeness', completeness });
    }
    this.#lastSource = completeness.source;
    if (listeners.size > 0) listeners.source(completeness);
  }

  #nextMs(nowMs: number): number {
    const { audience, config } = this.#parts;
    const { progressMs } = config;
    if (this.#isOften) return nowMs + progressMs * WAITS;
    const phaseMs = phaseOf(audience.firstClient ?? '') % progressMs;
    return Math.floor((nowMs - phaseMs) / progressMs + 1) * progressMs + phaseMs;
  }
}

const HASH = { low: 0, high: 0 };

function phaseOf(client: string): number {
  hashText(client, HASH);
  return HASH.high;
}
