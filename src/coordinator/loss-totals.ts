/**
 * Events lost on the way, by stream and reason, over all agents that ever were. Each of them counts
 * for itself, and from zero again with a new process or session; here only what they add is summed,
 * so that a total never shrinks and no new loss hides behind an agent that left. Bounded by the
 * streams that an engine knows.
 */
type Counts = Readonly<Record<string, number>>;

export class LossTotals {
  readonly #streamsMax: number;
  readonly #byStream = new Map<string, Map<string, number>>();

  constructor(streamsMax: number) {
    this.#streamsMax = streamsMax;
  }

  of(stream: string): ReadonlyMap<string, number> {
    return this.#byStream.get(stream) ?? new Map<string, number>();
  }

  /** One sender's cumulative counts went from `before` to `after`. */
  add(stream: string, before: Counts, after: Counts): void {
    for (const [reason, count] of Object.entries(increase(before, after))) {
      let totals = this.#byStream.get(stream);
      if (totals === undefined) {
        if (this.#byStream.size >= this.#streamsMax) return;
        this.#byStream.set(stream, (totals = new Map()));
      }
      totals.set(reason, (totals.get(reason) ?? 0) + count);
    }
  }
}

/** What `after` counts beyond `before`, by reason, without zeros. */
export function increase(before: Counts, after: Counts): Record<string, number> {
  const grown: Record<string, number> = {};
  for (const [reason, count] of Object.entries(after)) {
    const delta = count - (Object.hasOwn(before, reason) ? (before[reason] ?? 0) : 0);
    if (delta > 0) grown[reason] = delta;
  }
  return grown;
}
