/** One side of a windowed join: its rows, and the keys by which they are found. */
import { createEvalCounters } from '../expr/context.ts';
import type { Expression } from '../ir/expression.ts';
import { BatchView } from '../kernel/batch-view.ts';
import { FieldSet } from '../kernel/field-set.ts';
import { mixColumn } from '../kernel/key-hashes.ts';
import { RowExpression } from '../kernel/row-expression.ts';
import type { BatchField, CellReader, EventBatch } from '../model/batch.ts';
import { valuesEqual } from '../model/value-equality.ts';
import type { Value } from '../model/value.ts';
import { grownUints } from '../sketch/typed-column.ts';
import { JoinStore } from './join-store.ts';
import type { StoredBatch } from './join-store.ts';
import type { BatchClock } from './project-rows.ts';

export class JoinSideState {
  readonly store: JoinStore;
  readonly fields: readonly BatchField[];
  readonly #set = new FieldSet();
  /** The field that a member of the key is; null: it is computed. */
  readonly #plain: readonly (number | null)[];
  readonly #computed: readonly RowExpression[];
  #hashes: Uint32Array = new Uint32Array(0);

  /** `keys`: over rows with the columns `fields`. */
  constructor(keys: readonly Expression[], fields: readonly BatchField[], withinMs: number) {
    const counters = createEvalCounters();
    this.store = new JoinStore(withinMs);
    this.fields = fields;
    this.#plain = keys.map((key) => (key.op === 'field' ? this.#set.number(key.path) : null));
    this.#computed = keys.map((key) => new RowExpression(key, this.#set, counters));
  }

  /** A batch that is not borrowed, with the readers of its keys. */
  read(batch: EventBatch, rowBytes: number, clock: BatchClock): StoredBatch & KeyedRows {
    const view = new BatchView(this.#set);
    view.bind(batch, clock.nowMs, clock.ingestMs);
    const keys = this.#plain.map((field, i) =>
      field === null ? valuesOf(this.#computed[i]!, view) : view.reader(field),
    );
    this.#hashes = grownUints(this.#hashes, batch.rows);
    this.#hashes.fill(1, 0, batch.rows);
    for (const [i, field] of this.#plain.entries()) {
      const column = field === null ? null : view.column(field);
      mixColumn(column, keys[i]!, batch.rows, this.#hashes);
    }
    return { batch, keys, rowBytes, hashes: this.#hashes };
  }
}

export interface KeyedRows {
  /** Of the rows; borrowed until the next batch. */
  readonly hashes: Uint32Array;
}

/** The hashes of the two are equal. */
export function keysEqual(a: StoredBatch, rowA: number, b: StoredBatch, rowB: number): boolean {
  for (let k = 0; k < a.keys.length; k++) {
    const value = a.keys[k]!(rowA);
    if (value === null || !valuesEqual(value, b.keys[k]!(rowB))) return false;
  }
  return true;
}

/** Computed once: the expression is bound to the next batch soon. */
function valuesOf(expression: RowExpression, view: BatchView): CellReader {
  expression.bind(view);
  const values: Value[] = [];
  for (let row = 0; row < view.batch.rows; row++) values.push(expression.value(row));
  return (row) => values[row] ?? null;
}
