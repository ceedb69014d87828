/**
 * Expressions as vectors of doubles beside a selection: result i belongs to row `rows[i]`, NaN is
 * null. Only for what is numbers in this very batch: a field that is a string somewhere makes the
 * kernel answer null, and the caller takes values one by one. Vectors are borrowed until the kernel
 * is asked again. Here, and only here, a selection may hold a row more than once.
 * Bench: bench/micro/kernels.bench.ts (p99).
 */
import type { EvalCounters } from '../expr/context.ts';
import type { Expression } from '../ir/expression.ts';
import { grownFloats } from '../sketch/typed-column.ts';
import type { BatchView } from './batch-view.ts';
import type { FieldSet } from './field-set.ts';
import { isAllRows } from './selection.ts';

export interface NumericKernel {
  /** Null: not numbers in this batch. */
  evaluate(view: BatchView, rows: Uint32Array, n: number): Float64Array | null;
}

/** Null: no kernel for this shape in any batch. */
export function compileNumeric(
  expression: Expression,
  fields: FieldSet,
  counters: EvalCounters,
): NumericKernel | null {
  if (expression.op === 'literal') {
    return typeof expression.value === 'number' ? new ConstantVector(expression.value) : null;
  }
  if (expression.op === 'field') return new FieldVector(fields.number(expression.path));
  if (expression.op !== 'call') return null;
  const [first, second] = expression.args;
  if (first === undefined) return null;
  const a = compileNumeric(first, fields, counters);
  if (a === null) return null;
  if (second === undefined) {
    return expression.name === 'negate' ? new NegatedVector(a, counters) : null;
  }
  const loop = ARITHMETIC.get(expression.name);
  const b = loop === undefined ? null : compileNumeric(second, fields, counters);
  return loop === undefined || b === null ? null : new BinaryVector(a, b, loop, counters);
}

class ConstantVector implements NumericKernel {
  readonly #value: number;
  #vector: Float64Array = new Float64Array(0);

  constructor(value: number) {
    this.#value = value;
  }

  evaluate(_view: BatchView, _rows: Uint32Array, n: number): Float64Array {
    this.#vector = grownFloats(this.#vector, n, this.#value);
    return this.#vector;
  }
}

class FieldVector implements NumericKernel {
  readonly #field: number;
  #vector: Float64Array = new Float64Array(0);

  constructor(field: number) {
    this.#field = field;
  }

  evaluate(view: BatchView, rows: Uint32Array, n: number): Float64Array | null {
    const column = view.column(this.#field);
    if (column === null) return null;
    if (column.kind === 'f64') {
      if (n === view.batch.rows && isAllRows(rows)) return column.values;
      this.#vector = grownFloats(this.#vector, n);
      gather(column.values, rows, n, this.#vector);
      return this.#vector;
    }
    if (column.kind === 'i32') {
      this.#vector = grownFloats(this.#vector, n);
      gather(column.values, rows, n, this.#vector);
      return this.#vector;
    }
    if (column.kind !== 'null') return null;
    this.#vector = grownFloats(this.#vector, n);
    return this.#vector.fill(NaN, 0, n);
  }
}

function gather(
  values: Float64Array | Int32Array,
  rows: Uint32Array,
  n: number,
  out: Float64Array,
): void {
  for (let i = 0; i < n; i++) out[i] = values[rows[i]!]!;
}

class NegatedVector implements NumericKernel {
  readonly #inner: NumericKernel;
  readonly #counters: EvalCounters;
  #vector: Float64Array = new Float64Array(0);

  constructor(inner: NumericKernel, counters: EvalCounters) {
    this.#inner = inner;
    this.#counters = counters;
  }

  evaluate(view: BatchView, rows: Uint32Array, n: number): Float64Array | null {
    const values = this.#inner.evaluate(view, rows, n);
    if (values === null) return null;
    this.#vector = grownFloats(this.#vector, n);
    for (let i = 0; i < n; i++) {
      this.#vector[i] = -values[i]!;
      if (Number.isNaN(values[i]!)) this.#counters.typeMismatches++;
    }
    return this.#vector;
  }
}

/** Raw results; what is not finite is dealt with afterwards. */
type ArithmeticLoop = (a: Float64Array, b: Float64Array, n: number, out: Float64Array) => void;

const ARITHMETIC: ReadonlyMap<string, ArithmeticLoop> = new Map<string, ArithmeticLoop>([
  [
    'add',
    (a, b, n, out) => {
      for (let i = 0; i < n; i++) out[i] = a[i]! + b[i]!;
    },
  ],
  [
    'subtract',
    (a, b, n, out) => {
      for (let i = 0; i < n; i++) out[i] = a[i]! - b[i]!;
    },
  ],
  [
    'multiply',
    (a, b, n, out) => {
      for (let i = 0; i < n; i++) out[i] = a[i]! * b[i]!;
    },
  ],
  [
    'divide',
    (a, b, n, out) => {
      for (let i = 0; i < n; i++) out[i] = a[i]! / b[i]!;
    },
  ],
  [
    'modulo',
    (a, b, n, out) => {
      for (let i = 0; i < n; i++) out[i] = a[i]! % b[i]!;
    },
  ],
]);

class BinaryVector implements NumericKernel {
  readonly #a: NumericKernel;
  readonly #b: NumericKernel;
  readonly #loop: ArithmeticLoop;
  readonly #counters: EvalCounters;
  #vector: Float64Array = new Float64Array(0);

  constructor(a: NumericKernel, b: NumericKernel, loop: ArithmeticLoop, counters: EvalCounters) {
    this.#a = a;
    this.#b = b;
    this.#loop = loop;
    this.#counters = counters;
  }

  evaluate(view: BatchView, rows: Uint32Array, n: number): Float64Array | null {
    // Both sides are looked at before either counts anything: a fallback counts for itself.
    const { typeMismatches, nonFinite } = this.#counters;
    const a = this.#a.evaluate(view, rows, n);
    const b = a === null ? null : this.#b.evaluate(view, rows, n);
    if (a === null || b === null) {
      this.#counters.typeMismatches = typeMismatches;
      this.#counters.nonFinite = nonFinite;
      return null;
    }
    this.#vector = grownFloats(this.#vector, n);
    this.#loop(a, b, n, this.#vector);
    this.#settle(a, b, n);
    return this.#vector;
  }

  #settle(a: Float64Array, b: Float64Array, n: number): void {
    const vector = this.#vector;
    for (let i = 0; i < n; i++) {
      if (Number.isFinite(vector[i]!)) continue;
      vector[i] = NaN;
      if (Number.isNaN(a[i]!) || Number.isNaN(b[i]!)) this.#counters.typeMismatches++;
      else this.#counters.nonFinite++;
    }
  }
}
