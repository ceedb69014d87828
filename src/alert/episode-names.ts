/**
 * From when on the episodes of a rule may be named. An episode is named after the moment that
 * opened it; clocks may be set back, and what is known of an alert is let go when it has been well.
 * So of every rule one moment is kept, across restarts: episodes that were forgotten opened no
 * later, and whoever is new opens later.
 */
export class EpisodeNames {
  /** Rule → opening of its newest episode that nothing else remembers, ms UTC. */
  readonly #throughMs = new Map<string, number>();

  /** 0: no episode of the rule was forgotten. */
  throughMs(rule: string): number {
    return this.#throughMs.get(rule) ?? 0;
  }

  /** An episode that opened at `openedMs` is forgotten; true if that is news worth keeping. */
  forget(rule: string, openedMs: number): boolean {
    if (openedMs <= this.throughMs(rule)) return false;
    this.#throughMs.set(rule, openedMs);
    return true;
  }
}
