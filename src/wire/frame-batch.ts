/**
 * A checked event frame as a batch: columns are typed-array views of its bytes, made on first
 * touch. Nothing here can fail, because `column-check.ts` looked at every column before.
 */
import type { BatchField, Column, EventBatch, TimeSpan } from '../model/batch.ts';
import type { DictionaryDecoder } from './dictionary-decoder.ts';
import type { EventFrameHeader } from './event-batch-header.ts';
import { COLUMN_HAS_NULLS, KIND } from './frame-layout.ts';
import type { ColumnEntry, FrameHeader } from './frame-reader.ts';

/** Borrowed: valid until the buffer it was decoded from is used again. */
export interface DecodedBatch extends EventBatch {
  readonly header: EventFrameHeader;
}

/** What a connection knows about the columns of one schema id. */
export interface ConnectionSchema {
  readonly stream: string;
  readonly fields: readonly BatchField[];
  readonly dictionaries: readonly DictionaryDecoder[];
}

/** Who sent a frame. */
export interface FrameSender {
  readonly agentId: string;
  readonly incarnation?: number;
  /** It was asked for partials where it can give them. Default: false. */
  readonly isAggregated?: boolean;
}

export interface FrameTimes {
  readonly times: Float64Array;
  readonly span: TimeSpan;
}

/** `bytes` start at a multiple of 8 of their buffer. */
export interface CheckedFrame {
  readonly bytes: Uint8Array;
  readonly header: FrameHeader;
  readonly entries: readonly ColumnEntry[];
}

const NULL_COLUMN: Column = { kind: 'null' };

export class FrameBatch implements DecodedBatch {
  readonly agentId: string;
  readonly incarnation: number | undefined;
  readonly isAggregated: boolean;
  readonly times: Float64Array;
  readonly span: TimeSpan;
  readonly stream: string;
  readonly firstSequence: number;
  readonly rows: number;
  readonly fields: readonly BatchField[];
  readonly header: EventFrameHeader;
  readonly #bytes: Uint8Array;
  readonly #entries: readonly ColumnEntry[];
  readonly #dictionaries: readonly DictionaryDecoder[];
  readonly #columns: (Column | undefined)[];

  constructor(
    sender: FrameSender,
    when: FrameTimes,
    schema: ConnectionSchema,
    frame: CheckedFrame,
  ) {
    const { rows, firstSequence, frameSequence, epoch, watermarkMs, filtered } = frame.header;
    const { stream, fields, dictionaries } = schema;
    this.agentId = sender.agentId;
    this.incarnation = sender.incarnation;
    this.isAggregated = sender.isAggregated === true;
    this.times = when.times;
    this.span = when.span;
    this.stream = stream;
    this.firstSequence = firstSequence;
    this.rows = rows;
    this.fields = fields;
    this.header = { stream, frameSequence, firstSequence, epoch, rows, watermarkMs, filtered };
    this.#bytes = frame.bytes;
    this.#entries = frame.entries;
    this.#dictionaries = dictionaries;
    this.#columns = Array.from({ length: fields.length });
  }

  column(index: number): Column {
    const made = this.#columns[index];
    if (made !== undefined) return made;
    const column = this.#make(index);
    this.#columns[index] = column;
    return column;
  }

  #make(index: number): Column {
    const entry = this.#entries[index];
    if (entry === undefined) return NULL_COLUMN;
    const { buffer, byteOffset } = this.#bytes;
    const at = byteOffset + entry.offset;
    switch (entry.kind) {
      case KIND.f64:
        return { kind: 'f64', values: new Float64Array(buffer, at, this.rows) };
      case KIND.i32:
        return { kind: 'i32', values: new Int32Array(buffer, at, this.rows) };
      case KIND.bool:
        return { kind: 'bool', values: new Uint8Array(buffer, at, this.rows) };
      case KIND.dict: {
        const dictionary = this.#dictionaries[index] as DictionaryDecoder;
        return { kind: 'dict', codes: new Uint16Array(buffer, at, this.rows), dictionary };
      }
      case KIND.text:
        return { kind: 'text', ...this.#texts(entry) };
      case KIND.variant:
        return { kind: 'variant', ...this.#texts(entry) };
      default:
        return NULL_COLUMN;
    }
  }

  #texts(entry: ColumnEntry): {
    readonly offsets: Uint32Array;
    readonly bytes: Uint8Array;
    readonly nulls: Uint8Array | null;
  } {
    const { buffer, byteOffset } = this.#bytes;
    const at = byteOffset + entry.offset;
    const offsets = new Uint32Array(buffer, at, this.rows + 1);
    const nullsAt = at + (this.rows + 1) * 4;
    const nullBytes = (entry.flags & COLUMN_HAS_NULLS) === 0 ? 0 : Math.ceil(this.rows / 8);
    const textBytes = at + entry.byteLength - nullsAt - nullBytes;
    return {
      offsets,
      bytes: new Uint8Array(buffer, nullsAt + nullBytes, textBytes),
      nulls: nullBytes === 0 ? null : new Uint8Array(buffer, nullsAt, nullBytes),
    };
  }
}
