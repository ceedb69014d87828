/**
 * Where an agent connects to: the first of its engines that answers. A connection that is lost is
 * tried for again at the start of the list; if it was the first engine's, that one has some time to
 * come back before others are asked, so that a restart does not send a fleet elsewhere.
 */
export class Addresses {
  readonly #urls: readonly string[];
  #at = 0;
  #lastUrl = '';
  /** Where a `moveTo` asked us to go; for one attempt. */
  #movedUrl: string | null = null;
  /** Until then only the first is asked. */
  #graceUntilMs = -Infinity;

  constructor(urls: string | readonly string[]) {
    const list = typeof urls === 'string' ? [urls] : urls;
    this.#urls = list.length === 0 ? [''] : list;
  }

  /** For the next attempt. */
  take(): string {
    const url = this.#movedUrl ?? this.#urls[this.#at]!;
    this.#movedUrl = null;
    this.#lastUrl = url;
    return url;
  }

  /** Null: where the last attempt led. */
  moveTo(url: string | null): void {
    this.#movedUrl = url ?? this.#lastUrl;
    this.#at = 0;
  }

  /** A connection that stood is over; `graceMs`: how long the first may take to come back. */
  lost(nowMs: number, graceMs: number): void {
    if (this.#at === 0) this.#graceUntilMs = nowMs + graceMs;
    this.#at = 0;
  }

  /** An attempt came to nothing. True: all have been asked, and it is time to wait longer. */
  failed(nowMs: number): boolean {
    if (nowMs < this.#graceUntilMs) return true;
    this.#at = (this.#at + 1) % this.#urls.length;
    return this.#at === 0;
  }
}
