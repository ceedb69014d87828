/**
 * Rows on their way into a frame: one growing list of cells per field, with a note of which types
 * were met, so that the encoder can choose each column's kind when the batch is complete. Cells are
 * primitives (lists and objects are turned into JSON text when they are appended, so a publisher
 * may change its event afterwards). A sealed batch is immutable and bound to no connection: it can
 * be encoded again after a reconnect.
 */
import { DEFAULTS } from '../config.ts';
import type { BatchField } from '../model/batch.ts';
import type { Event, Value } from '../model/value.ts';
import { utf8Bytes, utf8BytesMax } from './utf8.ts';

/** A list or object, as the JSON text that travels. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Cell = null | boolean | number | string | JsonText;

/** Which types a column has met; a bit mask. */
export const SEEN = { null: 1, boolean: 2, int32: 4, number: 8, string: 16, json: 32 } as const;

/** One field's cells. Rows that were never set are null. */
export interface CellColumn {
  readonly cells: readonly Cell[];
  readonly seen: number;
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
  seen: number;
}

interface FoundKey {
  key: string;
  cell: Cell;
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
  readonly #scratch: Cell[];
  #fixed: GrowingColumn[] = [];
  #byKey = new Map<string, GrowingColumn>();
  /** Members of the event that is being read, or of the one before. */
  readonly #found: FoundKey[] = [];
  #times: number[] = [];
  #bytes = 0;
  #scratchBytes = 0;

  constructor(readers: readonly FieldReader[], allKeys: boolean, limits: BatchLimits) {
    this.#readers = readers;
    this.#fixedFields = readers.map((reader) => reader.field);
    this.#allKeys = allKeys;
    this.#limits = limits;
    this.#scratch = readers.map(() => null);
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
    try {
      return this.#append(event, timeMs);
    } catch {
      // The publisher's own code (getters, toJSON, proxies), cycles, and what is nested too deeply.
      return 'malformed';
    }
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
    this.#start();
    return batch;
  }

  #append(event: Event, timeMs: number): AppendOutcome {
    const row = this.rows;
    if (row >= this.#limits.rowsMax) return 'full';
    this.#readFixed(event);
    const keyed = this.#allKeys ? this.#readKeys(event) : 0;
    if (keyed === null) return row === 0 ? 'oversize' : 'full';
    if (this.#bytes + this.#scratchBytes > this.#limits.bytesMax) {
      return row === 0 ? 'oversize' : 'full';
    }
    const scratch = this.#scratch;
    for (let i = 0; i < scratch.length; i++) {
      add(this.#fixed[i] as GrowingColumn, scratch[i] as Cell);
    }
    for (let i = 0; i < keyed; i++) this.#addKey(i, row);
    this.#times.push(timeMs);
    this.#bytes += this.#scratchBytes;
    return 'added';
  }

  #readFixed(event: Event): void {
    const readers = this.#readers;
    let bytes = 8;
    for (let i = 0; i < readers.length; i++) {
      const cell = cellFrom((readers[i] as FieldReader).read(event));
      this.#scratch[i] = cell;
      bytes += cellBytes(cell);
    }
    this.#scratchBytes = bytes;
  }

  /**
   * Members with a value, into `#found`: how many. Null: more columns, or a longer name, than the
   * limits allow. Events of one stream mostly have their keys in one order, so each key is first
   * looked for where the event before had it.
   */
  #readKeys(event: Event): number | null {
    const limits = this.#limits;
    const found = this.#found;
    let columns = this.#fixed.length + this.#byKey.size;
    let n = 0;
    for (const key of Object.keys(event)) {
      const cell = cellFrom(event[key]);
      if (cell === null) continue;
      const place = (found[n] ??= { key: '', cell: null, column: undefined });
      if (place.key !== key || place.column === undefined) {
        place.key = key;
        place.column = this.#byKey.get(key);
      }
      if (place.column === undefined) {
        if (++columns > limits.fieldsMax) return null;
        if (utf8Bytes(key) > limits.fieldNameBytesMax) return null;
        // Rows before this one are filled with nulls.
        this.#scratchBytes += COLUMN_OVERHEAD_BYTES + utf8BytesMax(key) + this.rows * 8;
      }
      this.#scratchBytes += cellBytes(cell);
      place.cell = cell;
      n++;
    }
    // Columns that this row lacks still take a cell.
    this.#scratchBytes += Math.max(0, this.#byKey.size - n) * 8;
    return n;
  }

  #addKey(index: number, row: number): void {
    const place = this.#found[index]!;
    let { column } = place;
    if (column === undefined) {
      column = { cells: [], seen: 0 };
      place.column = column;
      this.#byKey.set(place.key, column);
    }
    pad(column, row);
    add(column, place.cell);
  }

  #sealedFields(): readonly BatchField[] {
    if (this.#byKey.size === 0) return this.#fixedFields;
    const keys = [...this.#byKey.keys()].map((text) => ({ text, key: true }));
    return [...this.#fixedFields, ...keys];
  }

  #start(): void {
    this.#fixed = this.#readers.map(() => ({ cells: [], seen: 0 }));
    if (this.#byKey.size > 0) this.#byKey = new Map();
    for (const place of this.#found) place.column = undefined;
    this.#times = [];
    this.#bytes = this.#readers.length * COLUMN_OVERHEAD_BYTES;
  }
}

/** What JSON makes of a JavaScript value; whole numbers beyond doubles travel as strings. */
function cellFrom(value: unknown): Cell {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'bigint':
      return value.toString();
    case 'object': {
      if (value === null) return null;
      const text = JSON.stringify(value) as string | undefined;
      if (text === undefined || text === 'null') return null;
      // The engine refuses such frames whole; here it costs only the event.
      if (isNestedDeeper(text, DEFAULTS.depthMax)) throw new RangeError('nested too deeply');
      return new JsonText(text);
    }
    default:
      return null;
  }
}

function cellBytes(cell: Cell): number {
  if (typeof cell === 'string') return 8 + utf8BytesMax(cell);
  if (cell instanceof JsonText) return 8 + utf8BytesMax(cell.text);
  return 8;
}

function add(column: GrowingColumn, cell: Cell): void {
  column.cells.push(cell);
  column.seen |= seenOf(cell);
}

function pad(column: GrowingColumn, rows: number): void {
  while (column.cells.length < rows) {
    column.cells.push(null);
    column.seen |= SEEN.null;
  }
}

function seenOf(cell: Cell): number {
  if (typeof cell === 'number') {
    const whole = (cell | 0) === cell && (cell !== 0 || 1 / cell > 0);
    return whole ? SEEN.int32 : SEEN.number;
  }
  if (typeof cell === 'string') return SEEN.string;
  if (cell === null) return SEEN.null;
  return typeof cell === 'boolean' ? SEEN.boolean : SEEN.json;
}

/** Depth of brackets outside strings of a JSON text. */
function isNestedDeeper(json: string, depthMax: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (inString) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === BRACKET || code === BRACE) {
      if (++depth > depthMax) return true;
    } else if (code === BRACKET + 2 || code === BRACE + 2) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Opening ones; the closing ones follow two later. */
const BRACKET = 0x5b;
const BRACE = 0x7b;
