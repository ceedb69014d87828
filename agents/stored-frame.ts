/**
 * Batches as they stand in a spool: frames of their own, bound to no connection, that only need a
 * sequence and a watermark when they are sent. Texts are sent plainly, because dictionaries are
 * the connection's, and every frame defines its schema, under the one id that the connection's
 * encoder keeps for them.
 */
import type { CellBatch } from '../src/wire/cell-batch.ts';
import { FrameEncoder } from '../src/wire/frame-encoder.ts';
import type { FrameStamp } from '../src/wire/frame-encoder.ts';
import { HEADER } from '../src/wire/frame-layout.ts';
import type { TimePolicy } from '../src/wire/agent-messages.ts';

/** Where a spool has it, for the spool alone to understand. */
export interface StoredPlace {
  readonly segment: object;
  readonly offset: number;
}

/** What becomes of a sealed batch on its way through a spool. */
export interface StoredFrame {
  readonly rows: number;
  readonly bytes: number;
  /** Sequence, watermark and the schema's id are missing. */
  readonly frame: Uint8Array;
  /** Null: it is not in the spool yet. */
  readonly place: StoredPlace | null;
}

/** A batch that comes out of a spool, or goes in. */
export interface StoredBatch {
  readonly stream: string;
  readonly time: TimePolicy;
  readonly oldestMs: number;
  readonly stored: StoredFrame;
  /** False: of an earlier process of this service, which has ended. */
  readonly isOwn: boolean;
}

const NO_DICTIONARIES = { entriesMax: 0, bytesMax: 0 };

type Stamp = Pick<FrameStamp, 'stream' | 'firstSequence' | 'epoch'>;

export function storedFrameFrom(batch: CellBatch, stamp: Stamp): StoredFrame {
  const unsent = { frameSequence: 0, filtered: 0, watermarkMs: 0 };
  const frame = new FrameEncoder(NO_DICTIONARIES).encode(batch, { ...stamp, ...unsent });
  return { rows: batch.rows, bytes: frame.length, frame, place: null };
}

/** The frame is a fresh copy that the caller owns. */
export function stampedFrame(
  { frame }: StoredFrame,
  stamp: Omit<FrameStamp, 'stream'>,
  schemaId: number,
): Uint8Array {
  const copy = frame.slice();
  const view = viewOf(copy);
  view.setBigUint64(HEADER.frameSequence, BigInt(stamp.frameSequence), true);
  view.setBigUint64(HEADER.firstSequence, BigInt(stamp.firstSequence), true);
  view.setFloat64(HEADER.watermarkMs, stamp.watermarkMs, true);
  view.setUint32(HEADER.epoch, stamp.epoch, true);
  view.setUint32(HEADER.schemaId, schemaId, true);
  view.setUint32(HEADER.filtered, Math.min(stamp.filtered, 0xffff_ffff), true);
  return copy;
}

/** Of the first event, as the frame has it. */
export function firstSequenceOf({ frame }: StoredFrame): number {
  return Number(viewOf(frame).getBigUint64(HEADER.firstSequence, true));
}

export function epochOf({ frame }: StoredFrame): number {
  return viewOf(frame).getUint32(HEADER.epoch, true);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
