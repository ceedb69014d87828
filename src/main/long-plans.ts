/**
 * Plans of long query texts, made in the pool. Who must have a plan at once (alert rules) has its
 * texts prepared: they are planned there first, and found here for a moment after.
 */
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { Value } from '../model/value.ts';
import { canonicalJson } from '../plan/fingerprint.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { PlanPool } from './plan-pool.ts';
import { planTask, POOL_TEXT_LENGTH } from './plan-task.ts';
import type { KnownToEngine, MadePlan } from './plan-task.ts';

export interface LongPlansParts {
  readonly pool: PlanPool;
  readonly config: Config;
  readonly clock: Clock;
  readonly known: () => KnownToEngine;
  /** On this thread. */
  readonly planHere: (query: string, params: Readonly<Record<string, Value>>) => PlannedQuery;
}

/** So long a prepared plan is found: what it says of streams may be that old. */
const PREPARED_MS = 10_000;
const PREPARED_MAX = 256;

export class LongPlans {
  readonly #parts: LongPlansParts;
  readonly #prepared = new Map<string, { readonly planned: PlannedQuery; readonly atMs: number }>();

  constructor(parts: LongPlansParts) {
    this.#parts = parts;
  }

  /** Never rejects: a pool that is full or failed leaves the work to this thread. */
  async plan(query: string, params: Readonly<Record<string, Value>>): Promise<PlannedQuery> {
    const { config, known, planHere, pool } = this.#parts;
    try {
      return await pool.plan(planTask({ query, params, config }, known()));
    } catch {
      // The answer matters more than the delay; the text is bounded (64 KB).
      return planHere(query, params);
    }
  }

  /** Plans those of the texts that are long. Never rejects. */
  async prepare(queries: readonly string[]): Promise<void> {
    const long = queries.filter((query) => query.length > POOL_TEXT_LENGTH);
    for (const query of new Set(long.slice(0, PREPARED_MAX))) {
      this.keep([{ query, params: {}, planned: await this.plan(query, {}) }]);
    }
  }

  /** Plans that were made elsewhere: they are found for a moment, and the oldest make room. */
  keep(plans: readonly MadePlan[]): void {
    const atMs = this.#parts.clock.now();
    for (const { params, planned, query } of plans) {
      const key = keyOf(query, params);
      this.#prepared.delete(key);
      this.#prepared.set(key, { planned, atMs });
      if (this.#prepared.size <= PREPARED_MAX) continue;
      const [oldest = ''] = this.#prepared.keys();
      this.#prepared.delete(oldest);
    }
  }

  /** What was prepared of a text not long ago; null: nothing. */
  prepared(query: string, params: Readonly<Record<string, Value>> = {}): PlannedQuery | null {
    if (query.length <= POOL_TEXT_LENGTH) return null;
    const key = keyOf(query, params);
    const found = this.#prepared.get(key);
    if (found === undefined) return null;
    if (this.#parts.clock.now() - found.atMs <= PREPARED_MS) return found.planned;
    this.#prepared.delete(key);
    return null;
  }
}

function keyOf(query: string, params: Readonly<Record<string, Value>>): string {
  return `${canonicalJson(params)} ${query}`;
}
