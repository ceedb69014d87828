/**
 * A batch with columns of a table beside its own: row i has the table's row `rowOf[i]`, or nulls
 * where that is negative. Columns are gathered when they are first read.
 */
import type { BatchField, Column, EventBatch, TimeSpan } from '../model/batch.ts';
import { cellReader } from '../wire/cell-reader.ts';
import type { Value } from '../model/value.ts';
import { valuesColumn } from './gather-columns.ts';
import { allRows } from './selection.ts';

/** `columns`: over the rows of the table; null: there is none. */
export interface TableRows {
  readonly columns: readonly (Column | null)[];
  readonly rowOf: Int32Array;
}

export class LookedUpBatch implements EventBatch {
  readonly stream: string;
  readonly agentId: string;
  readonly firstSequence: number;
  readonly sequences?: Float64Array;
  readonly rows: number;
  readonly times: Float64Array;
  readonly span: TimeSpan;
  readonly fields: readonly BatchField[];
  readonly senderOf?: (row: number) => string;
  readonly #base: EventBatch;
  readonly #table: TableRows;
  #made: (Column | undefined)[] = [];

  /** `fields`: those of the base, then one a column of the table. */
  constructor(base: EventBatch, fields: readonly BatchField[], table: TableRows) {
    this.stream = base.stream;
    this.agentId = base.agentId;
    this.firstSequence = base.firstSequence;
    if (base.sequences !== undefined) this.sequences = base.sequences;
    if (base.senderOf !== undefined) this.senderOf = (row) => base.senderOf?.(row) ?? '';
    this.rows = base.rows;
    this.times = base.times;
    this.span = base.span;
    this.fields = fields;
    this.#base = base;
    this.#table = table;
  }

  column(index: number): Column {
    const own = index - this.#base.fields.length;
    if (own < 0) return this.#base.column(index);
    return (this.#made[own] ??= this.#gather(this.#table.columns[own] ?? null));
  }

  /** `rowOf` has changed: what was gathered no longer holds. */
  forget(): void {
    this.#made = [];
  }

  #gather(column: Column | null): Column {
    const { rowOf } = this.#table;
    if (column === null) return { kind: 'null' };
    switch (column.kind) {
      case 'null':
        return column;
      case 'dict': {
        const codes = new Uint16Array(this.rows);
        for (let i = 0; i < this.rows; i++) if (rowOf[i]! >= 0) codes[i] = column.codes[rowOf[i]!]!;
        return { kind: 'dict', codes, dictionary: column.dictionary };
      }
      case 'f64': {
        const values = new Float64Array(this.rows).fill(Number.NaN);
        for (let i = 0; i < this.rows; i++) {
          if (rowOf[i]! >= 0) values[i] = column.values[rowOf[i]!]!;
        }
        return { kind: 'f64', values };
      }
      default: {
        const read = cellReader(column);
        const readOf = (i: number): Value => (rowOf[i]! < 0 ? null : read(rowOf[i]!));
        return valuesColumn(readOf, allRows(this.rows), this.rows);
      }
    }
  }
}
