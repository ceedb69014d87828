/**
 * HyperLogLog with 4,096 registers (p = 12, standard error 1.04/√4096 = 1.6 %) over 64-bit hashes,
 * read by Ertl's estimator, which needs neither bias tables nor a switch to linear counting.
 * Registers only grow and merge by maximum, so merging is associative, commutative, idempotent.
 * @see https://arxiv.org/abs/1702.01284 (algorithms 4–6)
 */
import { hashText } from './hash-text.ts';
import type { TextHash } from './hash-text.ts';

export const REGISTERS = 4_096;
const INDEX_SHIFT = 20;
/** Bits that decide a register's value; it ranges from 0 to this + 1. */
const RANK_BITS = 32;
const ALPHA_INFINITY = 1 / (2 * Math.LN2);

const scratch: TextHash = { low: 0, high: 0 };

export class HyperLogLog {
  readonly registers: Uint8Array;

  /** Takes over `registers` (length {@link REGISTERS}) or starts empty. */
  constructor(registers: Uint8Array = new Uint8Array(REGISTERS)) {
    this.registers = registers;
  }

  add(text: string): void {
    hashText(text, scratch);
    const index = scratch.low >>> INDEX_SHIFT;
    const rank = Math.clz32(scratch.high) + 1;
    if (rank > this.registers[index]!) this.registers[index] = rank;
  }

  merge(registers: Uint8Array): void {
    const own = this.registers;
    for (let i = 0; i < REGISTERS; i++) {
      const rank = registers[i]!;
      if (rank > own[i]!) own[i] = rank;
    }
  }

  /** Distinct values added, as a whole number. */
  estimate(): number {
    const histogram = new Uint32Array(RANK_BITS + 2);
    for (let i = 0; i < REGISTERS; i++) histogram[this.registers[i]!]!++;
    let z = REGISTERS * tau(1 - histogram[RANK_BITS + 1]! / REGISTERS);
    for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + histogram[rank]!);
    z += REGISTERS * sigma(histogram[0]! / REGISTERS);
    return Math.round((ALPHA_INFINITY * REGISTERS * REGISTERS) / z);
  }
}

function sigma(share: number): number {
  if (share === 1) return Infinity;
  let x = share;
  let y = 1;
  let z = x;
  let before: number;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (z !== before);
  return z;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - x;
  let before: number;
  do {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  } while (z !== before);
  return z / 3;
}
