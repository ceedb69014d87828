/**
 * What an agent says that our queries cost the process it lives in, as a share of a core: the
 * difference of two heartbeats at least a second apart, by the agent's own clock.
 */

/** Shorter spans say more about pauses than about queries. */
const SPAN_MS_MIN = 1_000;

export class AgentCost {
  #percent: number | null = null;
  /** Null: nothing to compare with yet. */
  #before: { readonly sentAtMs: number; readonly busyMs: number } | null = null;

  /** Null: not told, or not for long enough. */
  get percent(): number | null {
    return this.#percent;
  }

  /** `busyMs` is cumulative; null: the agent does not measure it. */
  told(sentAtMs: number, busyMs: number | null): void {
    const before = this.#before;
    if (busyMs === null) {
      this.#percent = null;
      this.#before = null;
      return;
    }
    if (before !== null) {
      const spanMs = sentAtMs - before.sentAtMs;
      // A clock that was set back: this beat is the first.
      if (spanMs >= 0 && spanMs < SPAN_MS_MIN) return;
      const tookMs = Math.max(0, busyMs - before.busyMs);
      this.#percent = spanMs < 0 ? null : Math.min(100, (tookMs / spanMs) * 100);
    }
    this.#before = { sentAtMs, busyMs };
  }
}
