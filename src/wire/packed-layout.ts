/**
 * A frame made smaller: a header of its own, then the frame as raw DEFLATE (RFC 1951).
 * docs/protocol.md, "Packed frames", describes the same bytes in words.
 */
export const PACKED = {
  /** "SQEZ" in memory order. */
  magicNumber: 0x5a45_5153,
  versionNumber: 1,
  deflate: 1,
  // Byte offsets.
  magic: 0,
  version: 4,
  method: 5,
  plainBytes: 8,
} as const;
export const PACKED_HEADER_BYTES = 12;

export function isPackedFrame(bytes: Uint8Array): boolean {
  if (bytes.length < PACKED_HEADER_BYTES) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(PACKED.magic, true) === PACKED.magicNumber;
}
