/**
 * What shards know of the set of queries: its epoch, and what has changed since the last one. A
 * change costs what changed, however many queries run; only a shard that begins hears of all.
 */
import type { QueryPlan } from '../ir/plan.ts';
import type { EdgeChoice } from '../plan/edge-aggregation.ts';
import type { PlannedQuery, ShardInput } from '../shard/messages.ts';

export interface BookedQuery {
  readonly stage: string;
  readonly plan: QueryPlan;
  readonly home: number | null;
  /** What one sender may take of a sample of so many events a second; null: there is none. */
  readonly share: number | null;
  readonly closedThroughMs: number;
  readonly edge: Pick<EdgeChoice, 'isEdge'>;
  readonly isStanding: boolean;
}

export class PlanBook<T extends BookedQuery> {
  #epoch = 0;
  readonly #added = new Set<T>();
  readonly #removed: string[] = [];
  readonly #moved = new Set<T>();

  get epoch(): number {
    return this.#epoch;
  }

  add(query: T): void {
    this.#added.add(query);
  }

  /**
   * The query's home stage is at another shard, its sample was dealt anew, or it began or ceased to
   * stand.
   */
  move(query: T): void {
    if (!this.#added.has(query)) this.#moved.add(query);
  }

  remove(query: T): void {
    this.#moved.delete(query);
    // What no epoch has told of needs no taking back.
    if (!this.#added.delete(query)) this.#removed.push(query.stage);
  }

  /** A new epoch, if there are changes; and the queries that begin with it. */
  advance(): { readonly message: ShardInput; readonly begun: readonly T[] } | null {
    if (this.#added.size + this.#removed.length + this.#moved.size === 0) return null;
    const begun = [...this.#added];
    const removed = this.#removed.splice(0);
    this.#added.clear();
    const moved = Array.from(this.#moved, planned);
    this.#moved.clear();
    const base = this.#epoch++;
    const added = begun.map(planned);
    const { epoch } = this;
    return { message: { type: 'plan-changes', epoch, base, added, removed, moved }, begun };
  }

  /** The whole set, for who has none of it; nothing may wait for the next epoch. */
  whole(queries: Iterable<T>): ShardInput {
    return { type: 'plans', epoch: this.#epoch, plans: Array.from(queries, planned) };
  }
}

function planned(query: BookedQuery): PlannedQuery {
  const { stage, plan, home, share, closedThroughMs, edge, isStanding } = query;
  const { isEdge } = edge;
  return { pipeline: stage, plan, home, share, closedThroughMs, isEdge, isStanding };
}
