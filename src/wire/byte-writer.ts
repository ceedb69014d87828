/** A buffer that grows by doubling and is used again for every frame; owned by one encoder. */
import { align8 } from './frame-layout.ts';

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

  /** A copy of what was written; the writer starts over. */
  finish(): Uint8Array {
    const copy = this.bytes.slice(0, this.position);
    this.position = 0;
    return copy;
  }
}
