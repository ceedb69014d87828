/**
 * Aggregates are mergeable: an empty partial is neutral, order and shape of merging do not matter,
 * and the parts of any split merge to the whole.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AGGREGATES } from '../../src/aggregate/catalogue.ts';
import type { AggregatePartial } from '../../src/aggregate/contract.ts';
import type { AggregateSpec } from '../../src/ir/plan.ts';
import type { Value } from '../../src/model/value.ts';
import { merged, mergedPartial, partialFrom, spec, WHOLE_MINUTE } from '../support/aggregates.ts';
import { lawParameters } from '../support/laws.ts';

const values: fc.Arbitrary<Value[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: -1_000, max: 1_000 }) },
    { weight: 2, arbitrary: fc.constantFrom('a', 'b', 'zz', '') },
    { weight: 1, arbitrary: fc.constantFrom<Value>(null, true, false, [1], { k: 1 }) },
  ),
  { maxLength: 40 },
);
/** Enough to leave the exact range of sketches now and then. */
const manyNumbers = fc
  .tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 1_000 }))
  .map(([count, step]): Value[] => Array.from({ length: count }, (_, i) => (i * step) % 977));
const parts = fc.array(fc.oneof({ weight: 4, arbitrary: values }, manyNumbers), {
  minLength: 1,
  maxLength: 4,
});

const ROUNDING = 1e-9;

/** LIST is arrival-ordered by definition, so only its members count. */
function result(from: AggregateSpec, partials: readonly AggregatePartial[]): Value {
  const value = merged(from, partials).result(0, WHOLE_MINUTE);
  return Array.isArray(value) ? value.map((item) => JSON.stringify(item)).toSorted() : value;
}

/** Doubles round, and not the same way in every order. */
function expectSame(actual: Value, wanted: Value): void {
  if (typeof actual !== 'number' || typeof wanted !== 'number') expect(actual).toEqual(wanted);
  else expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(ROUNDING * Math.abs(wanted));
}

function partialsOf(from: AggregateSpec, split: readonly Value[][]): AggregatePartial[] {
  let at = 0;
  return split.map((part) => {
    at += part.length;
    return partialFrom(from, part, at - part.length);
  });
}

/** Space-saving beyond its capacity answers within bounds and not exactly; see law of sketches. */
const exactUnderMerge = [...AGGREGATES.keys()].filter((name) => name !== 'topk');
const specs: readonly (readonly [string, AggregateSpec])[] = exactUnderMerge.flatMap((name) => [
  [name, spec(name, { parameters: [0.9] })] as const,
  [`${name} distinct`, spec(name, { parameters: [0.9], distinct: true })] as const,
  ...(name === 'histogram' ? [[`${name} of quarters`, spec(name)] as const] : []),
]);

describe.each(specs)('%s', (_name, from) => {
  test('merges the parts of any split to the whole', () => {
    fc.assert(
      fc.property(parts, (split) => {
        const whole = result(from, [partialFrom(from, split.flat())]);
        expectSame(result(from, partialsOf(from, split)), whole);
      }),
      lawParameters(),
    );
  });

  test('merges in any order and any shape, with empty partials anywhere', () => {
    fc.assert(
      fc.property(values, manyNumbers, values, (a, b, c) => {
        const [x, y, z] = partialsOf(from, [a, b, c]) as [
          AggregatePartial,
          AggregatePartial,
          AggregatePartial,
        ];
        const empty = partialFrom(from, []);
        const whole = result(from, [x, y, z]);
        expectSame(result(from, [z, y, x]), whole);
        expectSame(result(from, [mergedPartial(from, [x, y]), z]), whole);
        expectSame(result(from, [x, mergedPartial(from, [y, z])]), whole);
        expectSame(result(from, [empty, x, empty, y, z, empty]), whole);
      }),
      lawParameters(),
    );
  });
});
