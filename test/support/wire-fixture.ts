/** Encoders and decoders with small, explicit limits, and rows back as plain objects. */
import { DEFAULTS } from '../../src/config.ts';
import type { EventBatch } from '../../src/model/batch.ts';
import type { Event, Value } from '../../src/model/value.ts';
import { CellBatchBuilder } from '../../src/wire/cell-batch.ts';
import type { BatchLimits, CellBatch, FieldReader } from '../../src/wire/cell-batch.ts';
import { cellReader } from '../../src/wire/cell-reader.ts';
import { createEventDecoder } from '../../src/wire/event-decoder.ts';
import type { DecoderLimits, EventDecoder } from '../../src/wire/event-decoder.ts';
import type { DecodedBatch } from '../../src/wire/frame-batch.ts';
import type { FrameStamp } from '../../src/wire/frame-encoder.ts';
import { createInterner } from '../../src/wire/interner.ts';

export const batchLimits: BatchLimits = {
  rowsMax: 512,
  bytesMax: DEFAULTS.frameBytesMax / 2,
  fieldsMax: DEFAULTS.fieldsMax,
  fieldNameBytesMax: DEFAULTS.fieldNameBytesMax,
};

export const dictionaryLimits = {
  entriesMax: DEFAULTS.dictionaryEntriesMax,
  bytesMax: DEFAULTS.dictionaryBytesMax,
};

export function stamp(changes: Partial<FrameStamp> = {}): FrameStamp {
  return {
    stream: 'plays',
    frameSequence: 1,
    firstSequence: 1,
    epoch: 1,
    watermarkMs: 1_000,
    filtered: 0,
    ...changes,
  };
}

export function newDecoder(limits: Partial<DecoderLimits> = {}): EventDecoder {
  const interner = createInterner(DEFAULTS.internBytesMax);
  return createEventDecoder({ agentId: 'a#1', interner, limits: { ...DEFAULTS, ...limits } });
}

/** Reads top-level keys as fields that a query named. */
export function readers(names: readonly string[]): readonly FieldReader[] {
  return names.map((name) => ({
    field: { text: name, key: false },
    read: (event) => event[name],
  }));
}

/** A batch of exactly these columns; events must fit the limits. */
export function batchOf(
  names: readonly string[],
  events: readonly Event[],
  limits: BatchLimits = batchLimits,
): CellBatch {
  const builder = new CellBatchBuilder(readers(names), false, limits);
  events.forEach((event, i) => {
    const outcome = builder.append(event, 1_000 + i);
    if (outcome !== 'added') throw new Error(`append: ${outcome}`);
  });
  return builder.seal();
}

/** Rows as objects without null fields. */
export function rowsOf(batch: EventBatch): readonly Record<string, Value>[] {
  const cells = batch.fields.map((_field, i) => cellReader(batch.column(i)));
  return Array.from({ length: batch.rows }, (_none, row) => {
    const entries: [string, Value][] = [];
    batch.fields.forEach((field, i) => {
      const value = cells[i]?.(row) ?? null;
      if (value !== null) entries.push([field.text, value]);
    });
    return Object.fromEntries(entries);
  });
}

/** The batch, or a failed test that says why not. */
export function decoded(decoder: EventDecoder, bytes: Uint8Array): DecodedBatch {
  const result = decoder.decode(bytes);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`);
  return result.value;
}
