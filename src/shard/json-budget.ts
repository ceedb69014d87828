/**
 * What one JSON socket may send in a second. Text is the dearest form of an event, and a page's
 * token is anybody's, so one sender must not take a shard from all others. Beyond the budget events
 * are left out and counted as `rate_limit`; who goes on at twice the bytes, although each answer
 * says so, is sent away.
 */
import type { Config } from '../config.ts';
import type { ErrorCode } from '../core/errors.ts';
import { SecondBudget } from '../core/second-budget.ts';

export class JsonBudget {
  readonly #config: Config;
  readonly #events: SecondBudget;
  readonly #bytes: SecondBudget;
  readonly #flood: SecondBudget;

  constructor(config: Config) {
    this.#config = config;
    this.#events = new SecondBudget(config.jsonEventsPerSecondMax);
    this.#bytes = new SecondBudget(config.jsonBytesPerSecondMax);
    this.#flood = new SecondBudget(config.jsonBytesPerSecondMax * 2);
  }

  /**
   * One message: `whole` may be read, `late` is beyond what its second may have, and after `flood`
   * the sender goes.
   */
  message(text: string, nowMs: number): 'whole' | 'late' | 'flood' {
    const bytes = Buffer.byteLength(text);
    const isFlood = !this.#flood.admitWhole(bytes, nowMs);
    if (this.#bytes.admitWhole(bytes, nowMs)) return 'whole';
    return isFlood ? 'flood' : 'late';
  }

  /** How many of the events in a message may be taken; one without any counts as one. */
  events(count: number, nowMs: number): number {
    return this.#events.admit(Math.max(1, count), nowMs);
  }

  /** What a sender is told. */
  get fault(): string {
    const { jsonEventsPerSecondMax: events, jsonBytesPerSecondMax: bytes } = this.#config;
    const code: ErrorCode = 'LIMIT_RATE';
    return `${code}: more than ${events} events or ${bytes} bytes in a second`;
  }
}
