/**
 * Snappy's block format, unpacked within a bound. Never throws: bytes that are no such block are an
 * error, and a length that lies is found out before anything of that size is made.
 *
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 */
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';

/** What cannot be unpacked: `large` beyond the bound, `malformed` for all else. */
export type SnappyFault = 'large' | 'malformed';

const LITERAL = 0;
const COPY_1 = 1;
const COPY_2 = 2;
/** An element of two or three bytes makes 64 at most, so a block cannot say more than this. */
const RATIO_MAX = 64;

export function unpackSnappy(
  bytes: Uint8Array,
  bytesMax: number,
): Result<Uint8Array<ArrayBuffer>, SnappyFault> {
  const header = lengthOf(bytes);
  if (header === null) return err('malformed');
  if (header.length > bytesMax) return err('large');
  if (header.length > bytes.length * RATIO_MAX) return err('malformed');
  const into = new Uint8Array(header.length);
  return unpackInto(into, bytes, header.at) ? ok(into) : err('malformed');
}

/** The length that a block says it has, a varint of 32 bits, and where its elements begin. */
function lengthOf(bytes: Uint8Array): { readonly length: number; readonly at: number } | null {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[i];
    if (byte === undefined) return null;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return length > 0xffff_ffff ? null : { length, at: i + 1 };
  }
  return null;
}

/** Whether the elements fill `into` exactly. */
function unpackInto(into: Uint8Array, bytes: Uint8Array, start: number): boolean {
  let at = start;
  let to = 0;
  while (at < bytes.length) {
    const tag = bytes[at] as number;
    const kind = tag & 3;
    if (kind === LITERAL) {
      const extra = Math.max(0, (tag >>> 2) - 59);
      const length = 1 + (extra === 0 ? tag >>> 2 : little(bytes, at + 1, extra));
      const from = at + 1 + extra;
      if (!(from + length <= bytes.length) || to + length > into.length) return false;
      into.set(bytes.subarray(from, from + length), to);
      at = from + length;
      to += length;
      continue;
    }
    const size = kind === COPY_1 ? 1 : kind === COPY_2 ? 2 : 4;
    if (at + size >= bytes.length) return false;
    const low = little(bytes, at + 1, size);
    const offset = kind === COPY_1 ? ((tag >>> 5) << 8) | low : low;
    const length = kind === COPY_1 ? 4 + ((tag >>> 2) & 7) : 1 + (tag >>> 2);
    if (offset === 0 || offset > to || to + length > into.length) return false;
    // A copy may overlap what it makes, which is how runs are said.
    for (let i = 0; i < length; i++) into[to + i] = into[to + i - offset] as number;
    at += 1 + size;
    to += length;
  }
  return to === into.length;
}

/** NaN if it does not lie within the block. */
function little(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value += (bytes[at + i] ?? Number.NaN) * 2 ** (8 * i);
  return value;
}
