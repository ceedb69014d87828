/**
 * A join with a table: to every row the table's row of its key, or none. A key that comes from a
 * dictionary is looked up once an entry and version of the table, and not once a row.
 * Bench: bench/join.ts.
 */
import { createEvalCounters } from '../expr/context.ts';
import type { TableJoin } from '../ir/join.ts';
import { BatchView } from '../kernel/batch-view.ts';
import { FieldSet } from '../kernel/field-set.ts';
import { LookedUpBatch } from '../kernel/looked-up-batch.ts';
import { compilePredicate } from '../kernel/predicate.ts';
import type { PredicateKernel } from '../kernel/predicate.ts';
import { RowExpression } from '../kernel/row-expression.ts';
import type { BatchField, Dictionary, EventBatch } from '../model/batch.ts';
import { grownUints } from '../sketch/typed-column.ts';
import type { AliasFields } from './join-paths.ts';
import type { BatchClock } from './project-rows.ts';
import { NO_ROW } from './table-columns.ts';
import type { TableColumns } from './table-columns.ts';

interface KnownCodes {
  readonly generation: number;
  readonly version: number;
  /** By code; UNKNOWN until it is first met. */
  rows: Int32Array;
}

const UNKNOWN = -2;

export interface LookedUp {
  readonly batch: EventBatch;
  /** The rows that stand, ascending; borrowed until the next batch. */
  readonly rows: Uint32Array;
  readonly n: number;
}

export class TableLookup {
  /** Of what comes out. */
  readonly fields: readonly BatchField[];
  readonly #step: TableJoin;
  readonly #own: AliasFields;
  readonly #field: number | null;
  readonly #computed: RowExpression;
  readonly #view: BatchView;
  readonly #on: { readonly predicate: PredicateKernel; readonly view: BatchView } | null;
  #known = new WeakMap<Dictionary, KnownCodes>();
  #selected: Uint32Array = new Uint32Array(0);

  /** `fields`: columns of the rows that come in, the same list for all batches. */
  constructor(step: TableJoin, own: AliasFields, fields: readonly BatchField[]) {
    const set = new FieldSet();
    this.fields = [...fields, ...own.fields];
    this.#step = step;
    this.#own = own;
    this.#field = step.key.op === 'field' ? set.number(step.key.path) : null;
    this.#computed = new RowExpression(step.key, set, createEvalCounters());
    this.#view = new BatchView(set);
    this.#on = step.on === null ? null : compileOn(step.on);
  }

  /** Null for a table: it is gone, or has another key column; nothing is found. */
  lookUp(
    batch: EventBatch,
    selected: { readonly rows: Uint32Array; readonly n: number },
    table: TableColumns | null,
    clock: BatchClock,
  ): LookedUp {
    const { keyColumn, type } = this.#step;
    const usable = table?.keyColumn === keyColumn ? table : null;
    const found = new Int32Array(batch.rows).fill(NO_ROW);
    this.#view.bind(batch, clock.nowMs, clock.ingestMs);
    if (usable !== null) this.#find(selected, usable, found);
    const columns = this.#own.paths.map((path) => usable?.column(path) ?? null);
    const joined = new LookedUpBatch(batch, this.fields, { columns, rowOf: found });
    if (this.#on !== null) this.#decide(joined, selected, found, clock);
    if (type === 'left') return { batch: joined, ...selected };
    this.#selected = grownUints(this.#selected, selected.n);
    let n = 0;
    for (let i = 0; i < selected.n; i++) {
      const row = selected.rows[i]!;
      if (found[row] !== NO_ROW) this.#selected[n++] = row;
    }
    return { batch: joined, rows: this.#selected, n };
  }

  #find(
    { rows, n }: { readonly rows: Uint32Array; readonly n: number },
    table: TableColumns,
    found: Int32Array,
  ): void {
    const column = this.#field === null ? null : this.#view.column(this.#field);
    if (column?.kind === 'dict') {
      const { codes, dictionary } = column;
      const known = this.#codesOf(dictionary, table);
      for (let i = 0; i < n; i++) {
        const row = rows[i]!;
        const code = codes[row]!;
        if (known[code] === UNKNOWN) known[code] = table.rowOf(dictionary.text(code));
        found[row] = known[code]!;
      }
      return;
    }
    if (this.#field !== null) {
      const read = this.#view.reader(this.#field);
      for (let i = 0; i < n; i++) found[rows[i]!] = table.rowOf(read(rows[i]!));
      return;
    }
    this.#computed.bind(this.#view);
    for (let i = 0; i < n; i++) found[rows[i]!] = table.rowOf(this.#computed.value(rows[i]!));
  }

  #codesOf(dictionary: Dictionary, { version }: TableColumns): Int32Array {
    const { generation, size } = dictionary;
    let known = this.#known.get(dictionary);
    if (known?.generation !== generation || known.version !== version) {
      known = { generation, version, rows: new Int32Array(size).fill(UNKNOWN) };
      known.rows[0] = NO_ROW;
      this.#known.set(dictionary, known);
    }
    if (known.rows.length < size) {
      const grown = new Int32Array(size * 2).fill(UNKNOWN);
      grown.set(known.rows);
      known.rows = grown;
    }
    return known.rows;
  }

  /** Rows for which ON does not hold have found nothing. */
  #decide(
    joined: LookedUpBatch,
    { rows, n }: { readonly rows: Uint32Array; readonly n: number },
    found: Int32Array,
    clock: BatchClock,
  ): void {
    if (this.#on === null) return;
    const { predicate, view } = this.#on;
    view.bind(joined, clock.nowMs, clock.ingestMs);
    const holds = new Uint32Array(n);
    const kept = predicate.select(view, rows, n, holds);
    for (let i = 0, at = 0; i < n; i++) {
      if (at < kept && holds[at] === rows[i]) at++;
      else found[rows[i]!] = NO_ROW;
    }
    joined.forget();
  }
}

function compileOn(on: NonNullable<TableJoin['on']>): {
  readonly predicate: PredicateKernel;
  readonly view: BatchView;
} {
  const set = new FieldSet();
  const predicate = compilePredicate(on, set, createEvalCounters());
  return { predicate, view: new BatchView(set) };
}
