/** One window that ended at a query's home shard as result rows: groups capped, final stage run. */
import type { StageNotes } from '../aggregate/stage-notes.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { Value, ValueObject } from '../model/value.ts';
import { compileFinal } from '../operator/final.ts';
import type { Finish } from '../operator/final.ts';
import { GroupMerge } from '../operator/merge-panes.ts';
import type { HomeWindow } from '../window/home-partial.ts';

export class HomeAnswer {
  readonly #finish: Finish;
  readonly #merge: GroupMerge | null;

  constructor({ aggregate, final }: QueryPlan) {
    this.#finish = compileFinal(final);
    this.#merge =
      aggregate === null ? null : new GroupMerge(aggregate, { groupsMax: aggregate.groupsMax });
  }

  /** What is to be said of the values of the last {@link rows}; null: nothing is aggregated. */
  get notes(): StageNotes | null {
    return this.#merge?.notes ?? null;
  }

  rows(window: HomeWindow): readonly ValueObject[] {
    const { startMs, endMs } = window;
    return this.#finish(this.#slotRows(window), { window_start: startMs, window_end: endMs });
  }

  #slotRows({ startMs, endMs, groups, rows }: HomeWindow): readonly (readonly Value[])[] {
    const merge = this.#merge;
    if (merge === null || groups === null) return rows.map(({ slots }) => slots);
    merge.reset();
    merge.add(groups);
    // RATE divides by the time from the first event to the last; of one moment it is null.
    const lengthMs = endMs - 1 - startMs;
    return merge.rows({ windowMs: lengthMs, coveredMs: lengthMs });
  }
}
