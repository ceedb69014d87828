/** The baseline's quantile sketch: logarithmic buckets of one percent, one value at a time. */
const BUCKETS_PER_E = 1 / Math.log(1.02);
const BUCKETS = 2_048;
const OFFSET = 512;

export class QuantileSketch {
  readonly #counts = new Uint32Array(BUCKETS);

  add(value: number): void {
    const bucket = Math.round(Math.log(value) * BUCKETS_PER_E) + OFFSET;
    this.#counts[Math.max(0, Math.min(BUCKETS - 1, bucket))]!++;
  }

  quantile(q: number): number {
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    let seen = 0;
    const bucket = this.#counts.findIndex((count) => (seen += count) >= q * total);
    return Math.exp((bucket - OFFSET) / BUCKETS_PER_E);
  }
}
