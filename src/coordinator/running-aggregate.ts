/**
 * The value of an aggregate without a window since its subscription began: shards report in short
 * panes, which are merged here for good.
 */
import type { QueryPlan } from '../ir/plan.ts';
import type { ValueObject } from '../model/value.ts';
import { compileFinal } from '../operator/final.ts';
import type { Finish } from '../operator/final.ts';
import { GroupMerge } from '../operator/merge-panes.ts';
import { assert } from '../core/assert.ts';
import type { PanePartial } from '../window/pane-partial.ts';
import type { Completeness } from '../wire/results.ts';
import { ColumnNotes } from './column-notes.ts';

export class RunningAggregate {
  readonly #finish: Finish;
  readonly #merge: GroupMerge;
  readonly #columnNotes: ColumnNotes;
  #seen = 0;
  #matched = 0;

  constructor(plan: QueryPlan) {
    const stage = plan.aggregate;
    assert(stage !== null, () => 'a running value needs an aggregate stage');
    this.#finish = compileFinal(plan.final);
    this.#columnNotes = new ColumnNotes(plan);
    this.#merge = new GroupMerge(stage, { groupsMax: stage.groupsMax });
    if (stage.keys.length === 0) this.#merge.name([[]]);
  }

  get seen(): number {
    return this.#seen;
  }

  get matched(): number {
    return this.#matched;
  }

  /** With what is to be said of the values of the last {@link rows}. */
  noted(completeness: Completeness): Completeness {
    return this.#columnNotes.completed(completeness, this.#merge.notes);
  }

  add(panes: readonly PanePartial[]): void {
    for (const pane of panes) {
      this.#seen += pane.seen;
      this.#matched += pane.matched;
      if (pane.groups !== null) this.#merge.add(pane.groups);
    }
  }

  /** `elapsedMs`: since the subscription began; RATE divides by it. */
  rows(elapsedMs: number): readonly ValueObject[] {
    const context = { windowMs: elapsedMs, coveredMs: elapsedMs };
    return this.#finish(this.#merge.rows(context));
  }
}
