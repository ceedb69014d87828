/** Frames that an agent made smaller, as they were; see wire/packed-layout.ts. */
import { inflateRawSync } from 'node:zlib';
import type { Config } from '../config.ts';
import { ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import { PACKED, PACKED_HEADER_BYTES } from '../wire/packed-layout.ts';
import { badFrame } from '../wire/wire-error.ts';
import type { WireError } from '../wire/wire-error.ts';

/** What it says of its size is believed up to `frameBytesMax`, and must be true. */
export function unpackedFrame(
  bytes: Uint8Array,
  { frameBytesMax }: Pick<Config, 'frameBytesMax'>,
): Result<Uint8Array, WireError> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const plainBytes = view.getUint32(PACKED.plainBytes, true);
  if (bytes[PACKED.version] !== PACKED.versionNumber || bytes[PACKED.method] !== PACKED.deflate) {
    return badFrame('packed in an unknown way');
  }
  if (plainBytes > frameBytesMax) return badFrame('larger than a frame may be');
  try {
    const options = { maxOutputLength: Math.max(1, plainBytes) };
    const plain = inflateRawSync(bytes.subarray(PACKED_HEADER_BYTES), options);
    if (plain.length !== plainBytes) return badFrame('not as long as it says');
    return ok(new Uint8Array(plain));
  } catch {
    return badFrame('packed wrongly, or larger than it says');
  }
}
