/**
 * Conditions as kernels: a selection in, the rows that satisfy the condition out. AND narrows, OR
 * asks only for the rest, NOT subtracts, so every row is evaluated exactly when the row closures
 * would evaluate it. Leaves over one field have loops for number columns and memos for
 * dictionaries; what has neither runs the row closure for the rows still in question.
 * Bench: bench/micro/kernels.bench.ts (filter).
 */
import type { EvalCounters } from '../expr/context.ts';
import type { Expression, LogicalExpression } from '../ir/expression.ts';
import { isTruthy } from '../model/value-equality.ts';
import { grownUints } from '../sketch/typed-column.ts';
import type { BatchView } from './batch-view.ts';
import { BOOLEAN_NULL, CodeMemo } from './code-memo.ts';
import { compileVectorComparison } from './compare-vectors.ts';
import type { FieldSet } from './field-set.ts';
import { isPure } from '../ir/map-fields.ts';
import { numberSelect } from './number-shapes.ts';
import type { NumberSelect } from './number-shapes.ts';
import { RowExpression } from './row-expression.ts';
import { mergeRows, subtractRows } from './selection.ts';

export interface PredicateKernel {
  /**
   * Writes the rows among `rows[0 … n)` that satisfy the condition to `out`, ascending like the
   * input, and returns how many. `out` may be `rows`; it must have room for n.
   */
  select(view: BatchView, rows: Uint32Array, n: number, out: Uint32Array): number;
}

export function compilePredicate(
  expression: Expression,
  fields: FieldSet,
  counters: EvalCounters,
): PredicateKernel {
  switch (expression.op) {
    case 'and':
    case 'or':
      return compileLogical(expression, fields, counters);
    case 'not':
      return new NotKernel(compilePredicate(expression.arg, fields, counters));
    case 'literal':
      return new ConstantKernel(isTruthy(expression.value));
    default:
      return compileLeaf(expression, fields, counters);
  }
}

function compileLogical(
  expression: LogicalExpression,
  fields: FieldSet,
  counters: EvalCounters,
): PredicateKernel {
  const parts = expression.args.map((arg) => compilePredicate(arg, fields, counters));
  return expression.op === 'and' ? new AndKernel(parts) : new OrKernel(parts);
}

function compileLeaf(
  expression: Expression,
  fields: FieldSet,
  counters: EvalCounters,
): PredicateKernel {
  const row = new RowExpression(expression, fields, counters);
  const [field] = row.fields;
  if (row.fields.length === 1 && field !== undefined && isPure(expression)) {
    const select = numberSelect(expression, counters);
    const leaf = new FieldKernel(field, row, select, counters);
    if (select !== null) return leaf;
    return compileVectorComparison({ expression, fields, counters, otherwise: leaf }) ?? leaf;
  }
  const otherwise = new RowKernel(row);
  return compileVectorComparison({ expression, fields, counters, otherwise }) ?? otherwise;
}

class ConstantKernel implements PredicateKernel {
  readonly #holds: boolean;

  constructor(holds: boolean) {
    this.#holds = holds;
  }

  select(_view: BatchView, rows: Uint32Array, n: number, out: Uint32Array): number {
    if (!this.#holds) return 0;
    if (out !== rows) out.set(rows.subarray(0, n));
    return n;
  }
}

class AndKernel implements PredicateKernel {
  readonly #parts: readonly PredicateKernel[];

  constructor(parts: readonly PredicateKernel[]) {
    this.#parts = parts;
  }

  select(view: BatchView, rows: Uint32Array, n: number, out: Uint32Array): number {
    let from = rows;
    let kept = n;
    for (const part of this.#parts) {
      if (kept === 0) return 0;
      kept = part.select(view, from, kept, out);
      from = out;
    }
    if (from !== out) out.set(from.subarray(0, kept));
    return kept;
  }
}

class NotKernel implements PredicateKernel {
  readonly #inner: PredicateKernel;
  #taken: Uint32Array = new Uint32Array(0);

  constructor(inner: PredicateKernel) {
    this.#inner = inner;
  }

  select(view: BatchView, rows: Uint32Array, n: number, out: Uint32Array): number {
    this.#taken = grownUints(this.#taken, n);
    const taken = this.#inner.select(view, rows, n, this.#taken);
    return subtractRows(rows, n, this.#taken, taken, out);
  }
}

class OrKernel implements PredicateKernel {
  readonly #parts: readonly PredicateKernel[];
  #rest: Uint32Array = new Uint32Array(0);
  #found: Uint32Array = new Uint32Array(0);
  #all: Uint32Array = new Uint32Array(0);
  #spare: Uint32Array = new Uint32Array(0);

  constructor(parts: readonly PredicateKernel[]) {
    this.#parts = parts;
  }

  select(view: BatchView, rows: Uint32Array, n: number, out: Uint32Array): number {
    this.#grow(n);
    this.#rest.set(rows.subarray(0, n));
    let rest = n;
    let all = 0;
    for (const part of this.#parts) {
      if (rest === 0) break;
      const found = part.select(view, this.#rest, rest, this.#found);
      rest = subtractRows(this.#rest, rest, this.#found, found, this.#rest);
      all = mergeRows(this.#all, all, this.#found, found, this.#spare);
      [this.#all, this.#spare] = [this.#spare, this.#all];
    }
    out.set(this.#all.subarray(0, all));
    return all;
  }

  #grow(n: number): void {
    this.#rest = grownUints(this.#rest, n);
    this.#found = grownUints(this.#found, n);
    this.#all = grownUints(this.#all, n);
    this.#spare = grownUints(this.#spare, n);
  }
}

/** A pure condition over a single field: by the kind its column has in this batch. */
class FieldKernel implements PredicateKernel {
  readonly #field: number;
  readonly #row: RowExpression;
  readonly #numbers: NumberSelect | null;
  readonly #memo: CodeMemo;
  readonly #byRow: RowKernel;

  constructor(
    field: number,
    row: RowExpression,
    numbers: NumberSelect | null,
    counters: EvalCounters,
  ) {
    this.#field = field;
    this.#row = row;
    this.#numbers = numbers;
    this.#memo = new CodeMemo((value) => this.#row.valueOf(value), counters);
    this.#byRow = new RowKernel(row);
  }

  select(view: BatchView, rows: Uint32Array, n: number, out: Uint32Array): number {
    const column = view.column(this.#field);
    switch (column?.kind) {
      case 'dict':
        return this.#memo.dictionary(column.dictionary).select(column.codes, rows, n, out);
      case 'bool':
        return this.#memo.booleans().select(column.values, rows, n, out);
      case 'null':
        return this.#memo.booleans().selectConstant(BOOLEAN_NULL, rows, n, out);
      case 'f64':
      case 'i32':
        if (this.#numbers !== null) return this.#numbers(column.values, rows, n, out);
        break;
      default:
    }
    return this.#byRow.select(view, rows, n, out);
  }
}

class RowKernel implements PredicateKernel {
  readonly #row: RowExpression;

  constructor(row: RowExpression) {
    this.#row = row;
  }

  select(view: BatchView, rows: Uint32Array, n: number, out: Uint32Array): number {
    const row = this.#row;
    row.bind(view);
    let kept = 0;
    for (let i = 0; i < n; i++) {
      const at = rows[i]!;
      if (isTruthy(row.value(at))) out[kept++] = at;
    }
    return kept;
  }
}
