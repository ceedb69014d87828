/**
 * The first bytes of a file, hashed: by them a file is known again under another name, as a copy,
 * or compressed, and another file in its place is told from it.
 */
import { createHash } from 'node:crypto';

export interface FileHead {
  /** How many there were when it was looked at. */
  readonly bytes: number;
  readonly hash: string;
}

export const HEAD_BYTES_MAX = 256;

export function headOf(bytes: Buffer): FileHead {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  return { bytes: bytes.length, hash };
}

/** Whether a file that begins with `bytes` (`HEAD_BYTES_MAX` of them, or all) may be that file. */
export function hasHead(bytes: Buffer, head: FileHead): boolean {
  return bytes.length >= head.bytes && headOf(bytes.subarray(0, head.bytes)).hash === head.hash;
}

/** Where reading of a file stands. */
export interface FileMark {
  readonly identity: string;
  readonly head: FileHead;
  /** Bytes of whole lines that were read. */
  readonly position: number;
}
