/**
 * Events lost on the way, by stream and reason, over all agents that ever were. Each of them counts
 * for itself, and from zero again with a new process or session; here only what they add is summed,
 * so that a total never shrinks and no new loss hides behind an agent that left. Beyond
 * `streamsMax` streams, all others share one page.
 */
import { increase } from './counts.ts';
import type { Counts } from './counts.ts';

export class LossTotals {
  readonly #streamsMax: number;
  readonly #byStream = new Map<string, Map<string, number>>();
  readonly #others = new Map<string, number>();

  constructor(streamsMax: number) {
    this.#streamsMax = streamsMax;
  }

  /** The stream's page, always the same map once it has one. */
  of(stream: string): ReadonlyMap<string, number> {
    return this.#byStream.get(stream) ?? this.#others;
  }

  /** One sender's cumulative counts went from `before` to `after`. */
  add(stream: string, before: Counts, after: Counts): void {
    for (const [reason, count] of Object.entries(increase(before, after))) {
      let totals = this.#byStream.get(stream);
      if (totals === undefined) {
        if (this.#byStream.size >= this.#streamsMax) totals = this.#others;
        else this.#byStream.set(stream, (totals = new Map()));
      }
      totals.set(reason, (totals.get(reason) ?? 0) + count);
    }
  }
}
