/**
 * The way of one source's events into a join: those that the side wants, as a batch of their own
 * whose columns are named as in joined rows. A stream that is joined with itself comes with what
 * either side wants, so each side's condition is tested again.
 */
import { createEvalCounters } from '../expr/context.ts';
import type { StreamSide } from '../ir/join.ts';
import { globMatches } from '../ir/glob.ts';
import { BatchView } from '../kernel/batch-view.ts';
import { ExchangedBatch } from '../kernel/exchanged-batch.ts';
import { FieldSet } from '../kernel/field-set.ts';
import { gatheredBytes, gatherFields } from '../kernel/gather-columns.ts';
import { compilePredicate } from '../kernel/predicate.ts';
import type { PredicateKernel } from '../kernel/predicate.ts';
import type { BatchField, EventBatch, Interner } from '../model/batch.ts';
import { grownUints } from '../sketch/typed-column.ts';
import type { AliasFields } from './join-paths.ts';
import type { BatchClock } from './project-rows.ts';

/** What goes into the join: every row of it, and what one takes up. */
export interface EnteredRows {
  readonly batch: EventBatch;
  readonly rowBytes: number;
}

export class JoinEntry {
  readonly fields: readonly BatchField[];
  readonly #side: StreamSide;
  readonly #interner: Interner;
  readonly #view: BatchView;
  readonly #numbers: readonly number[];
  readonly #where: PredicateKernel | null;
  #selected: Uint32Array = new Uint32Array(0);

  constructor(side: StreamSide, { fields, paths }: AliasFields, interner: Interner) {
    const set = new FieldSet();
    const { where } = side.source;
    this.fields = fields;
    this.#side = side;
    this.#interner = interner;
    this.#numbers = paths.map((path) => set.number(path));
    this.#where = where === null ? null : compilePredicate(where, set, createEvalCounters());
    this.#view = new BatchView(set);
  }

  reads(stream: string): boolean {
    return globMatches(this.#side.pattern, stream);
  }

  /** The n rows of a batch, which may be borrowed; null: the side wants none of them. */
  take(batch: EventBatch, rows: Uint32Array, n: number, clock: BatchClock): EnteredRows | null {
    const view = this.#view;
    if (view.bind(batch, clock.nowMs, clock.ingestMs) === 'not-covered') return null;
    let wanted = rows;
    let count = n;
    if (this.#where !== null) {
      this.#selected = grownUints(this.#selected, n);
      count = this.#where.select(view, rows, n, this.#selected);
      wanted = this.#selected;
    }
    if (count === 0) return null;
    const { fields } = this;
    const gathered = gatherFields(view, { numbers: this.#numbers, fields }, wanted, count);
    const rowBytes = Math.ceil(gatheredBytes(gathered) / count);
    return { batch: new ExchangedBatch(gathered, fields, this.#interner), rowBytes };
  }
}
