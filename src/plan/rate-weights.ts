/**
 * Extrapolates a sample of so many events a second: each event that was taken stands for w events,
 * which agents say with it, each by its own rate, so that their sums add up. COUNT, SUM and RATE
 * become sums over weights:
 *
 *     COUNT(*) → SUM(w)    COUNT(x) → SUM(w where x)    SUM(x) → SUM(w·x)    RATE alike
 *
 * Beside each stands `<name> ±`, as of a sample by chance, from the row's own sums. V is the
 * estimated variance of a sum of weights, g what one event stands for at most beside itself:
 *
 *     COUNT  z²g/2 + √(z²V + (z²g/2)²)   V = Σ w(w − 1), g = max(w) − 1
 *     SUM    z·√V                        V = Σ w(w − 1)x²
 *     RATE   R/N, R/S times the above
 *
 * Events that all stand for themselves give ± 0, which is true; null is where none was sampled.
 * Averages, percentiles and the like are of the events that were taken.
 * @see Horvitz and Thompson, A generalization of sampling without replacement, 1952
 */
import { call, literal } from '../analyze/ir-nodes.ts';
import type { Expression } from '../ir/expression.ts';
import type { AggregateSpec, OutputColumn } from '../ir/plan.ts';
import { isWeighed, WEIGHT_PATH } from '../ir/sample.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { boundColumn, BoundSlots, Z } from './sample-bounds.ts';

const WEIGHT: Expression = { op: 'field', path: WEIGHT_PATH };
/** w(w − 1). */
const EXCESS: Expression = call('multiply', WEIGHT, call('subtract', WEIGHT, literal(1)));

/** The plan with weighed aggregates; rows that are not aggregated have no use for weights. */
export function withRateWeights(plan: LogicalPlan): LogicalPlan {
  const { aggregate, final, source } = plan;
  const { sample } = source;
  if (!isWeighed(sample)) return plan;
  if (aggregate === null) {
    return { ...plan, source: { ...source, sample: { ...sample, extrapolate: false } } };
  }
  const slots = new BoundSlots({ ...aggregate, aggregates: aggregate.aggregates.map(weighed) });
  const columns = final.columns.flatMap((column) => {
    const bound = boundOf(column, slots, (slot) => aggregate.aggregates[slot] ?? null);
    return bound === null ? [column] : [column, boundColumn(column, bound)];
  });
  return {
    ...plan,
    aggregate: { ...aggregate, aggregates: slots.aggregates },
    final: { ...final, columns },
  };
}

function isScaled({ distinct, name }: AggregateSpec): boolean {
  return !distinct && (name === 'count' || name === 'sum' || name === 'rate');
}

function weighed(spec: AggregateSpec): AggregateSpec {
  if (!isScaled(spec)) return spec;
  if (spec.name === 'count') return { ...spec, name: 'sum', arg: where(spec.arg, WEIGHT) };
  return { ...spec, arg: spec.arg === null ? WEIGHT : call('multiply', spec.arg, WEIGHT) };
}

/** `value` of the events that have an x; of all, without one. */
function where(x: Expression | null, value: Expression): Expression {
  if (x === null) return value;
  const branches = [{ when: call('is_null', x), then: literal(null) }];
  return { op: 'case', branches, otherwise: value };
}

/** Null: the column shows nothing that was scaled. */
function boundOf(
  { expression, role }: OutputColumn,
  slots: BoundSlots,
  specAt: (aggregate: number) => AggregateSpec | null,
): Expression | null {
  if (role !== 'value' || expression.op !== 'slot') return null;
  const spec = specAt(expression.index - slots.keys);
  if (spec === null || !isScaled(spec)) return null;
  if (spec.name === 'count') return countBound(spec, slots);
  if (spec.name === 'sum') return sumBound(spec, slots);
  const isCount = spec.arg === null;
  const total = slots.add(weighed({ ...spec, name: isCount ? 'count' : 'sum' }));
  const bound = isCount ? countBound(spec, slots) : sumBound(spec, slots);
  return call('abs', call('multiply', call('divide', expression, nonZero(total)), bound));
}

function countBound(spec: AggregateSpec, slots: BoundSlots): Expression {
  const variance = slots.add({ ...spec, name: 'sum', arg: where(spec.arg, EXCESS) });
  const heaviest = slots.add({ ...spec, name: 'max', arg: where(spec.arg, WEIGHT) });
  const zSquared = literal(Z * Z);
  const excess = call('subtract', heaviest, literal(1));
  const half = call('multiply', excess, literal((Z * Z) / 2));
  const radicand = call('add', call('multiply', zSquared, variance), call('multiply', half, half));
  return call('add', half, call('sqrt', radicand));
}

function sumBound(spec: AggregateSpec, slots: BoundSlots): Expression {
  const { arg } = spec;
  const square = arg === null ? literal(1) : call('multiply', arg, arg);
  const variance = slots.add({ ...spec, name: 'sum', arg: call('multiply', EXCESS, square) });
  const count = slots.add(weighed({ ...spec, name: 'count' }));
  const bound = call('multiply', literal(Z), call('sqrt', variance));
  const branches = [{ when: call('eq', count, literal(0)), then: literal(null) }];
  return { op: 'case', branches, otherwise: bound };
}

function nonZero(value: Expression): Expression {
  return call('nullif', value, literal(0));
}
