/**
 * `hash(x[, salt])`: FNV-1a over the UTF-16 code units of the salt's text, U+001F and the text of
 * x, finished with MurmurHash3's fmix32. Not cryptographic. The value is part of the language: the
 * same text gives the same number everywhere and for ever.
 */
import { textOf } from '../../model/value-text.ts';
import type { FixedFunction } from './contract.ts';

export const HASH_FUNCTIONS: Readonly<Record<string, FixedFunction>> = {
  hash: (_counters, x, salt) => {
    const text = textOf(x);
    if (text === null) return null;
    const seed = textOf(salt ?? null);
    return fmix32(seed === null ? fnv1a(OFFSET_BASIS, text) : salted(seed, text));
  },
};

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

function salted(salt: string, text: string): number {
  return fnv1a(fnv1a(fnv1a(OFFSET_BASIS, salt), '\u001f'), text);
}

function fnv1a(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), PRIME);
    hash = Math.imul(hash ^ (unit >>> 8), PRIME);
  }
  return hash;
}

function fmix32(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
