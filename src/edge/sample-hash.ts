/**
 * The hashes that samples decide by. They are part of the protocol: every agent in every language,
 * and Mantis, must pick the same events.
 * @see https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp (MurmurHash3_x86_32)
 */

/** As `java.lang.String.hashCode`: over UTF-16 code units, signed 32 bits. */
export function javaStringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** MurmurHash3 of one 32-bit number (its 4 bytes, lowest first), seed 0; signed 32 bits. */
export function murmurOfWord(word: number): number {
  return finished(mixed(0, word), 4);
}

/** MurmurHash3 of a whole number up to 2^53 as 8 bytes, lowest first; unsigned 32 bits. */
export function murmurOfWhole(whole: number, seed: number): number {
  const low = mixed(seed, whole | 0);
  return finished(mixed(low, Math.floor(whole / WORD)), 8) >>> 0;
}

/** 2^32: how many different hashes there are. */
export const WORD = 0x1_0000_0000;

function mixed(hash: number, word: number): number {
  const spread = Math.imul(word, 0xcc9e2d51);
  const turned = Math.imul((spread << 15) | (spread >>> 17), 0x1b873593);
  const next = hash ^ turned;
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}

function finished(hash: number, bytes: number): number {
  let bits = hash ^ bytes;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
