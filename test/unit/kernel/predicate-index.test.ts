/** The index in front of many queries: everybody gets the rows of his condition, and no others. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEvalCounters } from '../../../src/expr/context.ts';
import type { Expression } from '../../../src/ir/expression.ts';
import { BatchView } from '../../../src/kernel/batch-view.ts';
import { FieldSet } from '../../../src/kernel/field-set.ts';
import { PredicateIndex } from '../../../src/kernel/predicate-index.ts';
import { allRows } from '../../../src/kernel/selection.ts';
import type { Value } from '../../../src/model/value.ts';
import { namePath, TestConnection } from '../../support/batch-builder.ts';
import { call, field, literal } from '../../support/hand-plans.ts';
import { lawParameters } from '../../support/laws.ts';

const POOLS: Readonly<Record<string, readonly Value[]>> = {
  texts: ['a', 'b', 'c', null],
  flags: [true, false, null],
  integers: [1, 2, 3],
  numbers: [1, 0, -0, 2.5, null],
  mixed: [1, '1', true, null, { k: 1 }, [1]],
  nothing: [null],
};
const CONSTANTS = ['a', 'b', '1', true, false, 1, 2, 0, 2.5] as const;
type Constant = (typeof CONSTANTS)[number];

interface Asked {
  readonly x: Constant;
  /** Null: of `x` alone. */
  readonly beyond: number | null;
}

function conditionOf({ x, beyond }: Asked): Expression {
  const equal = call('eq', field('x'), literal(x));
  if (beyond === null) return equal;
  return { op: 'and', args: [equal, call('gt', field('n'), literal(beyond))] };
}

const asked: fc.Arbitrary<Asked> = fc.record({
  x: fc.constantFrom(...CONSTANTS),
  beyond: fc.constantFrom(null, 0, 5),
});

describe.each(Object.entries(POOLS))('a field of %s', (_name, pool) => {
  test('law: takers get the rows that are equal, while others come and go', () => {
    const batches = fc.array(fc.array(fc.constantFrom(...pool), { maxLength: 20 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(asked, { maxLength: 6, selector: (one) => JSON.stringify(one) }),
        batches,
        fc.boolean(),
        (wanted, columns, plain) => {
          const fields = new FieldSet();
          let got = new Map<Asked, number[]>();
          const index = new PredicateIndex<Asked>(fields, createEvalCounters(), (one, rows, n) => {
            expect(got.has(one)).toBe(false);
            got.set(one, [...rows.subarray(0, n)]);
          });
          for (const one of wanted) index.add(conditionOf(one), one);
          // Conditions of two fields, so that the batch has both whoever asks.
          fields.number(namePath('x'));
          fields.number(namePath('n'));
          const view = new BatchView(fields);
          const connection = new TestConnection();
          const left = [...wanted];
          for (const column of columns) {
            const events = column.map((x, n) => ({ x, n }));
            const paths = [namePath('x'), namePath('n')];
            const batch = connection.batch(events, { paths, plain });
            expect(view.bind(batch, 0)).toBe('bound');
            got = new Map();
            index.run(view, allRows(batch.rows), batch.rows);
            for (const one of left) {
              const expected = column.flatMap((x, n) =>
                x === one.x && (one.beyond === null || n > one.beyond) ? [n] : [],
              );
              expect(got.get(one) ?? []).toStrictEqual(expected);
            }
            const gone = left.pop();
            if (gone !== undefined) index.remove(gone);
          }
        },
      ),
      lawParameters(100),
    );
  });
});
