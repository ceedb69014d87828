/**
 * Plans that, when agents aggregated them, had nearly as many groups as events: their partials were
 * no smaller than the events, so the next time they are asked agents ship. Bounded; the plan noted
 * longest ago is forgotten first.
 */
import type { Flow } from './query-meter.ts';

/** With fewer events nothing can be said. */
const EVENTS_MIN = 1_000;
/** Groups a pane for each event in it; with fewer, aggregating pays. */
const GROUPS_SHARE_MAX = 0.5;

export class GroupMemory {
  readonly #plansMax: number;
  readonly #plans = new Set<string>();

  constructor(plansMax: number) {
    this.#plansMax = plansMax;
  }

  /** A query that agents aggregated has ended. */
  ended(fingerprint: string, { matched, merged }: Pick<Flow, 'matched' | 'merged'>): void {
    this.#plans.delete(fingerprint);
    if (matched < EVENTS_MIN || merged <= matched * GROUPS_SHARE_MAX) return;
    this.#plans.add(fingerprint);
    if (this.#plans.size <= this.#plansMax) return;
    for (const oldest of this.#plans) {
      this.#plans.delete(oldest);
      return;
    }
  }

  hasMany(fingerprint: string): boolean {
    return this.#plans.has(fingerprint);
  }
}
