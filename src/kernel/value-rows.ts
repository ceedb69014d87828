/**
 * Rows of a batch by the value of one field, for the values that somebody asks for: the equality
 * index in front of many queries. A column of codes is looked up once per dictionary entry; rows
 * are dealt by a counting sort, so that a batch costs its rows plus the values found, however many
 * values are asked for. A single value needs no sort: its rows are selected in one pass.
 * Bench: bench/many-queries.ts; bench/ingest.ts, whose queries ask for single values.
 */
import type { Dictionary } from '../model/batch.ts';
import type { Value } from '../model/value.ts';
import { grownUints } from '../sketch/typed-column.ts';
import type { BatchView } from './batch-view.ts';
import { COMPARE_LOOPS } from './compare-loops.ts';
import type { NumberColumnValues } from './compare-loops.ts';
import { isAllRows } from './selection.ts';

/** Equality of these is equality of `=`; null, lists and objects are not indexed. */
export type IndexedValue = string | number | boolean;

/** Rows by value, from one call of `deal` to the next. */
export class DealtRows {
  rows: Uint32Array = new Uint32Array(0);
  /** Place k has rows[starts[k] … starts[k + 1]), of the value with slot slots[k]. */
  starts: Uint32Array = new Uint32Array(1);
  slots: Uint32Array = new Uint32Array(0);
  /** Of each row dealt; 0: nobody asks for its value. */
  slotOfRow: Uint32Array = new Uint32Array(0);

  grow(n: number): void {
    this.rows = grownUints(this.rows, n);
    this.slots = grownUints(this.slots, n);
    this.slotOfRow = grownUints(this.slotOfRow, n);
    this.starts = grownUints(this.starts, n + 1);
  }

  /** Copies the rows of place k to the front of `out`; returns how many. */
  copy(k: number, out: Uint32Array): number {
    const { rows } = this;
    const from = this.starts[k]!;
    const n = this.starts[k + 1]! - from;
    for (let i = 0; i < n; i++) out[i] = rows[from + i]!;
    return n;
  }
}

interface KnownCodes {
  readonly generation: number;
  readonly version: number;
  slots: Uint32Array;
  known: number;
}

export class ValueRows<T> {
  /** Number of the field in its set. */
  readonly field: number;
  readonly #slots = new Map<Value, number>();
  /** By slot; slot 0 is no value's. */
  readonly #targets: (T | null)[] = [null];
  readonly #free: number[] = [];
  /** Changes with the values, so that what is known of codes can be dropped. */
  #version = 0;
  #byDictionary = new WeakMap<Dictionary, KnownCodes>();
  /** By slot; zero between calls. */
  #counts: Uint32Array = new Uint32Array(0);
  /** Slots of false, true and null, the codes of a boolean column. */
  readonly #booleans = new Uint32Array(3);
  #only: { readonly value: IndexedValue; readonly target: T } | null = null;

  constructor(field: number) {
    this.field = field;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** The target of the only value that is asked for; null: there are several, to be dealt. */
  get only(): T | null {
    return this.#only?.target ?? null;
  }

  get(value: IndexedValue): T | null {
    return this.#targets[this.#slots.get(value) ?? 0] ?? null;
  }

  /** The value must be new. */
  set(value: IndexedValue, target: T): void {
    const slot = this.#free.pop() ?? this.#targets.push(null) - 1;
    this.#targets[slot] = target;
    this.#slots.set(value, slot);
    this.#changed();
  }

  delete(value: IndexedValue): void {
    const slot = this.#slots.get(value);
    if (slot === undefined) return;
    this.#slots.delete(value);
    this.#targets[slot] = null;
    this.#free.push(slot);
    this.#changed();
  }

  target(slot: number): T {
    return this.#targets[slot]!;
  }

  /** Deals the n selected rows of the bound batch; returns how many values were found. */
  deal(view: BatchView, rows: Uint32Array, n: number, dealt: DealtRows): number {
    dealt.grow(n);
    this.#findSlots(view, rows, n, dealt.slotOfRow);
    this.#counts = grownUints(this.#counts, this.#targets.length);
    return dealRows(rows, n, this.#counts, dealt);
  }

  /** Writes the selected rows that have the only value to `out`; returns how many. */
  selectOnly(view: BatchView, rows: Uint32Array, n: number, out: Uint32Array): number {
    const column = view.column(this.field);
    const value = this.#only?.value;
    switch (column?.kind) {
      case 'dict':
        return selectFound(column.codes, this.#slotsOf(column.dictionary), rows, n, out);
      case 'bool':
        return selectFound(column.values, this.#booleans, rows, n, out);
      case 'f64':
      case 'i32':
        return typeof value === 'number' ? COMPARE_LOOPS.eq(column.values, value, rows, n, out) : 0;
      case 'null':
        return 0;
      default: {
        const read = view.reader(this.field);
        let kept = 0;
        for (let i = 0; i < n; i++) if (read(rows[i]!) === value) out[kept++] = rows[i]!;
        return kept;
      }
    }
  }

  #changed(): void {
    this.#version++;
    for (const [code, value] of [false, true].entries()) {
      this.#booleans[code] = this.#slots.get(value) ?? 0;
    }
    const [first, second] = this.#slots.entries();
    this.#only = null;
    if (first === undefined || second !== undefined) return;
    const [value, slot] = first;
    this.#only = { value: value as IndexedValue, target: this.target(slot) };
  }

  #findSlots(view: BatchView, rows: Uint32Array, n: number, out: Uint32Array): void {
    const column = view.column(this.field);
    switch (column?.kind) {
      case 'dict':
        slotsByCode(column.codes, this.#slotsOf(column.dictionary), rows, n, out);
        break;
      case 'bool':
        slotsByCode(column.values, this.#booleans, rows, n, out);
        break;
      case 'f64':
      case 'i32':
        this.#slotsByNumber(column.values, rows, n, out);
        break;
      case 'null':
        out.fill(0, 0, n);
        break;
      default: {
        const read = view.reader(this.field);
        for (let i = 0; i < n; i++) out[i] = this.#slots.get(read(rows[i]!)) ?? 0;
      }
    }
  }

  #slotsByNumber(values: NumberColumnValues, rows: Uint32Array, n: number, out: Uint32Array): void {
    const slots = this.#slots;
    for (let i = 0; i < n; i++) out[i] = slots.get(values[rows[i]!]!) ?? 0;
  }

  #slotsOf(dictionary: Dictionary): Uint32Array {
    let known = this.#byDictionary.get(dictionary);
    const { generation, size } = dictionary;
    if (known?.generation !== generation || known.version !== this.#version) {
      known = { generation, version: this.#version, slots: new Uint32Array(size), known: 1 };
      this.#byDictionary.set(dictionary, known);
    }
    if (known.known < size) {
      known.slots = grownUints(known.slots, size);
      for (let code = known.known; code < size; code++) {
        known.slots[code] = this.#slots.get(dictionary.text(code)) ?? 0;
      }
      known.known = size;
    }
    return known.slots;
  }
}

/** Of one value: a slot that is not 0 is its. Without a branch, as outcomes are hard to predict. */
function selectFound(
  codes: Uint16Array | Uint8Array,
  slots: Uint32Array,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  let kept = 0;
  if (isAllRows(rows)) {
    for (let row = 0; row < n; row++) {
      out[kept] = row;
      kept += (0 - slots[codes[row]!]!) >>> 31;
    }
    return kept;
  }
  for (let i = 0; i < n; i++) {
    const row = rows[i]!;
    out[kept] = row;
    kept += (0 - slots[codes[row]!]!) >>> 31;
  }
  return kept;
}

function slotsByCode(
  codes: Uint16Array | Uint8Array,
  slots: Uint32Array,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): void {
  for (let i = 0; i < n; i++) out[i] = slots[codes[rows[i]!]!]!;
}

/** Counting sort by slot, of the slots that occur; `counts` is zero before and after. */
function dealRows(rows: Uint32Array, n: number, counts: Uint32Array, dealt: DealtRows): number {
  const { slotOfRow, slots, starts } = dealt;
  let found = 0;
  for (let i = 0; i < n; i++) {
    const slot = slotOfRow[i]!;
    if (slot === 0) continue;
    if (counts[slot]!++ === 0) slots[found++] = slot;
  }
  let at = 0;
  for (let k = 0; k < found; k++) {
    const slot = slots[k]!;
    starts[k] = at;
    at += counts[slot]!;
    counts[slot] = starts[k]!;
  }
  starts[found] = at;
  for (let i = 0; i < n; i++) {
    const slot = slotOfRow[i]!;
    if (slot !== 0) dealt.rows[counts[slot]!++] = rows[i]!;
  }
  for (let k = 0; k < found; k++) counts[slots[k]!] = 0;
  return found;
}
