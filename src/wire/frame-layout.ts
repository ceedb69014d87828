/**
 * Where everything stands in an event frame. All numbers are little-endian; every section starts at
 * a multiple of 8 so that a receiver can lay typed arrays over it. `docs/protocol.md`, "Event
 * frame", describes the same bytes in words.
 *
 *     header 64 | directory 16 × columns | schema JSON? | times f64 × rows | columns …
 */
export const FRAME_MAGIC = 0x4245_5153; // "SQEB" in memory order.
export const FRAME_VERSION = 1;
export const FRAME_KIND_EVENTS = 1;
/** See `partials-frame.ts`; of the header it has what does not speak of columns. */
export const FRAME_KIND_PARTIALS = 2;

/** A schema definition travels in this frame. */
export const FLAG_SCHEMA = 1;

/** Byte offsets in the header. */
export const HEADER = {
  magic: 0,
  version: 4,
  kind: 5,
  flags: 6,
  byteLength: 8,
  rows: 12,
  frameSequence: 16,
  firstSequence: 24,
  watermarkMs: 32,
  epoch: 40,
  filtered: 44,
  schemaId: 48,
  columns: 52,
  schemaBytes: 56,
  timesOffset: 60,
} as const;
export const HEADER_BYTES = 64;

/** Byte offsets in a directory entry. */
export const ENTRY = { kind: 0, flags: 1, offset: 4, byteLength: 8, additions: 12 } as const;
export const ENTRY_BYTES = 16;

/** Column kinds as they stand in a directory entry. */
export const KIND = { null: 0, f64: 1, i32: 2, bool: 3, dict: 4, text: 5, variant: 6 } as const;

/** Column flags. */
export const COLUMN_HAS_NULLS = 1;
export const COLUMN_RESETS_DICTIONARY = 2;

/** Event times and watermarks lie within what a JavaScript date can hold. */
export const TIME_MS_MAX = 8.64e15;

/** Smallest multiple of 8 that is not below `bytes`. */
export function align8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
