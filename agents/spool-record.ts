/**
 * One batch in a file of a spool:
 *
 *     u8 state | u8 version | u16 0 | u32 bytes of meta | u32 bytes of frame | u32 CRC | meta |
 *     frame
 *
 * Little-endian; meta is JSON. The checksum covers everything behind itself and the two lengths.
 * The state alone is changed later: waiting → taken (before it is sent) → done (evaluated), each
 * a write of one byte. What a process had taken when it died may or may not have been evaluated.
 */
import { crc32 } from 'node:zlib';
import type { TimePolicy } from '../src/wire/agent-messages.ts';

export const STATE = { waiting: 1, taken: 2, done: 3 } as const;
export const RECORD_HEADER_BYTES = 16;
const VERSION = 1;
const META_BYTES_MAX = 64 * 1_024;

export interface RecordMeta {
  readonly stream: string;
  readonly time: TimePolicy;
  readonly rows: number;
  readonly oldestMs: number;
}

export interface SpoolRecord {
  readonly state: number;
  readonly meta: RecordMeta;
  /** A view of the bytes that were read. */
  readonly frame: Uint8Array;
  /** Of the whole record. */
  readonly byteLength: number;
}

export function encodeRecord(meta: RecordMeta, frame: Uint8Array): Buffer {
  const text = Buffer.from(JSON.stringify(meta), 'utf8');
  const bytes = Buffer.alloc(RECORD_HEADER_BYTES + text.length + frame.length);
  bytes[0] = STATE.waiting;
  bytes[1] = VERSION;
  bytes.writeUInt32LE(text.length, 4);
  bytes.writeUInt32LE(frame.length, 8);
  text.copy(bytes, RECORD_HEADER_BYTES);
  bytes.set(frame, RECORD_HEADER_BYTES + text.length);
  bytes.writeUInt32LE(checksumOf(bytes), 12);
  return bytes;
}

/** Bytes of the record that begins here, by its own account; null: none begins here. */
export function recordBytes(bytes: Buffer, frameBytesMax: number): number | null {
  if (bytes.length < RECORD_HEADER_BYTES || bytes[1] !== VERSION) return null;
  const [metaBytes, frameBytes] = [bytes.readUInt32LE(4), bytes.readUInt32LE(8)];
  if (metaBytes > META_BYTES_MAX || frameBytes > frameBytesMax) return null;
  return RECORD_HEADER_BYTES + metaBytes + frameBytes;
}

/** Of exactly the bytes of one record; null: they are damaged. */
export function decodeRecord(bytes: Buffer): SpoolRecord | null {
  if (checksumOf(bytes) !== bytes.readUInt32LE(12)) return null;
  const frameAt = RECORD_HEADER_BYTES + bytes.readUInt32LE(4);
  const meta = metaFrom(bytes.toString('utf8', RECORD_HEADER_BYTES, frameAt));
  if (meta === null) return null;
  return { state: bytes[0]!, meta, frame: bytes.subarray(frameAt), byteLength: bytes.length };
}

/** What has the right checksum was written by an agent, though maybe of another version. */
function metaFrom(text: string): RecordMeta | null {
  try {
    const { oldestMs, rows, stream, time } = JSON.parse(text) as RecordMeta;
    const isMeta =
      typeof stream === 'string' &&
      Number.isSafeInteger(rows) &&
      Number.isFinite(oldestMs) &&
      typeof time.slackMs === 'number';
    return isMeta ? { stream, time, rows, oldestMs } : null;
  } catch {
    return null;
  }
}

function checksumOf(bytes: Buffer): number {
  const lengths = crc32(bytes.subarray(4, 12));
  return crc32(bytes.subarray(RECORD_HEADER_BYTES), lengths);
}
