/** Aggregates answer what the oracle's formulas over the complete list of values answer. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AGGREGATES } from '../../src/aggregate/catalogue.ts';
import { aggregateOf } from '../../src/reference/reference-aggregates.ts';
import { canonicalText } from '../../src/model/value-text.ts';
import type { Value } from '../../src/model/value.ts';
import { resultOf, spec, WHOLE_MINUTE } from '../support/aggregates.ts';
import { arbitraryValue } from '../support/arbitrary-event.ts';
import { lawParameters } from '../support/laws.ts';

/** The last digits of sums depend on the order of additions. */
function rounded(value: Value): Value {
  return typeof value === 'number' ? Number(value.toPrecision(9)) : value;
}

/** One of several equal values: null members are no members, −0 is 0. */
function plain(value: Value): Value {
  return JSON.parse(canonicalText(value)) as Value;
}

const values = fc.oneof(
  fc.array(arbitraryValue().map(plain), { maxLength: 20 }),
  fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 250 }),
);

const CASES = [...AGGREGATES.keys()].flatMap((name) => {
  const parameters = name === 'topk' ? [[3]] : name === 'histogram' ? [[], [0.05], [7]] : [[0.9]];
  return parameters.flatMap((own) => [[name, false, own] as const, [name, true, own] as const]);
});

test.each(CASES)('%s, distinct: %s, parameters: %s', (name, distinct, parameters) => {
  const from = spec(name, { distinct, parameters });
  fc.assert(
    fc.property(values, (shown: readonly Value[]) => {
      const samples = shown.map((value) => ({ value, event: value }));
      const truth = aggregateOf(from, {
        arrived: samples,
        ordered: samples,
        coveredMs: WHOLE_MINUTE.coveredMs,
      });
      expect(rounded(resultOf(from, shown))).toEqual(rounded(truth));
    }),
    lawParameters(),
  );
});
