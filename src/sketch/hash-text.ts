/**
 * 64 well-mixed bits of a string, as two 32-bit halves, for sketches that must agree between
 * threads and processes. Not for adversaries: whoever picks the values can make them collide.
 * Two multiply-xor lanes over the code units with a murmur finalizer.
 * @see https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js
 */
export interface TextHash {
  low: number;
  high: number;
}

/** Writes both halves (unsigned) into `target`, so that hashing allocates nothing. */
export function hashText(text: string, target: TextHash): void {
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x9e3779b1);
    high = Math.imul(high ^ unit, 0x5f356495);
  }
  low = finalize(low) ^ finalize(high ^ text.length);
  high = finalize(high + low);
  target.low = low >>> 0;
  target.high = high >>> 0;
}

function finalize(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
