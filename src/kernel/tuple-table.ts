/**
 * Tuples of 32-bit numbers ⇒ small whole numbers: open addressing in typed arrays, linear probing,
 * at most half full. No strings, no objects, nothing per look-up but integer arithmetic.
 * Bench: bench/micro/kernels.bench.ts (group by).
 */
const SLOTS_MIN = 64;
const GOLDEN = 0x9e3779b1;
const SECOND = 0x85ebca6b;

/** No such tuple. */
export const ABSENT = 0xffff_ffff;

export class TupleTable {
  readonly #arity: number;
  /** `arity` numbers a slot. */
  #tuples: Uint32Array;
  /** Value + 1; 0 marks a free slot. */
  #values: Uint32Array = new Uint32Array(SLOTS_MIN);
  #used = 0;

  constructor(arity: number) {
    this.#arity = arity;
    this.#tuples = new Uint32Array(SLOTS_MIN * arity);
  }

  get size(): number {
    return this.#used;
  }

  /**
   * `columns[c][i]` is member c of tuple i < n. Writes its value, or {@link ABSENT}, to `out[i]`
   * and returns how many are absent.
   */
  find(columns: readonly Uint32Array[], n: number, out: Uint32Array): number {
    if (this.#arity === 1) return findSingles(this.#tuples, this.#values, columns[0]!, n, out);
    if (this.#arity === 2) {
      return findPairs(this.#tuples, this.#values, columns as ColumnPair, n, out);
    }
    let absent = 0;
    for (let i = 0; i < n; i++) {
      const value = this.#values[this.#slotOf(columns, i)]!;
      out[i] = value === 0 ? ABSENT : value - 1;
      if (value === 0) absent++;
    }
    return absent;
  }

  /** Tuple i of the columns, or {@link ABSENT}. */
  get(columns: readonly Uint32Array[], i: number): number {
    const value = this.#values[this.#slotOf(columns, i)]!;
    return value === 0 ? ABSENT : value - 1;
  }

  /** The tuple must be absent. */
  set(columns: readonly Uint32Array[], i: number, value: number): void {
    if (this.#used * 2 >= this.#values.length) this.#grow();
    const slot = this.#slotOf(columns, i);
    for (let c = 0; c < this.#arity; c++) {
      this.#tuples[slot * this.#arity + c] = columns[c]![i]!;
    }
    this.#values[slot] = value + 1;
    this.#used++;
  }

  /** Members of all tuples, in no particular order, some more than once. */
  *members(): Iterable<number> {
    for (let slot = 0; slot < this.#values.length; slot++) {
      if (this.#values[slot] === 0) continue;
      for (let c = 0; c < this.#arity; c++) yield this.#tuples[slot * this.#arity + c]!;
    }
  }

  clear(): void {
    this.#values.fill(0);
    this.#used = 0;
  }

  /** Slot of the tuple, or the free slot where it belongs. */
  #slotOf(columns: readonly Uint32Array[], i: number): number {
    let hash = 0;
    for (let c = 0; c < this.#arity; c++) hash = mix(hash, columns[c]![i]!);
    const mask = this.#values.length - 1;
    let slot = spread(hash) & mask;
    while (this.#values[slot] !== 0 && !this.#isAt(slot, columns, i)) slot = (slot + 1) & mask;
    return slot;
  }

  #isAt(slot: number, columns: readonly Uint32Array[], i: number): boolean {
    for (let c = 0; c < this.#arity; c++) {
      if (this.#tuples[slot * this.#arity + c] !== columns[c]![i]) return false;
    }
    return true;
  }

  #grow(): void {
    const tuples = this.#tuples;
    const values = this.#values;
    const arity = this.#arity;
    this.#values = new Uint32Array(values.length * 2);
    this.#tuples = new Uint32Array(tuples.length * 2);
    this.#used = 0;
    const columns = Array.from({ length: arity }, () => new Uint32Array(1));
    for (let slot = 0; slot < values.length; slot++) {
      if (values[slot] === 0) continue;
      for (let c = 0; c < arity; c++) columns[c]![0] = tuples[slot * arity + c]!;
      this.set(columns, 0, values[slot]! - 1);
    }
  }
}

type ColumnPair = readonly [Uint32Array, Uint32Array];

function mix(hash: number, member: number): number {
  return Math.imul(hash ^ (hash >>> 15), SECOND) ^ Math.imul(member, GOLDEN);
}

function spread(hash: number): number {
  return hash ^ (hash >>> 16);
}

function findSingles(
  tuples: Uint32Array,
  values: Uint32Array,
  column: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  const mask = values.length - 1;
  let absent = 0;
  for (let i = 0; i < n; i++) {
    const member = column[i]!;
    let slot = spread(Math.imul(member, GOLDEN)) & mask;
    let value = values[slot]!;
    while (value !== 0 && tuples[slot] !== member) {
      slot = (slot + 1) & mask;
      value = values[slot]!;
    }
    // A free slot holds 0, which wraps to ABSENT.
    out[i] = value - 1;
    absent += value === 0 ? 1 : 0;
  }
  return absent;
}

function findPairs(
  tuples: Uint32Array,
  values: Uint32Array,
  columns: ColumnPair,
  n: number,
  out: Uint32Array,
): number {
  const [first, second] = columns;
  const mask = values.length - 1;
  let absent = 0;
  for (let i = 0; i < n; i++) {
    const a = first[i]!;
    const b = second[i]!;
    let slot = spread(mix(Math.imul(a, GOLDEN), b)) & mask;
    let value = values[slot]!;
    while (value !== 0 && (tuples[slot * 2] !== a || tuples[slot * 2 + 1] !== b)) {
      slot = (slot + 1) & mask;
      value = values[slot]!;
    }
    out[i] = value - 1;
    absent += value === 0 ? 1 : 0;
  }
  return absent;
}
