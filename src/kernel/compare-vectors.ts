/**
 * Comparison of two numeric expressions (`bytes / ms > 100`), vector against vector. Where one of
 * them is not numbers in a batch, another kernel for the same condition takes over.
 */
import type { EvalCounters } from '../expr/context.ts';
import type { Expression } from '../ir/expression.ts';
import type { BatchView } from './batch-view.ts';
import type { Comparison } from './compare-loops.ts';
import type { FieldSet } from './field-set.ts';
import { isComparison } from './number-shapes.ts';
import { compileNumeric } from './numeric.ts';
import type { NumericKernel } from './numeric.ts';

interface Selecting {
  select(view: BatchView, rows: Uint32Array, n: number, out: Uint32Array): number;
}

interface VectorComparison {
  readonly expression: Expression;
  readonly fields: FieldSet;
  readonly counters: EvalCounters;
  /** Takes over where the vectors are not numbers. */
  readonly otherwise: Selecting;
}

/** Which of less, equal, greater (bits 0, 1, 2) satisfy a comparison. */
const SATISFYING: Readonly<Record<Comparison, number>> = {
  lt: 0b001,
  le: 0b011,
  eq: 0b010,
  ge: 0b110,
  gt: 0b100,
  ne: 0b101,
};

/** Null: not a comparison of numeric shapes. */
export function compileVectorComparison(from: VectorComparison): Selecting | null {
  const { expression, fields, counters, otherwise } = from;
  if (expression.op !== 'call' || !isComparison(expression.name)) return null;
  const [left, right] = expression.args;
  if (left === undefined || right === undefined) return null;
  const a = compileNumeric(left, fields, counters);
  const b = a === null ? null : compileNumeric(right, fields, counters);
  if (a === null || b === null) return null;
  return new VectorComparisonKernel(expression.name, [a, b], counters, otherwise);
}

class VectorComparisonKernel implements Selecting {
  readonly #comparison: Comparison;
  readonly #sides: readonly [NumericKernel, NumericKernel];
  readonly #counters: EvalCounters;
  readonly #otherwise: Selecting;

  constructor(
    comparison: Comparison,
    sides: readonly [NumericKernel, NumericKernel],
    counters: EvalCounters,
    otherwise: Selecting,
  ) {
    this.#comparison = comparison;
    this.#sides = sides;
    this.#counters = counters;
    this.#otherwise = otherwise;
  }

  select(view: BatchView, rows: Uint32Array, n: number, out: Uint32Array): number {
    const { typeMismatches, nonFinite } = this.#counters;
    const a = this.#sides[0].evaluate(view, rows, n);
    const b = a === null ? null : this.#sides[1].evaluate(view, rows, n);
    if (a === null || b === null) {
      this.#counters.typeMismatches = typeMismatches;
      this.#counters.nonFinite = nonFinite;
      return this.#otherwise.select(view, rows, n, out);
    }
    const satisfying = SATISFYING[this.#comparison];
    if (this.#comparison === 'eq' || this.#comparison === 'ne') {
      return selectOrNulls(a, b, satisfying, rows, n, out);
    }
    this.#counters.typeMismatches += countUnordered(a, b, n);
    return selectOrdered(a, b, satisfying, rows, n, out);
  }
}

function selectOrdered(
  a: Float64Array,
  b: Float64Array,
  satisfying: number,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const x = a[i]!;
    const y = b[i]!;
    // 0 (no bit) if one is null.
    const relation = (x < y ? 1 : 0) | (x === y ? 2 : 0) | (x > y ? 4 : 0);
    out[kept] = rows[i]!;
    kept += (relation & satisfying) === 0 ? 0 : 1;
  }
  return kept;
}

/** Equality treats null as a value: two nulls are equal, a null and a number are not. */
function selectOrNulls(
  a: Float64Array,
  b: Float64Array,
  satisfying: number,
  rows: Uint32Array,
  n: number,
  out: Uint32Array,
): number {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const x = a[i]!;
    const y = b[i]!;
    const equal = x === y || (Number.isNaN(x) && Number.isNaN(y));
    out[kept] = rows[i]!;
    kept += ((equal ? 2 : 1) & satisfying) === 0 ? 0 : 1;
  }
  return kept;
}

function countUnordered(a: Float64Array, b: Float64Array, n: number): number {
  let unordered = 0;
  for (let i = 0; i < n; i++) unordered += Number.isNaN(a[i]!) || Number.isNaN(b[i]!) ? 1 : 0;
  return unordered;
}
