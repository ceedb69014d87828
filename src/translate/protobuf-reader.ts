/**
 * Protocol Buffers off the wire, one field after the other. Nothing throws: what ends too early or
 * is no protobuf sets `fault` once, and reads as zero from there on. Groups, which proto3 does not
 * know, are a fault. Bench: `http`, case OTLP.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
import { readUtf8 } from '../wire/utf8.ts';

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const TWO_32 = 4_294_967_296;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export class ProtobufReader {
  /** What is wrong; null: nothing so far. */
  fault: string | null = null;
  /** Number and wire type of the field that {@link next} came to. */
  field = 0;
  wire = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #end: number;
  /** Halves of the last varint. */
  #low = 0;
  #high = 0;
  /** Messages that may still begin. */
  #parts: number;
  readonly #partsMax: number;

  constructor(bytes: Uint8Array, partsMax: number) {
    this.#bytes = bytes;
    this.#parts = partsMax;
    this.#partsMax = partsMax;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  /** Whether there is another field before the end of the message that is being read. */
  next(): boolean {
    if (this.fault !== null || this.#at >= this.#end) return false;
    this.#varint();
    this.field = this.#high * 536_870_912 + (this.#low >>> 3);
    this.wire = this.#low & 7;
    if (this.field === 0) this.fail('field number 0');
    return this.fault === null;
  }

  /** Counts a message. */
  begin(): void {
    if (--this.#parts < 0) this.fail(partsFault(this.#partsMax));
  }

  /** Whether the message, or list of packed numbers, that was entered has not ended. */
  hasMore(): boolean {
    return this.fault === null && this.#at < this.#end;
  }

  fail(fault: string): void {
    this.fault ??= fault;
    this.#at = this.#end;
  }

  /** Enters the message in this field; the end to hand to {@link leave}. */
  enter(): number {
    const length = this.#length();
    const outer = this.#end;
    this.#end = this.#at + length;
    return outer;
  }

  leave(outer: number): void {
    this.#at = this.fault === null ? this.#end : outer;
    this.#end = outer;
  }

  skip(): void {
    if (this.wire === WIRE.varint) this.#varint();
    else if (this.wire === WIRE.fixed64) this.#move(8);
    else if (this.wire === WIRE.bytes) this.#move(this.#length());
    else if (this.wire === WIRE.fixed32) this.#move(4);
    else this.fail(`wire type ${this.wire}`);
  }

  text(): string {
    const length = this.#length();
    this.#at += length;
    return readUtf8(this.#bytes, this.#at - length, this.#at);
  }

  /** Borrowed. */
  bytes(): Uint8Array {
    const length = this.#length();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Lower-case; an empty field is an empty text. */
  hex(): string {
    let text = '';
    for (const byte of this.bytes()) text += HEX[byte];
    return text;
  }

  /** An unsigned number; beyond 2^53 the nearest double. */
  unsigned(): number {
    this.#varint();
    return this.#high * TWO_32 + this.#low;
  }

  bool(): boolean {
    return this.unsigned() !== 0;
  }

  /** A signed number (two's complement); beyond ±2^53 its digits, for doubles would round it. */
  int64(): number | string {
    this.#varint();
    return wholeFrom(this.#low, this.#high | 0);
  }

  /** Zigzag, as `sint32` and `sint64` have it; beyond ±2^53 the nearest double. */
  zigzag(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  fixed32(): number {
    return this.#move(4) ? this.#view.getUint32(this.#at - 4, true) : 0;
  }

  /** Unsigned; beyond 2^53 the nearest double. */
  fixed64(): number {
    if (!this.#move(8)) return 0;
    const low = this.#view.getUint32(this.#at - 8, true);
    return this.#view.getUint32(this.#at - 4, true) * TWO_32 + low;
  }

  sfixed64(): number | string {
    if (!this.#move(8)) return 0;
    const low = this.#view.getUint32(this.#at - 8, true);
    return wholeFrom(low, this.#view.getInt32(this.#at - 4, true));
  }

  double(): number {
    return this.#move(8) ? this.#view.getFloat64(this.#at - 8, true) : 0;
  }

  /** Seven bits a byte, low ones first, at most ten bytes. */
  #varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (!this.#move(1)) return;
      const byte = this.#bytes[this.#at - 1] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    this.fail('a varint of more than ten bytes');
  }

  #length(): number {
    if (this.wire !== WIRE.bytes) {
      this.fail(`wire type ${this.wire} where field ${this.field} has a length`);
      return 0;
    }
    const length = this.unsigned();
    if (length <= this.#end - this.#at) return length;
    this.fail('a field is longer than its message');
    return 0;
  }

  #move(count: number): boolean {
    if (this.#end - this.#at >= count) {
      this.#at += count;
      return true;
    }
    this.fail('the message ends too early');
    return false;
  }
}

/** What a body is told that would become too many objects. */
export function partsFault(partsMax: number): string {
  return `more than ${partsMax} parts in one body: send less at once, or raise \`bodyPartsMax\``;
}

function wholeFrom(low: number, high: number): number | string {
  const value = high * TWO_32 + low;
  if (Number.isSafeInteger(value)) return value;
  return ((BigInt(high) << 32n) | BigInt(low)).toString();
}
