/**
 * Rows on their way into a frame: one growing list of cells per field, with a note of which types
 * were met, so that the encoder can choose each column's kind when the batch is complete. Cells are
 * primitives (lists and objects are turned into JSON text when they are appended, so a publisher
 * may change its event afterwards). A sealed batch is immutable and bound to no connection: it can
 * be encoded again after a reconnect.
 */
import type { BatchField } from '../model/batch.ts';
import type { Event, Value } from '../model/value.ts';
import { jsonCell, SEEN, seenOf, seenOfNumber } from './cell.ts';
import type { Cell, JsonText } from './cell.ts';
import { FlatJson } from './flat-json.ts';
import { utf8Bytes, utf8BytesMax } from './utf8.ts';

/** One field's cells. Rows that were never set are null. */
export interface CellColumn {
  /** There may be more than the batch has rows. */
  readonly cells: readonly Cell[];
  readonly seen: number;
  /** What spans are of; null: there are none. */
  readonly json: FlatJson | null;
}

export interface CellBatch {
  readonly fields: readonly BatchField[];
  /** One per field. */
  readonly columns: readonly CellColumn[];
  readonly times: readonly number[];
  readonly rows: number;
  /** What the columns take on the wire, estimated from above; twice this is a strict bound. */
  readonly bytes: number;
}

export interface BatchLimits {
  readonly rowsMax: number;
  readonly bytesMax: number;
  readonly fieldsMax: number;
  readonly fieldNameBytesMax: number;
}

/** A field that every row is asked for. */
export interface FieldReader {
  readonly field: BatchField;
  readonly read: (event: Event) => Value | undefined;
}

/**
 * `full`: seal, then append again. `oversize`: the event alone exceeds the limits.
 * `malformed`: a value cannot be said in JSON (a cycle, a throwing getter).
 */
export type AppendOutcome = 'added' | 'full' | 'oversize' | 'malformed';

/** Directory entry, name and the like, on top of the cells. */
const COLUMN_OVERHEAD_BYTES = 64;

interface GrowingColumn extends CellColumn {
  readonly cells: Cell[];
  length: number;
  seen: number;
  json: FlatJson | null;
}

interface FoundKey {
  key: string;
  /** Undefined: the batch has none yet. */
  column: GrowingColumn | undefined;
}

/**
 * Collects rows of one field set. `allKeys`: also every top-level key, each a column of its own.
 */
export class CellBatchBuilder {
  readonly #readers: readonly FieldReader[];
  readonly #fixedFields: readonly BatchField[];
  readonly #allKeys: boolean;
  readonly #limits: BatchLimits;
  #fixed: GrowingColumn[] = [];
  #byKey = new Map<string, GrowingColumn>();
  /** Members with a value of the event before, in their order. */
  readonly #found: FoundKey[] = [];
  /** Columns that the row which is being added has begun. */
  readonly #begun: string[] = [];
  #times: number[] = [];
  #bytes = 0;
  #rowBytes = 0;
  /** Of the last batch: the next will have about as many. */
  #rowsBefore = 0;

  constructor(readers: readonly FieldReader[], allKeys: boolean, limits: BatchLimits) {
    this.#readers = readers;
    this.#fixedFields = readers.map((reader) => reader.field);
    this.#allKeys = allKeys;
    this.#limits = limits;
    this.#start();
  }

  get rows(): number {
    return this.#times.length;
  }

  /** Of the rows so far, as of a batch; 0 while there are none. */
  get bytes(): number {
    return this.rows === 0 ? 0 : this.#bytes;
  }

  /** Event time of each row so far. */
  get times(): readonly number[] {
    return this.#times;
  }

  /** Takes all of the event or nothing of it. Reads getters, hence the guard. */
  append(event: Event, timeMs: number): AppendOutcome {
    const row = this.rows;
    if (row >= this.#limits.rowsMax) return 'full';
    try {
      if (this.#add(event, row)) {
        this.#times.push(timeMs);
        this.#bytes += this.#rowBytes;
        return 'added';
      }
    } catch {
      // The publisher's own code (getters, toJSON, proxies), cycles, and what is nested too deeply.
      this.#takeBack(row);
      return 'malformed';
    }
    this.#takeBack(row);
    return row === 0 ? 'oversize' : 'full';
  }

  /** Hands over what was collected and starts anew. */
  seal(): CellBatch {
    const rows = this.rows;
    const batch: CellBatch = {
      fields: this.#sealedFields(),
      columns: [...this.#fixed, ...this.#byKey.values()],
      times: this.#times,
      rows,
      bytes: this.#bytes,
    };
    for (const column of this.#byKey.values()) pad(column, rows);
    this.#rowsBefore = rows;
    this.#start();
    return batch;
  }

  /** False: more columns, a longer name, or more bytes than the limits allow. */
  #add(event: Event, row: number): boolean {
    const readers = this.#readers;
    this.#rowBytes = 8;
    if (this.#begun.length > 0) this.#begun.length = 0;
    for (let i = 0; i < readers.length; i++) {
      this.#rowBytes += addCell(this.#fixed[i]!, readers[i]!.read(event));
    }
    if (this.#allKeys && !this.#addKeys(event, row)) return false;
    return this.#bytes + this.#rowBytes <= this.#limits.bytesMax;
  }

  /**
   * All members with a value. Events of one stream mostly have their keys in one order, so each key
   * is first looked for where the event before had it.
   */
  #addKeys(event: Event, row: number): boolean {
    const found = this.#found;
    let bytes = 0;
    let n = 0;
    for (const key in event) {
      if (!Object.hasOwn(event, key)) continue;
      const value: unknown = event[key];
      if (value === undefined || value === null) continue;
      const place = (found[n] ??= { key: '', column: undefined });
      if (place.key !== key || place.column === undefined) {
        place.key = key;
        place.column = this.#byKey.get(key);
      }
      const column = place.column ?? this.#begin(key, place);
      if (column === null) return false;
      if (column.length < row) pad(column, row);
      bytes += addCell(column, value);
      n++;
    }
    // Columns that this row lacks still take a cell.
    this.#rowBytes += bytes + Math.max(0, this.#byKey.size - n) * 8;
    return true;
  }

  /** A column that the rows before this one lack; null: the limits do not allow it. */
  #begin(key: string, place: FoundKey): GrowingColumn | null {
    const limits = this.#limits;
    const columns = this.#fixed.length + this.#byKey.size;
    if (columns >= limits.fieldsMax || utf8Bytes(key) > limits.fieldNameBytesMax) return null;
    this.#rowBytes += COLUMN_OVERHEAD_BYTES + utf8BytesMax(key) + this.rows * 8;
    const column = this.#column();
    place.column = column;
    this.#byKey.set(key, column);
    this.#begun.push(key);
    return column;
  }

  /** Row `row` was begun and is not to be. */
  #takeBack(row: number): void {
    for (const key of this.#begun.splice(0)) this.#byKey.delete(key);
    for (const place of this.#found) place.column = undefined;
    for (const column of [...this.#fixed, ...this.#byKey.values()]) {
      if (column.length <= row) continue;
      column.length = row;
      column.seen = 0;
      for (let i = 0; i < row; i++) column.seen |= seenOf(column.cells[i]!);
    }
  }

  #column(): GrowingColumn {
    return { cells: new Array<Cell>(this.#rowsBefore), length: 0, seen: 0, json: null };
  }

  #sealedFields(): readonly BatchField[] {
    if (this.#byKey.size === 0) return this.#fixedFields;
    const keys = [...this.#byKey.keys()].map((text) => ({ text, key: true }));
    return [...this.#fixedFields, ...keys];
  }

  #start(): void {
    this.#fixed = this.#readers.map(() => this.#column());
    if (this.#byKey.size > 0) this.#byKey = new Map();
    for (const place of this.#found) place.column = undefined;
    this.#times = [];
    this.#bytes = this.#readers.length * COLUMN_OVERHEAD_BYTES;
  }
}

/** What JSON makes of a JavaScript value goes to the column. Estimated bytes that it takes. */
function addCell(column: GrowingColumn, value: unknown): number {
  switch (typeof value) {
    case 'string':
      return addText(column, value);
    case 'number':
      if (value - value !== 0) return addNull(column);
      column.cells[column.length++] = value;
      column.seen |= seenOfNumber(value);
      return 8;
    case 'boolean':
      column.cells[column.length++] = value;
      column.seen |= SEEN.boolean;
      return 8;
    case 'bigint':
      // Whole numbers beyond doubles travel as strings.
      return addText(column, value.toString());
    case 'object':
      return value === null ? addNull(column) : addObject(column, value);
    default:
      return addNull(column);
  }
}

function addText(column: GrowingColumn, text: string): number {
  column.cells[column.length++] = text;
  column.seen |= SEEN.string;
  return 8 + utf8BytesMax(text);
}

function addObject(column: GrowingColumn, value: object): number {
  const span = (column.json ??= new FlatJson()).write(value);
  const cell = span ?? jsonCell(value);
  if (cell === null) return addNull(column);
  column.cells[column.length++] = cell;
  column.seen |= SEEN.json;
  return 8 + (span === null ? utf8BytesMax((cell as JsonText).text) : span.to - span.from);
}

function addNull(column: GrowingColumn): number {
  column.cells[column.length++] = null;
  column.seen |= SEEN.null;
  return 8;
}

function pad(column: GrowingColumn, rows: number): void {
  while (column.length < rows) addNull(column);
}
