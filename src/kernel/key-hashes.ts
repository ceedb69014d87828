/**
 * Keys of rows as 32-bit hashes, for hash joins: equal keys have equal hashes, whatever kind of
 * column they come in. A dictionary's strings are hashed once a batch and entry, plain texts by
 * their bytes, numbers by their bits; only lists, objects and computed values cost more.
 * Bench: bench/join.ts.
 */
import { groupKeyPart } from '../model/group-key.ts';
import type { CellReader, Column, DictionaryColumn, TextColumn } from '../model/batch.ts';
import type { Value } from '../model/value.ts';
import { readUtf8 } from '../wire/utf8.ts';

/** Of a key with a null member, which equals none. No other key has this hash. */
export const NO_KEY = 0;

const SEED = 0x9e3779b1;
const TEXT_TAG = 0x51ed270b;
const TRUE_HASH = 0x2545f491;
const FALSE_HASH = 0x6c8e9cf5;
const ASCII_MAX = 0x7f;

/**
 * Mixes one more member of the keys of rows 0 … n − 1 into `hashes`, which are 1 at the start. A
 * null makes a hash {@link NO_KEY} for good.
 */
export function mixColumn(
  column: Column | null,
  read: CellReader,
  n: number,
  hashes: Uint32Array,
): void {
  switch (column?.kind) {
    case 'null':
      hashes.fill(NO_KEY, 0, n);
      return;
    case 'dict':
      mixDictionary(column, n, hashes);
      return;
    case 'f64':
    case 'i32':
      mixNumbers(column.values, n, hashes);
      return;
    case 'text':
      mixTexts(column, n, hashes);
      return;
    default:
      for (let i = 0; i < n; i++) hashes[i] = mixed(hashes[i]!, hashOfValue(read(i)));
  }
}

/** {@link NO_KEY} for null. */
export function hashOfValue(value: Value): number {
  if (value === null) return NO_KEY;
  if (typeof value === 'string') return hashOfText(value);
  if (typeof value === 'number') return hashOfNumber(value);
  if (typeof value === 'boolean') return value ? TRUE_HASH : FALSE_HASH;
  return hashOfText(groupKeyPart(value));
}

function mixDictionary({ codes, dictionary }: DictionaryColumn, n: number, out: Uint32Array): void {
  const known = new Uint32Array(dictionary.size);
  for (let i = 0; i < n; i++) {
    const code = codes[i]!;
    if (code === 0) {
      out[i] = NO_KEY;
      continue;
    }
    let hash = known[code]!;
    if (hash === 0) known[code] = hash = hashOfText(dictionary.text(code));
    out[i] = mixed(out[i]!, hash);
  }
}

function mixNumbers(values: Float64Array | Int32Array, n: number, out: Uint32Array): void {
  for (let i = 0; i < n; i++) {
    const value = values[i]!;
    out[i] = Number.isNaN(value) ? NO_KEY : mixed(out[i]!, hashOfNumber(value));
  }
}

function mixTexts({ bytes, nulls, offsets }: TextColumn, n: number, out: Uint32Array): void {
  for (let i = 0; i < n; i++) {
    if (nulls !== null && (nulls[i >> 3]! & (1 << (i & 7))) !== 0) out[i] = NO_KEY;
    else out[i] = mixed(out[i]!, hashOfBytes(bytes, offsets[i]!, offsets[i + 1]!));
  }
}

function mixed(hash: number, member: number): number {
  if (hash === NO_KEY || member === NO_KEY) return NO_KEY;
  return nonZero(finalize(Math.imul(hash, SEED) ^ member));
}

/** Over UTF-16 units, which for ASCII are the bytes. */
function hashOfText(text: string): number {
  let hash = TEXT_TAG;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), SEED);
  return nonZero(finalize(hash ^ text.length));
}

function hashOfBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = TEXT_TAG;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte > ASCII_MAX) return hashOfText(readUtf8(bytes, start, end));
    hash = Math.imul(hash ^ byte, SEED);
  }
  return nonZero(finalize(hash ^ (end - start)));
}

const NUMBER = new Float64Array(1);
const WORDS = new Uint32Array(NUMBER.buffer);

/** 0 and −0 are equal. */
function hashOfNumber(value: number): number {
  NUMBER[0] = value + 0;
  return nonZero(finalize(Math.imul(WORDS[0]!, SEED) ^ WORDS[1]!));
}

/** The finalizer of MurmurHash3. */
function finalize(bits: number): number {
  let hash = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function nonZero(bits: number): number {
  return bits === NO_KEY ? 1 : bits >>> 0;
}
