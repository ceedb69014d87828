/**
 * Batches into event frames, for one connection: owns the connection's schemas and dictionaries.
 * A new connection needs a new encoder; sealed batches can be encoded again with it. A schema is
 * the list of a stream's fields and is sent again only when that list changes; columns that old and
 * new list share keep their dictionaries. Bench: micro/codec.
 */
import type { BatchField } from '../model/batch.ts';
import { ByteWriter } from './byte-writer.ts';
import type { CellBatch } from './cell-batch.ts';
import { writeColumn } from './column-encoder.ts';
import { DictionaryEncoder } from './dictionary-encoder.ts';
import type { DictionaryBudget, DictionaryLimits } from './dictionary-encoder.ts';
import type { EventFrameHeader } from './event-batch-header.ts';
import {
  ENTRY,
  ENTRY_BYTES,
  FLAG_SCHEMA,
  FRAME_KIND_EVENTS,
  FRAME_MAGIC,
  FRAME_VERSION,
  HEADER,
  HEADER_BYTES,
} from './frame-layout.ts';

interface StreamSchema {
  readonly id: number;
  readonly fields: readonly BatchField[];
  readonly dictionaries: readonly DictionaryEncoder[];
}

/** `rows` and the stream's schema are the batch's own. */
export type FrameStamp = Omit<EventFrameHeader, 'rows'>;

/** No stream is called so. */
const NO_STREAM = '';
const UINT32_MAX = 0xffff_ffff;

export class FrameEncoder {
  readonly #limits: DictionaryLimits;
  readonly #budget: DictionaryBudget = { bytes: 0 };
  readonly #schemas = new Map<string, StreamSchema>();
  readonly #writer = new ByteWriter();
  readonly #texts = new TextEncoder();

  constructor(limits: DictionaryLimits) {
    this.#limits = limits;
  }

  /** An id that no stream of this connection has, for frames that define their own schema. */
  get ownSchemaId(): number {
    return (this.#schemas.get(NO_STREAM) ?? this.#define(NO_STREAM, [], undefined)).id;
  }

  /** The frame is a fresh copy that the caller owns. */
  encode(batch: CellBatch, stamp: FrameStamp): Uint8Array {
    const known = this.#schemas.get(stamp.stream);
    const same = known !== undefined && sameFields(known.fields, batch.fields);
    const schema = same ? known : this.#define(stamp.stream, batch.fields, known);
    const writer = this.#writer;
    const columns = batch.columns.length;
    writer.skip(HEADER_BYTES + columns * ENTRY_BYTES);
    const schemaBytes = same ? 0 : this.#writeSchema(stamp.stream, batch.fields);
    writer.align();
    const timesOffset = this.#writeTimes(batch);
    this.#writeColumns(batch, schema);
    writer.align();
    this.#writeHeader(batch, stamp, { id: schema.id, schemaBytes, timesOffset });
    return writer.finish();
  }

  #define(
    stream: string,
    fields: readonly BatchField[],
    known: StreamSchema | undefined,
  ): StreamSchema {
    const kept = new Map<string, DictionaryEncoder>();
    known?.fields.forEach((field, i) => {
      kept.set(fieldKey(field), known.dictionaries[i] as DictionaryEncoder);
    });
    const dictionaries = fields.map((field) => {
      const key = fieldKey(field);
      const dictionary = kept.get(key) ?? new DictionaryEncoder(this.#limits, this.#budget);
      kept.delete(key);
      return dictionary;
    });
    for (const dictionary of kept.values()) dictionary.release();
    const schema = { id: known?.id ?? this.#schemas.size, fields, dictionaries };
    this.#schemas.set(stream, schema);
    return schema;
  }

  #writeSchema(stream: string, fields: readonly BatchField[]): number {
    const pairs = fields.map((field) => [field.text, field.key ? 1 : 0]);
    const json = this.#texts.encode(JSON.stringify({ stream, fields: pairs }));
    this.#writer.append(json);
    return json.length;
  }

  #writeTimes(batch: CellBatch): number {
    const writer = this.#writer;
    writer.reserve(batch.rows * 8);
    const start = writer.position;
    const target = new Float64Array(writer.bytes.buffer, start, batch.rows);
    for (let row = 0; row < batch.rows; row++) target[row] = batch.times[row] as number;
    writer.position += batch.rows * 8;
    return start;
  }

  #writeColumns(batch: CellBatch, schema: StreamSchema): void {
    const writer = this.#writer;
    for (let i = 0; i < batch.columns.length; i++) {
      writer.align();
      const start = writer.position;
      const dictionary = schema.dictionaries[i] as DictionaryEncoder;
      const column = batch.columns[i] as CellBatch['columns'][number];
      const { kind, flags, additions } = writeColumn(writer, column, batch.rows, dictionary);
      const entry = HEADER_BYTES + i * ENTRY_BYTES;
      writer.bytes[entry + ENTRY.kind] = kind;
      writer.bytes[entry + ENTRY.flags] = flags;
      writer.view.setUint32(entry + ENTRY.offset, start, true);
      writer.view.setUint32(entry + ENTRY.byteLength, writer.position - start, true);
      writer.view.setUint32(entry + ENTRY.additions, additions, true);
    }
  }

  #writeHeader(
    batch: CellBatch,
    stamp: FrameStamp,
    schema: { readonly id: number; readonly schemaBytes: number; readonly timesOffset: number },
  ): void {
    const { bytes, view, position } = this.#writer;
    view.setUint32(HEADER.magic, FRAME_MAGIC, true);
    bytes[HEADER.version] = FRAME_VERSION;
    bytes[HEADER.kind] = FRAME_KIND_EVENTS;
    view.setUint16(HEADER.flags, schema.schemaBytes > 0 ? FLAG_SCHEMA : 0, true);
    view.setUint32(HEADER.byteLength, position, true);
    view.setUint32(HEADER.rows, batch.rows, true);
    view.setBigUint64(HEADER.frameSequence, BigInt(stamp.frameSequence), true);
    view.setBigUint64(HEADER.firstSequence, BigInt(stamp.firstSequence), true);
    view.setFloat64(HEADER.watermarkMs, stamp.watermarkMs, true);
    view.setUint32(HEADER.epoch, stamp.epoch, true);
    view.setUint32(HEADER.filtered, Math.min(stamp.filtered, UINT32_MAX), true);
    view.setUint32(HEADER.schemaId, schema.id, true);
    view.setUint32(HEADER.columns, batch.columns.length, true);
    view.setUint32(HEADER.schemaBytes, schema.schemaBytes, true);
    view.setUint32(HEADER.timesOffset, schema.timesOffset, true);
  }
}

function sameFields(a: readonly BatchField[], b: readonly BatchField[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const left = a[i] as BatchField;
    const right = b[i] as BatchField;
    if (left.text !== right.text || left.key !== right.key) return false;
  }
  return true;
}

function fieldKey(field: BatchField): string {
  return (field.key ? 'k' : 'p') + field.text;
}
