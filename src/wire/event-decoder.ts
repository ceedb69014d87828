/**
 * Event frames into batches, for one connection: owns the connection's schemas and dictionaries.
 * A frame is checked whole before it changes anything, so a bad one leaves the decoder as it was;
 * sessions close the connection all the same, for sender and receiver no longer agree. Columns are
 * views of the frame where it starts at a multiple of 8, else the frame is copied once. Columns are
 * made on first touch. Needs a little-endian host. Bench: micro/codec.
 */
import type { Config } from '../config.ts';
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import type { BatchField, Interner } from '../model/batch.ts';
import { columnFault } from './column-check.ts';
import { DictionaryDecoder } from './dictionary-decoder.ts';
import { FrameBatch } from './frame-batch.ts';
import type { ConnectionSchema, DecodedBatch, FrameTimes } from './frame-batch.ts';
import { align8, COLUMN_RESETS_DICTIONARY } from './frame-layout.ts';
import { isTime, readDirectory, readHeader, readSchema } from './frame-reader.ts';
import type { ColumnEntry, FrameHeader } from './frame-reader.ts';
import { readUtf8 } from './utf8.ts';
import { badFrame } from './wire-error.ts';
import type { WireError } from './wire-error.ts';

export type DecoderLimits = Pick<
  Config,
  | 'frameBytesMax'
  | 'fieldsMax'
  | 'fieldNameBytesMax'
  | 'streamsPerAgentMax'
  | 'dictionaryEntriesMax'
  | 'dictionaryBytesMax'
  | 'depthMax'
>;

export interface EventDecoder {
  decode(bytes: Uint8Array): Result<DecodedBatch, WireError>;
  /** Ids in use by this connection's dictionaries; see `SweepableInterner.sweep`. */
  usedIds(): Iterable<number>;
}

export interface EventDecoderOptions {
  readonly agentId: string;
  /** Left out: the sender never sends anything again. */
  readonly incarnation?: number;
  /** The sender was asked for partials where it can give them. Default: false. */
  readonly isAggregated?: boolean;
  readonly interner: Interner;
  readonly limits: DecoderLimits;
}

export function createEventDecoder(options: EventDecoderOptions): EventDecoder {
  return new ConnectionDecoder(options);
}

class ConnectionDecoder implements EventDecoder {
  readonly #options: EventDecoderOptions;
  readonly #schemas = new Map<number, ConnectionSchema>();
  /** Of all dictionaries together. */
  #dictionaryBytes = 0;

  constructor(options: EventDecoderOptions) {
    this.#options = options;
  }

  decode(received: Uint8Array): Result<DecodedBatch, WireError> {
    const { limits } = this.#options;
    const unaligned = new DataView(received.buffer, received.byteOffset, received.byteLength);
    const header = readHeader(unaligned, limits);
    if (!header.ok) return header;
    // Not `slice`, which of a Node.js Buffer makes a view.
    const bytes = received.byteOffset % 8 === 0 ? received : new Uint8Array(received);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const directory = readDirectory(view, header.value);
    if (!directory.ok) return directory;
    const schema = this.#schema(bytes, header.value);
    if (!schema.ok) return schema;
    const times = readTimes(bytes, header.value);
    if (times === null) return badFrame('an event time that is not a time');
    const fault = this.#fault(bytes, header.value, directory.value, schema.value);
    if (fault !== null) return err(fault);
    this.#accept(bytes, header.value, directory.value, schema.value);
    const contents = { bytes, header: header.value, entries: directory.value };
    return ok(new FrameBatch(this.#options, times, schema.value, contents));
  }

  *usedIds(): Iterable<number> {
    for (const schema of this.#schemas.values()) {
      for (const { ids, size } of schema.dictionaries) {
        for (let code = 1; code < size; code++) yield ids[code] as number;
      }
    }
  }

  /** The frame's own definition, or the known one. Nothing is stored yet. */
  #schema(bytes: Uint8Array, header: FrameHeader): Result<ConnectionSchema, WireError> {
    const known = this.#schemas.get(header.schemaId);
    if (header.schemaBytes === 0) {
      if (known === undefined) return badFrame('schemaId was never defined');
      if (known.fields.length !== header.columns) return badFrame('columns are not the schema’s');
      return ok(known);
    }
    const text = readSchema(bytes, header, this.#options.limits);
    if (!text.ok) return text;
    const { stream, fields } = text.value;
    const kept = known?.stream === stream ? known : undefined;
    const dictionaries = fields.map(
      (field) => dictionaryOf(kept, field) ?? new DictionaryDecoder(this.#options.interner),
    );
    return ok({ stream, fields, dictionaries });
  }

  #fault(
    bytes: Uint8Array,
    header: FrameHeader,
    entries: readonly ColumnEntry[],
    schema: ConnectionSchema,
  ): WireError | null {
    const { limits } = this.#options;
    let dictionaryBytes = this.#dictionaryBytes - this.#bytesReleased(header, schema);
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as ColumnEntry;
      const { size, bytes: held } = schema.dictionaries[i] as DictionaryDecoder;
      const fault = columnFault(bytes, entry, header.rows, size, limits);
      if (fault !== null) {
        const name = (schema.fields[i] as BatchField).text;
        return { code: 'WIRE_BAD_FRAME', detail: `column ${name}: ${fault}` };
      }
      if ((entry.flags & COLUMN_RESETS_DICTIONARY) !== 0) dictionaryBytes -= held;
      if (entry.additions > 0) dictionaryBytes += additionsLayout(entry, header.rows).textBytes;
    }
    if (dictionaryBytes <= limits.dictionaryBytesMax) return null;
    return { code: 'WIRE_BAD_FRAME', detail: 'dictionaries of the connection are too large' };
  }

  /** Bytes of dictionaries that the frame's schema definition does away with. */
  #bytesReleased(header: FrameHeader, schema: ConnectionSchema): number {
    const known = this.#schemas.get(header.schemaId);
    if (known === undefined || known === schema) return 0;
    let bytes = 0;
    for (const dictionary of known.dictionaries) {
      if (!schema.dictionaries.includes(dictionary)) bytes += dictionary.bytes;
    }
    return bytes;
  }

  #accept(
    bytes: Uint8Array,
    header: FrameHeader,
    entries: readonly ColumnEntry[],
    schema: ConnectionSchema,
  ): void {
    this.#dictionaryBytes -= this.#bytesReleased(header, schema);
    if (header.schemaBytes > 0) this.#schemas.set(header.schemaId, schema);
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as ColumnEntry;
      const dictionary = schema.dictionaries[i] as DictionaryDecoder;
      const before = dictionary.bytes;
      if ((entry.flags & COLUMN_RESETS_DICTIONARY) !== 0) dictionary.reset();
      if (entry.additions > 0) addEntries(dictionary, bytes, entry, header.rows);
      this.#dictionaryBytes += dictionary.bytes - before;
    }
  }
}

function dictionaryOf(
  schema: ConnectionSchema | undefined,
  field: BatchField,
): DictionaryDecoder | undefined {
  const index = schema?.fields.findIndex(
    (known) => known.text === field.text && known.key === field.key,
  );
  return index === undefined ? undefined : schema?.dictionaries[index];
}

/** Null: some time is not a time. Every query needs the span, so it is found on the way. */
function readTimes(bytes: Uint8Array, header: FrameHeader): FrameTimes | null {
  const times = new Float64Array(bytes.buffer, bytes.byteOffset + header.timesOffset, header.rows);
  let minMs = Infinity;
  let maxMs = -Infinity;
  for (let row = 0; row < times.length; row++) {
    const timeMs = times[row] as number;
    if (!isTime(timeMs)) return null;
    if (timeMs < minMs) minMs = timeMs;
    if (timeMs > maxMs) maxMs = timeMs;
  }
  return { times, span: { minMs, maxMs } };
}

/** New dictionary entries stand behind the codes: offsets, then texts. */
function additionsLayout(
  entry: ColumnEntry,
  rows: number,
): { readonly offsets: number; readonly texts: number; readonly textBytes: number } {
  const offsets = entry.offset + align8(rows * 2);
  const texts = offsets + (entry.additions + 1) * 4;
  return { offsets, texts, textBytes: entry.offset + entry.byteLength - texts };
}

function addEntries(
  dictionary: DictionaryDecoder,
  bytes: Uint8Array,
  entry: ColumnEntry,
  rows: number,
): void {
  const layout = additionsLayout(entry, rows);
  const at = bytes.byteOffset + layout.offsets;
  const offsets = new Uint32Array(bytes.buffer, at, entry.additions + 1);
  for (let i = 0; i < entry.additions; i++) {
    const start = offsets[i] as number;
    const end = offsets[i + 1] as number;
    dictionary.add(readUtf8(bytes, layout.texts + start, layout.texts + end), end - start);
  }
}
