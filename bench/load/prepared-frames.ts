/**
 * Frames made before the clock runs, so that a load costs little more than its writes: each has a
 * time and a sequence patched in when it is sent. Opening frames carry schema and dictionaries and
 * are sent once, in order; the others name only what those have introduced and may be sent again
 * and again.
 */
import { DEFAULTS } from '../../src/config.ts';
import { compilePath } from '../../src/ir/path.ts';
import { parsePath } from '../../src/ir/path-text.ts';
import type { FieldReader } from '../../src/wire/cell-batch.ts';
import { CellBatchBuilder } from '../../src/wire/cell-batch.ts';
import { FrameEncoder } from '../../src/wire/frame-encoder.ts';
import { HEADER } from '../../src/wire/frame-layout.ts';
import { FIELDS, STREAM } from '../workload.ts';
import type { RequestEvent } from '../workload.ts';
import { clientFrame } from './client-frame.ts';

export interface Stamp {
  /** From 1, without holes. */
  readonly sequence: number;
  readonly timeMs: number;
  readonly watermarkMs: number;
  readonly epoch: number;
}

export interface PreparedFrame {
  readonly bytes: Uint8Array;
  /** Writes time and sequence; only when the frame's last write is over. */
  stamp(stamp: Stamp): void;
}

export interface PreparedFrames {
  readonly opening: readonly PreparedFrame[];
  readonly repeated: readonly PreparedFrame[];
}

/** One connection's frames of these batches, in columns. */
export function columnFrames(batches: readonly (readonly RequestEvent[])[]): PreparedFrames {
  const encoder = new FrameEncoder({
    entriesMax: DEFAULTS.dictionaryEntriesMax,
    bytesMax: DEFAULTS.dictionaryBytesMax,
  });
  const sealed = batches.map((events) => {
    const builder = new CellBatchBuilder(READERS, false, {
      rowsMax: events.length,
      bytesMax: DEFAULTS.frameBytesMax,
      fieldsMax: DEFAULTS.fieldsMax,
      fieldNameBytesMax: DEFAULTS.fieldNameBytesMax,
    });
    for (const event of events) builder.append(event, 0);
    return builder.seal();
  });
  const encode = (): PreparedFrame[] =>
    sealed.map((batch) => columnFrame(encoder.encode(batch, BLANK_STAMP), batch.rows));
  return { opening: encode(), repeated: encode() };
}

const BLANK_STAMP = {
  stream: STREAM,
  frameSequence: 0,
  firstSequence: 0,
  watermarkMs: 0,
  epoch: 0,
  filtered: 0,
};

const READERS: readonly FieldReader[] = FIELDS.map(({ name }) => {
  const path = parsePath(name);
  if (!path.ok) throw new Error(`${name} is not a path`);
  return { field: { text: name, key: false }, read: compilePath(path.value) };
});

function columnFrame(frame: Uint8Array, rows: number): PreparedFrame {
  const { bytes, payload } = clientFrame('binary', frame);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const timesOffset = payload.byteOffset + view.getUint32(HEADER.timesOffset, true);
  const times = new Float64Array(payload.buffer, timesOffset, rows);
  return {
    bytes,
    stamp: ({ sequence, timeMs, watermarkMs, epoch }) => {
      times.fill(timeMs);
      view.setBigUint64(HEADER.frameSequence, BigInt(sequence), true);
      view.setBigUint64(HEADER.firstSequence, BigInt((sequence - 1) * rows), true);
      view.setFloat64(HEADER.watermarkMs, watermarkMs, true);
      view.setUint32(HEADER.epoch, epoch, true);
    },
  };
}

/** Any time with as many digits as times have these two hundred years. */
const BLANK_TIME = 1_000_000_000_000;

/** The same events as one JSON array a message, for the engine that they are compared with. */
export function jsonFrames(batches: readonly (readonly RequestEvent[])[]): PreparedFrames {
  return { opening: [], repeated: batches.map(jsonFrame) };
}

function jsonFrame(events: readonly RequestEvent[]): PreparedFrame {
  const text = JSON.stringify(events.map((event) => ({ ts: BLANK_TIME, ...event })));
  const { bytes, payload } = clientFrame('text', Buffer.from(text));
  const places = [...text.matchAll(/"ts":/g)].map(({ index }) => index + '"ts":'.length);
  return {
    bytes,
    stamp: ({ timeMs }) => {
      const digits = Buffer.from(String(Math.floor(timeMs)));
      for (const place of places) payload.set(digits, place);
    },
  };
}
