/** Protobuf by hand, field by field, for bodies that no library would write. */
export class ProtobufWriter {
  readonly #bytes: number[] = [];

  varint(field: number, value: bigint): this {
    this.#varint(BigInt(field) << 3n);
    this.#varint(BigInt.asUintN(64, value));
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint((BigInt(field) << 3n) | 2n);
    this.#varint(BigInt(value.length));
    for (const byte of value) this.#bytes.push(byte);
    return this;
  }

  fixed64(field: number, value: bigint): this {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigInt64(0, value, true);
    return this.#eight(field, view);
  }

  double(field: number, value: number): this {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value, true);
    return this.#eight(field, view);
  }

  /** Packed. */
  doubles(field: number, values: readonly number[]): this {
    return this.bytes(field, new Uint8Array(new Float64Array(values).buffer));
  }

  /** Packed. */
  varints(field: number, values: readonly bigint[]): this {
    const inner = new ProtobufWriter();
    for (const value of values) inner.#varint(BigInt.asUintN(64, value));
    return this.bytes(field, inner.done());
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #eight(field: number, view: DataView): this {
    this.#varint((BigInt(field) << 3n) | 1n);
    this.#bytes.push(...new Uint8Array(view.buffer));
    return this;
  }

  #varint(value: bigint): void {
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) this.#bytes.push(Number(rest & 0x7fn) | 0x80);
    this.#bytes.push(Number(rest));
  }
}
