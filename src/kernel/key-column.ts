/**
 * One key of GROUP BY as a column of atoms: 32-bit numbers that stand for values, equal only for
 * equal values. A string of a dictionary is its id in the shard's table; every other value gets a
 * number of its own with the top bit set. One value may have two atoms (a string that comes from a
 * dictionary here and as plain text there); the group table above settles that.
 */
import type { EvalCounters } from '../expr/context.ts';
import type { Expression } from '../ir/expression.ts';
import { groupKeyPart } from '../model/group-key.ts';
import type { CellReader, Column, DictionaryColumn } from '../model/batch.ts';
import type { Value } from '../model/value.ts';
import { grownUints } from '../sketch/typed-column.ts';
import type { BatchView } from './batch-view.ts';
import type { FieldSet } from './field-set.ts';
import { NumberAtoms } from './number-atoms.ts';
import { RowExpression } from './row-expression.ts';
import { isAllRows } from './selection.ts';

/** Of null, missing, and dictionary code 0. */
const NULL_ATOM = 0;
const LOCAL = 0x8000_0000;
/** A value that was not given an atom because the table is full. */
export const UNKNOWN_ATOM = 0xffff_ffff;

/** True if an atom is an id of the shard's string table. */
export function isStringId(atom: number): boolean {
  return atom !== NULL_ATOM && atom < LOCAL;
}

export class KeyColumn {
  readonly #field: number | null;
  readonly #row: RowExpression;
  readonly #numbers = new NumberAtoms();
  readonly #texts = new Map<string, number>();
  #atoms: Uint32Array = new Uint32Array(0);
  #given = 0;
  /** Made when a value of the bound batch is asked for: most batches bring no new group. */
  #read: CellReader | null = null;
  #view: BatchView | null = null;

  constructor(expression: Expression, fields: FieldSet, counters: EvalCounters) {
    this.#field = expression.op === 'field' ? fields.number(expression.path) : null;
    this.#row = new RowExpression(expression, fields, counters);
  }

  /** To be called for every batch before anything else. */
  bind(view: BatchView): void {
    this.#view = view;
    this.#read = null;
    if (this.#field === null) this.#row.bind(view);
  }

  value(row: number): Value {
    if (this.#field === null) return this.#row.value(row);
    this.#read ??= this.#view!.reader(this.#field);
    return this.#read(row);
  }

  /**
   * Atoms of the n selected rows; borrowed until the next call. With `full`, values that are new
   * get {@link UNKNOWN_ATOM}, so that memory stays bounded.
   */
  atoms(view: BatchView, rows: Uint32Array, n: number, full: boolean): Uint32Array {
    this.#atoms = grownUints(this.#atoms, n);
    const column = this.columnOf(view);
    switch (column?.kind) {
      case 'dict':
        dictionaryAtoms(column, rows, n, this.#atoms);
        break;
      case 'f64':
      case 'i32':
        this.#numberAtoms(column.values, rows, n, full);
        break;
      case 'null':
        this.#atoms.fill(NULL_ATOM, 0, n);
        break;
      default:
        for (let i = 0; i < n; i++) this.#atoms[i] = this.#valueAtom(this.value(rows[i]!), full);
    }
    return this.#atoms;
  }

  /** True if all atoms of this batch come from a dictionary, so that no value has two. */
  isPlain(view: BatchView): boolean {
    const kind = this.columnOf(view)?.kind;
    return kind === 'dict' || kind === 'null';
  }

  /** The column that is this key; null if the key must be computed. */
  columnOf(view: BatchView): Column | null {
    return this.#field === null ? null : view.column(this.#field);
  }

  clear(): void {
    this.#numbers.clear();
    this.#texts.clear();
    this.#given = 0;
  }

  #numberAtoms(
    values: Float64Array | Int32Array,
    rows: Uint32Array,
    n: number,
    full: boolean,
  ): void {
    const atoms = this.#atoms;
    for (let i = 0; i < n; i++) {
      const value = values[rows[i]!]!;
      if (Number.isNaN(value)) {
        atoms[i] = NULL_ATOM;
        continue;
      }
      const known = this.#numbers.get(value);
      if (known !== 0) {
        atoms[i] = known;
      } else if (full) {
        atoms[i] = UNKNOWN_ATOM;
      } else {
        atoms[i] = this.#newAtom();
        this.#numbers.set(value, atoms[i]!);
      }
    }
  }

  #valueAtom(value: Value, full: boolean): number {
    if (value === null) return NULL_ATOM;
    const text = groupKeyPart(value);
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (full) return UNKNOWN_ATOM;
    const atom = this.#newAtom();
    this.#texts.set(text, atom);
    return atom;
  }

  #newAtom(): number {
    return (LOCAL | this.#given++) >>> 0;
  }
}

function dictionaryAtoms(
  column: DictionaryColumn,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): void {
  const { codes } = column;
  const { ids } = column.dictionary;
  if (isAllRows(rows)) {
    for (let row = 0; row < n; row++) out[row] = ids[codes[row]!]!;
  } else {
    for (let i = 0; i < n; i++) out[i] = ids[codes[rows[i]!]!]!;
  }
}
