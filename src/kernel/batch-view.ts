/**
 * One batch as one pipeline sees it: its fields as columns where they are columns, as readers of
 * single cells everywhere. Made once a pipeline and bound to batch after batch; everything that it
 * hands out is borrowed until the next {@link BatchView.bind}.
 */
import { cellReader } from '../wire/cell-reader.ts';
import type { CellReader, Column, EventBatch } from '../model/batch.ts';
import type { Value } from '../model/value.ts';
import type { FieldSet, FieldSource, KeyColumn } from './field-set.ts';

const NULL_COLUMN: Column = { kind: 'null' };

export class BatchView {
  readonly #fields: FieldSet;
  #batch: EventBatch | null = null;
  #sources: readonly FieldSource[] = [];
  #readers: (CellReader | null)[] = [];
  #cells: (CellReader | null)[] = [];
  /** The stage's clock, for `now()`; set by `bind`. */
  nowMs = 0;
  /** When the batch was taken in, for `ingest_time()`; set by `bind`. */
  ingestMs = 0;

  constructor(fields: FieldSet) {
    this.#fields = fields;
  }

  /** `not-covered`: the batch lacks a field of this pipeline and must be passed over. */
  bind(batch: EventBatch, nowMs: number, ingestMs: number = nowMs): 'bound' | 'not-covered' {
    const sources = this.#fields.sources(batch.fields, batch.stream);
    if (sources === 'not-covered') return 'not-covered';
    this.#batch = batch;
    this.#sources = sources;
    this.#readers.length = 0;
    this.#cells.length = 0;
    this.nowMs = nowMs;
    this.ingestMs = ingestMs;
    return 'bound';
  }

  get batch(): EventBatch {
    return this.#batch!;
  }

  /** The column that holds exactly this field; null if values must be put together. */
  column(field: number): Column | null {
    const source = this.#sources[field]!;
    if (source.from === 'column') return this.#batch!.column(source.column);
    return source.from === 'keys' && source.candidates.length === 0 ? NULL_COLUMN : null;
  }

  /** Reads the field of one row as a value. */
  reader(field: number): CellReader {
    return (this.#readers[field] ??= this.#makeReader(this.#sources[field]!));
  }

  #makeReader(source: FieldSource): CellReader {
    if (source.from === 'column') return this.#cell(source.column);
    if (source.from === 'event') {
      const { keys, rest } = source;
      return (row) => rest(this.#event(keys, row));
    }
    const { later } = source;
    const candidates = source.candidates.map(({ column, rest }) => {
      const cell = this.#cell(column);
      return (row: number) => rest(cell(row));
    });
    return (row) => later(firstFound(candidates, row));
  }

  #cell(column: number): CellReader {
    return (this.#cells[column] ??= cellReader(this.#batch!.column(column)));
  }

  #event(keys: readonly KeyColumn[], row: number): Value {
    const members: [string, Value][] = [];
    for (const { key, column } of keys) {
      const value = this.#cell(column)(row);
      if (value !== null) members.push([key, value]);
    }
    // Object.fromEntries defines own properties, so a key `__proto__` stays a key.
    return Object.fromEntries(members);
  }
}

function firstFound(candidates: readonly CellReader[], row: number): Value {
  for (const read of candidates) {
    const value = read(row);
    if (value !== null) return value;
  }
  return null;
}
