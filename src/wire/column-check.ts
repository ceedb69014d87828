/**
 * Checks the bytes of one column before anything is made of them, so that reading them later cannot
 * fail: lengths, offsets that only grow, codes that are known, no infinities, JSON not too deep.
 * Each check is one pass over what it guards.
 */
import { COLUMN_HAS_NULLS, COLUMN_RESETS_DICTIONARY, align8, KIND } from './frame-layout.ts';
import type { ColumnEntry } from './frame-reader.ts';

export interface ColumnLimits {
  readonly dictionaryEntriesMax: number;
  readonly depthMax: number;
}

/** What is wrong with the column, or null. `known` is the dictionary's size including null. */
export function columnFault(
  bytes: Uint8Array,
  entry: ColumnEntry,
  rows: number,
  known: number,
  limits: ColumnLimits,
): string | null {
  switch (entry.kind) {
    case KIND.null:
      return entry.byteLength === 0 ? null : 'a null column has no bytes';
    case KIND.f64:
      return numbersFault(bytes, entry, rows);
    case KIND.i32:
      return entry.byteLength === rows * 4 ? null : 'i32 needs 4 bytes a row';
    case KIND.bool:
      return booleansFault(bytes, entry, rows);
    case KIND.dict:
      return codesFault(bytes, entry, rows, known, limits);
    default:
      return textsFault(bytes, entry, rows, limits);
  }
}

function numbersFault(bytes: Uint8Array, entry: ColumnEntry, rows: number): string | null {
  if (entry.byteLength !== rows * 8) return 'f64 needs 8 bytes a row';
  const values = new Float64Array(bytes.buffer, bytes.byteOffset + entry.offset, rows);
  for (let row = 0; row < rows; row++) {
    const value = values[row] as number;
    if (value === Infinity || value === -Infinity) return 'an infinite number';
  }
  return null;
}

function booleansFault(bytes: Uint8Array, entry: ColumnEntry, rows: number): string | null {
  if (entry.byteLength !== rows) return 'bool needs 1 byte a row';
  for (let i = entry.offset; i < entry.offset + rows; i++) {
    if ((bytes[i] as number) > 2) return 'a boolean beyond 2';
  }
  return null;
}

function codesFault(
  bytes: Uint8Array,
  entry: ColumnEntry,
  rows: number,
  known: number,
  limits: ColumnLimits,
): string | null {
  const { additions } = entry;
  const size = ((entry.flags & COLUMN_RESETS_DICTIONARY) === 0 ? known : 1) + additions;
  if (size - 1 > limits.dictionaryEntriesMax) return 'too many dictionary entries';
  const codesBytes = additions > 0 ? align8(rows * 2) : rows * 2;
  if (additions === 0 && entry.byteLength !== codesBytes) return 'dict needs 2 bytes a row';
  if (entry.byteLength < codesBytes) return 'codes reach beyond the column';
  const codes = new Uint16Array(bytes.buffer, bytes.byteOffset + entry.offset, rows);
  let highest = 0;
  for (let row = 0; row < rows; row++) {
    const code = codes[row] as number;
    if (code > highest) highest = code;
  }
  if (highest >= size) return 'a code that names no entry';
  if (additions === 0) return null;
  return offsetsFault(bytes, {
    start: entry.offset + codesBytes,
    count: additions,
    gap: 0,
    end: entry.offset + entry.byteLength,
  });
}

function textsFault(
  bytes: Uint8Array,
  entry: ColumnEntry,
  rows: number,
  limits: ColumnLimits,
): string | null {
  const gap = (entry.flags & COLUMN_HAS_NULLS) === 0 ? 0 : Math.ceil(rows / 8);
  const end = entry.offset + entry.byteLength;
  const fault = offsetsFault(bytes, { start: entry.offset, count: rows, gap, end });
  if (fault !== null || entry.kind === KIND.text) return fault;
  const texts = entry.offset + (rows + 1) * 4 + gap;
  return jsonTooDeep(bytes, texts, end, limits.depthMax) ? 'JSON nested too deeply' : null;
}

/** Offsets of `count` texts at `start`, `gap` bytes of something else, then the texts to `end`. */
function offsetsFault(
  bytes: Uint8Array,
  layout: {
    readonly start: number;
    readonly count: number;
    readonly gap: number;
    readonly end: number;
  },
): string | null {
  const { start, count, gap, end } = layout;
  const textStart = start + (count + 1) * 4 + gap;
  if (textStart > end) return 'offsets reach beyond the column';
  const offsets = new Uint32Array(bytes.buffer, bytes.byteOffset + start, count + 1);
  let previous = 0;
  if (offsets[0] !== 0) return 'offsets begin at 0';
  for (let i = 1; i <= count; i++) {
    const offset = offsets[i] as number;
    if (offset < previous) return 'offsets run backwards';
    previous = offset;
  }
  return textStart + previous === end ? null : 'the last offset is not the end';
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Depth of brackets outside strings, over the column as a whole: a text with unbalanced brackets is
 * not JSON and reads as null, and may make its neighbours count as deeper than they are.
 */
export function jsonTooDeep(
  bytes: Uint8Array,
  start: number,
  end: number,
  depthMax: number,
): boolean {
  let depth = 0;
  let inString = false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (inString) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > depthMax) return true;
    } else if (byte === 0x5d || byte === 0x7d) {
      depth--;
    }
  }
  return false;
}
