/**
 * What the results that all queries keep may hold together. When that is used up, a query that
 * holds more than its part gives up its oldest as it adds: few queries look far back, ten thousand
 * a little.
 */
export class RingSpace {
  readonly #bytesMax: number;
  #rings = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  open(): void {
    this.#rings++;
  }

  /** `bytes`: what the ring still holds. */
  close(bytes: number): void {
    this.#rings--;
    this.#bytes -= bytes;
  }

  /** Negative: what has been given up. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** True: a ring that holds so much has to give something up. */
  isTooMuch(ringBytes: number): boolean {
    return this.#bytes > this.#bytesMax && ringBytes > this.#bytesMax / this.#rings;
  }
}
