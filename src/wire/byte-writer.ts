/** A buffer that grows by doubling and is used again for every frame; owned by one encoder. */
import { align8 } from './frame-layout.ts';
import { utf8BytesMax, writeUtf8 } from './utf8.ts';

export class ByteWriter {
  bytes = new Uint8Array(4_096);
  view = new DataView(this.bytes.buffer);
  /** Next byte to write. */
  position = 0;

  /** Room for `count` more bytes. Take `bytes` and `view` anew afterwards. */
  reserve(count: number): void {
    const needed = this.position + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(align8(Math.max(needed, this.bytes.length * 2)));
    grown.set(this.bytes.subarray(0, this.position));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  /** Moves on to a multiple of 8 with zeros, so that frames are the same for the same input. */
  align(): void {
    const aligned = align8(this.position);
    this.reserve(aligned - this.position);
    this.bytes.fill(0, this.position, aligned);
    this.position = aligned;
  }

  /** `count` zero bytes; returns where they start. */
  skip(count: number): number {
    this.reserve(count);
    const start = this.position;
    this.bytes.fill(0, start, start + count);
    this.position += count;
    return start;
  }

  append(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.position);
    this.position += source.length;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.position++] = value;
  }

  /** A whole number from 0 to 2^53 − 1, as `ByteReader.whole` reads it. */
  whole(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.position++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.position++] = rest;
  }

  float(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.position, value, true);
    this.position += 8;
  }

  /** UTF-8 behind its length. */
  text(text: string): void {
    const bytesMax = utf8BytesMax(text);
    this.reserve(bytesMax + 8);
    const isShort = bytesMax < 0x80;
    const start = this.position + (isShort ? 1 : 4);
    const end = writeUtf8(text, this.bytes, start);
    const length = end - start;
    if (isShort) this.bytes[this.position] = length;
    else this.#wholeOf4(length);
    this.position = end;
  }

  /** As {@link whole}, in four bytes whatever the number, which must be below 2^28. */
  #wholeOf4(value: number): void {
    for (let i = 0; i < 3; i++) {
      this.bytes[this.position + i] = ((value >>> (7 * i)) & 0x7f) | 0x80;
    }
    this.bytes[this.position + 3] = (value >>> 21) & 0x7f;
  }

  /** A copy of what was written; the writer starts over. */
  finish(): Uint8Array {
    const copy = this.bytes.slice(0, this.position);
    this.position = 0;
    return copy;
  }
}
