/**
 * How the arguments of one aggregate get from a batch into its state: as counts, as a vector of
 * numbers, or value by value. Its FILTER, and for COUNT(x) the presence of x, are predicates. What
 * is compiled here belongs to the pipeline; the states it feeds belong to panes.
 * Bench: bench/micro/kernels.bench.ts (group by, p99).
 */
import type { EventOrder, GroupedAggregate } from '../aggregate/contract.ts';
import type { EvalCounters } from '../expr/context.ts';
import type { Expression } from '../ir/expression.ts';
import type { AggregateSpec } from '../ir/plan.ts';
import type { BatchView } from '../kernel/batch-view.ts';
import type { FieldSet } from '../kernel/field-set.ts';
import { compileNumeric } from '../kernel/numeric.ts';
import type { NumericKernel } from '../kernel/numeric.ts';
import { compilePredicate } from '../kernel/predicate.ts';
import type { PredicateKernel } from '../kernel/predicate.ts';
import { RowExpression } from '../kernel/row-expression.ts';
import { grownUints } from '../sketch/typed-column.ts';

export class AggregateFeed {
  readonly #filter: PredicateKernel | null;
  /** Null: every row counts, whatever its values. */
  readonly #arg: RowExpression | null;
  readonly #numbers: NumericKernel | null;
  readonly #order = { timeMs: 0, agentId: '', sequence: 0 };
  #rows: Uint32Array = new Uint32Array(0);
  #groups: Uint32Array = new Uint32Array(0);
  #groupOfRow: Uint32Array = new Uint32Array(0);

  constructor(spec: AggregateSpec, fields: FieldSet, counters: EvalCounters) {
    const countsPresent = spec.name === 'count' && spec.arg !== null && !spec.distinct;
    const condition = countsPresent ? withPresence(spec.filter, spec.arg) : spec.filter;
    const arg = countsPresent ? null : spec.arg;
    this.#filter = condition === null ? null : compilePredicate(condition, fields, counters);
    this.#arg = arg === null ? null : new RowExpression(arg, fields, counters);
    this.#numbers = arg === null ? null : compileNumeric(arg, fields, counters);
  }

  /** Row i < n of the bound batch, `rows[i]`, is of group `groups[i]`. */
  feed(
    aggregate: GroupedAggregate,
    view: BatchView,
    rows: Uint32Array,
    n: number,
    groups: Uint32Array,
  ): void {
    if (this.#filter === null) {
      this.#feedSelected(aggregate, view, rows, n, groups);
      return;
    }
    this.#rows = grownUints(this.#rows, n);
    const kept = this.#filter.select(view, rows, n, this.#rows);
    if (kept === 0) return;
    this.#groups = grownUints(this.#groups, n);
    this.#groupOfRow = grownUints(this.#groupOfRow, view.batch.rows);
    for (let i = 0; i < n; i++) this.#groupOfRow[rows[i]!] = groups[i]!;
    for (let i = 0; i < kept; i++) this.#groups[i] = this.#groupOfRow[this.#rows[i]!]!;
    this.#feedSelected(aggregate, view, this.#rows, kept, this.#groups);
  }

  #feedSelected(
    aggregate: GroupedAggregate,
    view: BatchView,
    rows: Uint32Array,
    n: number,
    groups: Uint32Array,
  ): void {
    if (this.#arg === null && aggregate.addCounts !== undefined) {
      aggregate.addCounts(groups, n);
      return;
    }
    if (this.#numbers !== null && aggregate.addNumbers !== undefined) {
      const values = this.#numbers.evaluate(view, rows, n);
      if (values !== null) {
        aggregate.addNumbers(groups, values, n);
        return;
      }
    }
    this.#feedValues(aggregate, view, rows, n, groups);
  }

  #feedValues(
    aggregate: GroupedAggregate,
    view: BatchView,
    rows: Uint32Array,
    n: number,
    groups: Uint32Array,
  ): void {
    const { batch } = view;
    const { times, agentId, firstSequence, sequences } = batch;
    const arg = this.#arg;
    arg?.bind(view);
    // One order for all rows: aggregates copy what they keep.
    const order: { -readonly [K in keyof EventOrder]: EventOrder[K] } = this.#order;
    order.agentId = agentId;
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      order.timeMs = times[row]!;
      if (batch.senderOf !== undefined) {
        order.agentId = batch.senderOf(row);
        order.sequence = 0;
      } else {
        order.sequence = sequences === undefined ? firstSequence + row : sequences[row]!;
      }
      aggregate.add(groups[i]!, arg === null ? true : arg.value(row), order);
    }
  }
}

function withPresence(filter: Expression | null, arg: Expression): Expression {
  const present: Expression = { op: 'call', name: 'exists', args: [arg] };
  return filter === null ? present : { op: 'and', args: [filter, present] };
}
