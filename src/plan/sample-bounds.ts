/**
 * How far an extrapolated number may be off: beside each COUNT, SUM and RATE of a sample by chance
 * stands a column `<name> ±` of role `meta`, half the width of the 95 % interval, worked out from
 * the row's own slots. With share p, c = z²(1 − p):
 *
 *     COUNT  (c/2 + √(p·c·N + c²/4)) / p    Wilson's interval, so that 0 of a few is not 0 ± 0
 *     SUM    z·√((1 − p)/p · Q)             N, S and Q are extrapolated; Q is the sum of squares
 *     RATE   R/N, R/S times the above
 *
 * STICKY has no bounds: it draws keys and not events, and how alike the events of a key are is not
 * known. Columns that only use such an aggregate in an expression have none either.
 * @see Cochran, Sampling Techniques, 2.9 and 3.2
 */
import { call, literal } from '../analyze/ir-nodes.ts';
import type { Expression } from '../ir/expression.ts';
import type { AggregateSpec, AggregateStage, OutputColumn } from '../ir/plan.ts';
import { sampleShare } from '../ir/sample.ts';
import type { LogicalPlan } from './logical-plan.ts';

/** The 97.5 % quantile of the normal distribution. */
export const Z = 1.959964;

/** The plan with a bound beside each extrapolated column. */
export function withSampleBounds(plan: LogicalPlan): LogicalPlan {
  const { aggregate, final } = plan;
  const { sample } = plan.source;
  const share = sampleShare(sample);
  if (sample === null || sample.kind !== 'random' || !sample.extrapolate) return plan;
  if (aggregate === null || share === 0) return plan;
  const slots = new BoundSlots(aggregate);
  const columns = final.columns.flatMap((column) => {
    const bound = boundOf(column, slots, share);
    return bound === null ? [column] : [column, boundColumn(column, bound)];
  });
  return {
    ...plan,
    aggregate: { ...aggregate, aggregates: slots.aggregates },
    final: { ...final, columns },
  };
}

/** The aggregates of a plan and those that only bounds read. */
export class BoundSlots {
  readonly aggregates: AggregateSpec[];
  /** Slots before the aggregates. */
  readonly keys: number;

  constructor({ keys, aggregates }: AggregateStage) {
    this.keys = keys.length;
    this.aggregates = [...aggregates];
  }

  specAt(slot: number): AggregateSpec | null {
    return this.aggregates[slot - this.keys] ?? null;
  }

  /** The slot of an aggregate, which is new or there already. */
  add(spec: AggregateSpec): Expression {
    const text = JSON.stringify(spec);
    const known = this.aggregates.findIndex((other) => JSON.stringify(other) === text);
    const index = known < 0 ? this.aggregates.push(spec) - 1 : known;
    return { op: 'slot', index: this.keys + index };
  }
}

function boundOf(column: OutputColumn, slots: BoundSlots, share: number): Expression | null {
  if (column.role !== 'value' || column.expression.op !== 'slot') return null;
  const spec = slots.specAt(column.expression.index);
  if (spec === null || spec.distinct) return null;
  switch (spec.name) {
    case 'count':
      return countBound(column.expression, share);
    case 'sum':
      return sumBound(spec, slots, share);
    case 'rate':
      return rateBound(column.expression, spec, slots, share);
    default:
      return null;
  }
}

function countBound(count: Expression, share: number): Expression {
  const c = Z * Z * (1 - share);
  const radicand = call('add', call('multiply', count, literal(share * c)), literal((c * c) / 4));
  return call('divide', call('add', literal(c / 2), call('sqrt', radicand)), literal(share));
}

/** Null where nothing was sampled: there is nothing to judge by. */
function sumBound(spec: AggregateSpec, slots: BoundSlots, share: number): Expression {
  const { arg } = spec;
  const square = arg === null ? null : call('multiply', arg, arg);
  const squares = slots.add({ ...spec, name: 'sum', arg: square });
  const variance = call('multiply', squares, literal((1 - share) / share));
  return call('multiply', literal(Z), call('sqrt', call('nullif', variance, literal(0))));
}

function rateBound(
  rate: Expression,
  spec: AggregateSpec,
  slots: BoundSlots,
  share: number,
): Expression {
  const isCount = spec.arg === null;
  const total = slots.add({ ...spec, name: isCount ? 'count' : 'sum' });
  const bound = isCount ? countBound(total, share) : sumBound(spec, slots, share);
  return call('abs', call('multiply', call('divide', rate, total), bound));
}

export function boundColumn(column: OutputColumn, expression: Expression): OutputColumn {
  return { name: `${column.name} ±`, expression, role: 'meta', type: 'number', spread: false };
}
