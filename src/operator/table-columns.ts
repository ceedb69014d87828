/**
 * A table as joins read it: its rows by key, and its columns by path, each made when first asked
 * for and kept for as long as this version of the table lives. Strings are codes, so that a joined
 * row costs a number.
 */
import type { FieldPath } from '../ir/expression.ts';
import { pathText } from '../ir/path-text.ts';
import { compilePath } from '../ir/path.ts';
import { TextsDictionary } from '../kernel/exchanged-batch.ts';
import { columnOfCells } from '../kernel/value-columns.ts';
import type { Column, Interner } from '../model/batch.ts';
import { groupKeyPart } from '../model/group-key.ts';
import { memberOf } from '../model/value-equality.ts';
import type { Value, ValueObject } from '../model/value.ts';

/** One version of a table, as it travels to shards: structured-clone-safe. */
export interface TableData {
  readonly name: string;
  /** Grows with every replacement. */
  readonly version: number;
  readonly keyColumn: string;
  /** The last of several rows with one key counts. */
  readonly rows: readonly ValueObject[];
}

/** No row. */
export const NO_ROW = -1;

export class TableColumns {
  readonly version: number;
  readonly keyColumn: string;
  readonly #rows: readonly ValueObject[];
  readonly #interner: Interner;
  readonly #byKey = new Map<string, number>();
  readonly #columns = new Map<string, Column>();

  constructor({ keyColumn, rows, version }: TableData, interner: Interner) {
    this.version = version;
    this.keyColumn = keyColumn;
    this.#rows = rows;
    this.#interner = interner;
    for (const [row, object] of rows.entries()) {
      const key = memberOf(object, keyColumn);
      if (key !== null) this.#byKey.set(groupKeyPart(key), row);
    }
  }

  /** {@link NO_ROW}: none has the key, or it is null. */
  rowOf(key: Value): number {
    if (key === null) return NO_ROW;
    return this.#byKey.get(groupKeyPart(key)) ?? NO_ROW;
  }

  /** What the rows hold at a path, one cell a row. */
  column(path: FieldPath): Column {
    const text = pathText(path);
    let column = this.#columns.get(text);
    if (column === undefined) {
      const read = compilePath(path);
      column = columnOfCells((row) => read(this.#rows[row]!), this.#rows.length, this.#interner);
      this.#columns.set(text, column);
    }
    return column;
  }

  /** Ids of the shard's strings that its columns know; these must not be swept. */
  *stringIds(): Iterable<number> {
    for (const column of this.#columns.values()) {
      if (column.kind !== 'dict' || !(column.dictionary instanceof TextsDictionary)) continue;
      yield* column.dictionary.knownIds;
    }
  }
}
