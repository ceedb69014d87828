/**
 * Where the windows of queries without keys are put together. Such a merge remembers nothing from
 * one window to the next, so queries that aggregate alike use the same one; ten thousand counters
 * need one and not ten thousand. It lives while one of the queries does.
 *
 * Bench: bench/many-queries.ts (memory of a query).
 */
import type { AggregateStage } from '../ir/plan.ts';
import { GroupMerge } from '../operator/merge-panes.ts';

export class KeylessMerges {
  readonly #merges = new Map<string, WeakRef<GroupMerge>>();
  readonly #ends = new FinalizationRegistry<string>((text) => this.#ended(text));

  /** Borrowed for one window at a time where the stage has no keys, else the caller's own. */
  of(stage: AggregateStage): GroupMerge {
    const { groupsMax } = stage;
    if (stage.keys.length > 0) return new GroupMerge(stage, { groupsMax });
    const text = JSON.stringify(stage);
    const known = this.#merges.get(text)?.deref();
    if (known !== undefined) return known;
    const merge = new GroupMerge(stage, { groupsMax });
    this.#merges.set(text, new WeakRef(merge));
    this.#ends.register(merge, text);
    return merge;
  }

  #ended(text: string): void {
    // A query may have come for it since.
    if (this.#merges.get(text)?.deref() === undefined) this.#merges.delete(text);
  }
}
