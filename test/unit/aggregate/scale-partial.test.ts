/** Which partials grow with the number of events. */
import { expect, test } from 'vitest';
import { aggregateFrom } from '../../../src/aggregate/catalogue.ts';
import { scaledPartial } from '../../../src/aggregate/scale-partial.ts';
import type { AggregateSpec } from '../../../src/ir/plan.ts';
import type { Value } from '../../../src/model/value.ts';
import { aggregateSpec, field } from '../../support/hand-plans.ts';

const CONTEXT = { windowMs: 2_000, coveredMs: 2_000 };
const ORDER = { timeMs: 0, agentId: '', sequence: 0 };

/** The result over the given values, sampled 1 in 4 at the source and merged. */
function extrapolated(spec: AggregateSpec, values: readonly Value[]): Value {
  const source = aggregateFrom(spec);
  source.grow(1);
  for (const value of values) source.add(0, value, ORDER);
  const merged = aggregateFrom(spec);
  merged.grow(1);
  merged.merge(scaledPartial(source.encode(1), 4), new Uint32Array([0]));
  return merged.result(0, CONTEXT);
}

test.each<{ spec: AggregateSpec; is: Value }>([
  { spec: aggregateSpec('count', null), is: 16 },
  { spec: aggregateSpec('count', field('x')), is: 16 },
  { spec: aggregateSpec('sum', field('x')), is: 32 },
  { spec: aggregateSpec('rate', null), is: 8 },
  { spec: aggregateSpec('rate', field('x')), is: 16 },
  { spec: aggregateSpec('avg', field('x')), is: 2 },
  { spec: aggregateSpec('max', field('x')), is: 4 },
  { spec: aggregateSpec('count', field('x'), { distinct: true }), is: 3 },
  { spec: aggregateSpec('sum', field('x'), { distinct: true }), is: 7 },
  { spec: aggregateSpec('count_distinct', field('x')), is: 3 },
])('$spec.name (distinct: $spec.distinct) of 1 in 4 is $is', ({ spec, is }) => {
  expect(extrapolated(spec, [1, 1, 2, 4])).toBe(is);
});

test('sources that sampled differently add up', () => {
  const count = aggregateSpec('count', null);
  const merged = aggregateFrom(count);
  merged.grow(1);
  for (const factor of [4, 10]) {
    const source = aggregateFrom(count);
    source.grow(1);
    source.add(0, true, ORDER);
    merged.merge(scaledPartial(source.encode(1), factor), new Uint32Array([0]));
  }
  expect(merged.result(0, CONTEXT)).toBe(14);
});
