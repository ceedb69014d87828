import { describe, expect, test } from 'vitest';
import type { FinalStage, OrderKey, OutputColumn } from '../../../src/ir/plan.ts';
import type { Value } from '../../../src/model/value.ts';
import { compileFinal } from '../../../src/operator/final.ts';
import { call, finalStage, literal, slot } from '../../support/hand-plans.ts';

function column(name: string, index: number, spread = false): OutputColumn {
  return { name, expression: slot(index), role: 'value', type: 'any', spread };
}

function by(index: number, descending = false, nulls: OrderKey['nulls'] = 'first'): OrderKey {
  return { expression: slot(index), descending, nulls };
}

const COLUMNS = [column('k', 0), column('v', 1)];
const ROWS: readonly (readonly Value[])[] = [
  ['b', 2],
  ['a', 3],
  ['b', 1],
  ['a', null],
  ['c', 2],
];

describe('the final stage', () => {
  test.each<{ name: string; stage: Partial<FinalStage>; expected: readonly (readonly Value[])[] }>([
    { name: 'keeps rows as they are', stage: {}, expected: ROWS },
    {
      name: 'filters by HAVING',
      stage: { having: call('ge', slot(1), literal(2)) },
      expected: [
        ['b', 2],
        ['a', 3],
        ['c', 2],
      ],
    },
    {
      name: 'orders ascending, stable, nulls first',
      stage: { orderBy: [by(1)] },
      expected: [
        ['a', null],
        ['b', 1],
        ['b', 2],
        ['c', 2],
        ['a', 3],
      ],
    },
    {
      name: 'orders descending, nulls last',
      stage: { orderBy: [by(1, true, 'last')] },
      expected: [
        ['a', 3],
        ['b', 2],
        ['c', 2],
        ['b', 1],
        ['a', null],
      ],
    },
    {
      name: 'orders by several keys',
      stage: { orderBy: [by(0, true), by(1, false, 'last')] },
      expected: [
        ['c', 2],
        ['b', 1],
        ['b', 2],
        ['a', 3],
        ['a', null],
      ],
    },
    {
      name: 'arranges groups as first seen, each ordered inside',
      stage: { arrangeBy: [slot(0)], orderBy: [by(1)] },
      expected: [
        ['b', 1],
        ['b', 2],
        ['a', null],
        ['a', 3],
        ['c', 2],
      ],
    },
    {
      name: 'limits after ordering',
      stage: { orderBy: [by(1, true)], rowsMax: 2 },
      expected: [
        ['a', null],
        ['a', 3],
      ],
    },
    { name: 'keeps nothing at limit 0', stage: { rowsMax: 0 }, expected: [] },
  ])('$name', ({ stage, expected }) => {
    const finish = compileFinal(finalStage({ columns: COLUMNS, ...stage }));
    expect(finish(ROWS).map((row) => [row['k'], row['v']])).toEqual(expected);
  });

  test('orders values of all types', () => {
    const values: readonly Value[] = [
      'b',
      2,
      [1],
      true,
      null,
      'a',
      -1,
      false,
      '\u{10000}',
      '\uffff',
    ];
    const finish = compileFinal(finalStage({ columns: [column('v', 0)], orderBy: [by(0)] }));
    expect(finish(values.map((value) => [value])).map((row) => row['v'])).toEqual([
      null,
      false,
      true,
      -1,
      2,
      'a',
      'b',
      '\uffff',
      '\u{10000}',
      [1],
    ]);
  });

  test('spreads objects, the later column winning', () => {
    const columns = [column('a', 0), column('*', 1, true), column('z', 0), column('n', 2, true)];
    const finish = compileFinal(finalStage({ columns }));
    const spread = JSON.parse('{"a": 2, "z": 3, "__proto__": 4}') as Value;
    const [row] = finish([[1, spread, 'no object']]);
    expect(JSON.stringify(row)).toBe('{"a":2,"z":1,"__proto__":4}');
  });
});
