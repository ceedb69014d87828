/**
 * Quantiles of one group: exact while it holds few values, then counts in logarithmic buckets cut
 * from the bits of the double (sign, exponent, 7 mantissa bits: 128 buckets an octave), so finding
 * a bucket needs no logarithm. A bucket answers with its middle: relative error at most 2^-8 (0.4
 * %). Magnitudes below 2^-1022 count as zero. Buckets live in an open-addressing table indexed by
 * the low bits of the key: neighbouring values take neighbouring slots, so probes are rare and
 * memory follows the number of distinct buckets, not the range. The state is a function of the
 * multiset of values, hence merging is associative and commutative.
 * Bench: bench/micro/kernels.bench.ts (p99).
 */

/** A group answers exactly while it holds at most this many values. */
export const EXACT_VALUES_MAX = 256;
/** Half the width of a bucket relative to its lower end. */
export const QUANTILE_RELATIVE_ERROR_MAX = 2 ** -8;

const BUCKET_SHIFT = 13;
/** Keys of buckets are below this. */
export const BUCKET_KEYS: number = 2 ** (32 - BUCKET_SHIFT);
const MIDDLE_OF_BUCKET = 1 << (BUCKET_SHIFT - 1);
const SIGN_BIT = 1 << (31 - BUCKET_SHIFT);
/** Largest key of a subnormal number: 7 mantissa bits under a zero exponent. */
const SUBNORMAL_MAX = 127;
const EXACT_CAPACITY_MIN = 8;
const SLOTS_MIN = 256;

const NO_KEYS = new Uint32Array(0);
const NO_COUNTS = new Float64Array(0);
const floats = new Float64Array(1);
const words = new Uint32Array(floats.buffer);

export class QuantileSketch {
  #count = 0;
  #min = Infinity;
  #max = -Infinity;
  /** Values in order of arrival while exact; null once buckets took over. */
  #exact: Float64Array | null = new Float64Array(EXACT_CAPACITY_MIN);
  /** Bucket key + 1, so that 0 marks a free slot; as long as `#counts`, a power of two. */
  #keys: Uint32Array = NO_KEYS;
  #counts: Float64Array = NO_COUNTS;
  #used = 0;

  get count(): number {
    return this.#count;
  }

  get exact(): boolean {
    return this.#exact !== null;
  }

  get min(): number {
    return this.#min;
  }

  get max(): number {
    return this.#max;
  }

  /** Distinct buckets in use; 0 while exact. */
  get bucketCount(): number {
    return this.#used;
  }

  get bytes(): number {
    return (this.#exact?.byteLength ?? 0) + this.#keys.byteLength + this.#counts.byteLength;
  }

  /** `value` must be finite. */
  add(value: number): void {
    floats[0] = value;
    this.addWithHighWord(value, words[1]!);
  }

  /** As {@link add}, for callers that have the upper 32 bits of the double at hand. */
  addWithHighWord(value: number, highWord: number): void {
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    if (this.#exact === null) {
      this.#count++;
      this.#addToBucket(bucketKey(highWord), 1);
      return;
    }
    this.#addExact(value);
  }

  /**
   * Values `from` … `to` − 1, NaN left out; `halves` are the same doubles as words, low half first.
   */
  addVector(values: Float64Array, halves: Uint32Array, from: number, to: number): void {
    let i = this.#addExactRun(values, from, to);
    for (; i < to && this.#exact !== null; i++) {
      const value = values[i]!;
      if (!Number.isNaN(value)) this.addWithHighWord(value, halves[2 * i + 1]!);
    }
    let min = this.#min;
    let max = this.#max;
    let added = 0;
    for (; i < to; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
      added++;
      const key = bucketKey(halves[2 * i + 1]!);
      const slot = key & (this.#keys.length - 1);
      // Nearly every bucket stands in its own slot.
      if (this.#keys[slot] === key + 1) this.#counts[slot]!++;
      else this.#addToBucket(key, 1);
    }
    this.#min = min;
    this.#max = max;
    this.#count += added;
  }

  merge(other: QuantileSketch): void {
    if (other.#count === 0) return;
    if (other.#exact !== null) {
      for (let i = 0; i < other.#count; i++) this.add(other.#exact[i]!);
      return;
    }
    this.mergeBuckets(other.#min, other.#max, other.#count);
    for (let slot = 0; slot < other.#keys.length; slot++) {
      const key = other.#keys[slot]!;
      if (key !== 0) this.#addToBucket(key - 1, other.#counts[slot]!);
    }
  }

  /** Announces `count` values between `min` and `max` whose buckets follow by `mergeBucket`. */
  mergeBuckets(min: number, max: number, count: number): void {
    this.#spill();
    if (min < this.#min) this.#min = min;
    if (max > this.#max) this.#max = max;
    this.#count += count;
  }

  mergeBucket(key: number, count: number): void {
    this.#addToBucket(key, count);
  }

  /**
   * The value at 0-based rank min(n − 1, ceil(q·n)) of the sorted values, q in (0, 1); null if
   * there is none.
   */
  quantile(q: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.min(this.#count - 1, Math.ceil(q * this.#count));
    if (this.#exact !== null) {
      return this.#exact.slice(0, this.#count).sort()[rank]!;
    }
    if (rank === this.#count - 1) return this.#max;
    return this.#bucketAtRank(rank);
  }

  /** Empty and exact again; room for exact values is kept. */
  reset(): void {
    this.#count = 0;
    this.#min = Infinity;
    this.#max = -Infinity;
    this.#exact ??= new Float64Array(EXACT_CAPACITY_MIN);
    this.#keys = NO_KEYS;
    this.#counts = NO_COUNTS;
    this.#used = 0;
  }

  /** Copies exact values to `target` from `offset` on; only while exact. */
  copyExact(target: Float64Array, offset: number): void {
    if (this.#exact !== null) target.set(this.#exact.subarray(0, this.#count), offset);
  }

  /** Copies buckets to parallel arrays from `offset` on, in no particular order. */
  copyBuckets(keys: Uint32Array, counts: Float64Array, offset: number): void {
    let at = offset;
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const key = this.#keys[slot]!;
      if (key === 0) continue;
      keys[at] = key - 1;
      counts[at] = this.#counts[slot]!;
      at++;
    }
  }

  /** As many of the values as fit while exact; returns where the rest begins. */
  #addExactRun(values: Float64Array, from: number, to: number): number {
    if (this.#exact === null) return from;
    const end = Math.min(to, from + EXACT_VALUES_MAX - this.#count);
    const exact = this.#exactWithRoom(this.#count + end - from);
    let count = this.#count;
    let min = this.#min;
    let max = this.#max;
    for (let i = from; i < end; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      exact[count++] = value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    this.#count = count;
    this.#min = min;
    this.#max = max;
    return end;
  }

  #exactWithRoom(count: number): Float64Array {
    const values = this.#exact!;
    if (count <= values.length) return values;
    let capacity = values.length;
    while (capacity < count) capacity *= 2;
    const grown = new Float64Array(capacity);
    grown.set(values);
    this.#exact = grown;
    return grown;
  }

  #addExact(value: number): void {
    const count = this.#count;
    if (count === EXACT_VALUES_MAX) {
      this.#spill();
      this.#count++;
      this.#addToBucket(bucketKeyOf(value), 1);
      return;
    }
    this.#exactWithRoom(count + 1)[count] = value;
    this.#count = count + 1;
  }

  #spill(): void {
    const values = this.#exact;
    if (values === null) return;
    this.#exact = null;
    this.#keys = new Uint32Array(SLOTS_MIN);
    this.#counts = new Float64Array(SLOTS_MIN);
    for (let i = 0; i < this.#count; i++) this.#addToBucket(bucketKeyOf(values[i]!), 1);
  }

  #addToBucket(key: number, count: number): void {
    const keys = this.#keys;
    const mask = keys.length - 1;
    const marker = key + 1;
    let slot = key & mask;
    while (true) {
      const found = keys[slot]!;
      if (found === marker) {
        this.#counts[slot]! += count;
        return;
      }
      if (found === 0) break;
      slot = (slot + 1) & mask;
    }
    keys[slot] = marker;
    this.#counts[slot] = count;
    this.#used++;
    if (this.#used * 4 > keys.length * 3) this.#rehash();
  }

  #rehash(): void {
    const keys = this.#keys;
    const counts = this.#counts;
    this.#keys = new Uint32Array(keys.length * 2);
    this.#counts = new Float64Array(keys.length * 2);
    this.#used = 0;
    for (let slot = 0; slot < keys.length; slot++) {
      const marker = keys[slot]!;
      if (marker !== 0) this.#addToBucket(marker - 1, counts[slot]!);
    }
  }

  #bucketAtRank(rank: number): number {
    const keys = new Uint32Array(this.#used);
    const counts = new Float64Array(this.#used);
    this.copyBuckets(keys, counts, 0);
    const order = Uint32Array.from(keys.keys());
    order.sort((a, b) => bucketRank(keys[a]!) - bucketRank(keys[b]!));
    let seen = 0;
    for (const index of order) {
      seen += counts[index]!;
      if (seen > rank) return Math.min(this.#max, Math.max(this.#min, bucketMiddle(keys[index]!)));
    }
    return this.#max;
  }
}

/** Sign, exponent and 7 mantissa bits of the double with this upper half; 0 for zero. */
function bucketKey(highWord: number): number {
  const key = highWord >>> BUCKET_SHIFT;
  return (key & ~SIGN_BIT) <= SUBNORMAL_MAX ? 0 : key;
}

function bucketKeyOf(value: number): number {
  floats[0] = value;
  return bucketKey(words[1]!);
}

/** Negative numbers grow towards minus infinity with their bits; this puts keys in value order. */
function bucketRank(key: number): number {
  return (key & SIGN_BIT) === 0 ? key : -(key & ~SIGN_BIT);
}

function bucketMiddle(key: number): number {
  if (key === 0) return 0;
  words[0] = 0;
  words[1] = ((key << BUCKET_SHIFT) | MIDDLE_OF_BUCKET) >>> 0;
  return floats[0]!;
}
