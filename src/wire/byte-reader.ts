/**
 * Bytes from a peer, one after the other. Nothing throws: what is beyond the end or malformed sets
 * `fault` once and reads as zero from there on, so that callers look at it where it matters and not
 * at every byte. Room is only made for what the bytes that are left can hold.
 */
import { readUtf8 } from './utf8.ts';

const WHOLE_BYTES_MAX = 8;

export class ByteReader {
  /** What is wrong; null: nothing so far. */
  fault: string | null = null;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  get position(): number {
    return this.#at;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  fail(fault: string): void {
    this.fault ??= fault;
    this.#at = this.#end;
  }

  byte(): number {
    if (!this.#has(1)) return 0;
    return this.#bytes[this.#at++] as number;
  }

  /** A whole number from 0 to 2^53 − 1: seven bits a byte, low ones first. */
  whole(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < WHOLE_BYTES_MAX; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value <= Number.MAX_SAFE_INTEGER) return value;
        break;
      }
      factor *= 0x80;
    }
    this.fail('a whole number that is too large');
    return 0;
  }

  /** A number of things that take at least `bytesMin` each of what is left. */
  count(bytesMin = 1): number {
    const count = this.whole();
    if (count * bytesMin <= this.left) return count;
    this.fail('more things than bytes');
    return 0;
  }

  uint32(): number {
    if (!this.#has(4)) return 0;
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  float(): number {
    if (!this.#has(8)) return 0;
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  /** Borrowed. */
  raw(count: number): Uint8Array {
    if (!this.#has(count)) return new Uint8Array(0);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  text(): string {
    const length = this.count();
    const start = this.#at;
    this.#at += length;
    return readUtf8(this.#bytes, start, this.#at);
  }

  /** A reader of the next `count` bytes, which this one skips. */
  part(count: number): ByteReader {
    const start = this.#at;
    if (!this.#has(count)) return new ByteReader(this.#bytes, start, start);
    this.#at += count;
    return new ByteReader(this.#bytes, start, this.#at);
  }

  #has(count: number): boolean {
    if (count <= this.left) return true;
    this.fail('the frame ends too early');
    return false;
  }
}
