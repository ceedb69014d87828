/**
 * The way out for expressions without a kernel: the closures that agents run, over an event that
 * holds just the fields this expression reads. Every path becomes one key (`f0`, `f1`, …) of a
 * scratch event that is overwritten row by row, so nothing is allocated and its shape never
 * changes.
 */
import { createRowContext } from '../expr/context.ts';
import type { EvalCounters, RowContext, RowFunction } from '../expr/context.ts';
import { compileExpression } from '../expr/row.ts';
import type { Expression, FieldExpression, FieldPath } from '../ir/expression.ts';
import type { CellReader } from '../model/batch.ts';
import type { Value } from '../model/value.ts';
import type { BatchView } from './batch-view.ts';
import type { FieldSet } from './field-set.ts';
import { mapFields } from '../ir/map-fields.ts';

export class RowExpression {
  /** Numbers of the fields it reads. */
  readonly fields: readonly number[];
  readonly #keys: readonly string[];
  readonly #context: RowContext = createRowContext();
  readonly #event: { [key: string]: Value } = {};
  readonly #evaluate: RowFunction;
  #readers: readonly CellReader[] = [];
  #times: Float64Array = new Float64Array(0);

  constructor(expression: Expression, fields: FieldSet, counters: EvalCounters) {
    const numbers: number[] = [];
    const rewritten = mapFields(expression, (path) => {
      const number = fields.number(path);
      if (!numbers.includes(number)) numbers.push(number);
      return fieldNamed(keyOf(number));
    });
    this.fields = numbers;
    this.#keys = numbers.map(keyOf);
    for (const key of this.#keys) this.#event[key] = null;
    this.#context.event = this.#event;
    this.#evaluate = compileExpression(rewritten, counters);
  }

  bind(view: BatchView): void {
    this.#readers = this.fields.map((field) => view.reader(field));
    this.#times = view.batch.times;
    this.#context.nowMs = view.nowMs;
    this.#context.ingestMs = view.ingestMs;
  }

  /** The value at a row of the bound batch. */
  value(row: number): Value {
    const readers = this.#readers;
    const keys = this.#keys;
    for (let i = 0; i < readers.length; i++) this.#event[keys[i]!] = readers[i]!(row);
    this.#context.timeMs = this.#times[row]!;
    return this.#evaluate(this.#context);
  }

  /** The value an expression of one field has where that field is `value`; needs no batch. */
  valueOf(value: Value): Value {
    this.#event[this.#keys[0]!] = value;
    return this.#evaluate(this.#context);
  }
}

function keyOf(field: number): string {
  return `f${field}`;
}

function fieldNamed(key: string): FieldExpression {
  const path: FieldPath = [{ by: 'key', key }];
  return { op: 'field', path };
}
