import { describe, expect, it, test } from 'vitest';
import { createEvalCounters, createRowContext } from '../../../src/expr/context.ts';
import { compileExpression, compilePredicate } from '../../../src/expr/row.ts';
import type { Expression } from '../../../src/ir/expression.ts';
import type { Event, Value } from '../../../src/model/value.ts';

const lit = (value: Value): Expression => ({ op: 'literal', value });
const field = (name: string): Expression & { op: 'field' } => ({
  op: 'field',
  path: [{ by: 'name', name }],
});
const element = (id: number, name: string): Expression & { op: 'element' } => ({
  op: 'element',
  id,
  path: name === '' ? [] : [{ by: 'name', name }],
});
const call = (name: string, ...args: Expression[]): Expression => ({ op: 'call', name, args });
const and = (...args: Expression[]): Expression => ({ op: 'and', args });
const or = (...args: Expression[]): Expression => ({ op: 'or', args });
const not = (arg: Expression): Expression => ({ op: 'not', arg });
const some = (
  id: number,
  over: Expression & { op: 'field' | 'element' },
  condition: Expression,
): Expression => ({
  op: 'some',
  id,
  over,
  condition,
});

function run(expression: Expression, event: Event): { value: Value; mismatches: number } {
  const counters = createEvalCounters();
  const row = Object.assign(createRowContext(), { event });
  const value = compileExpression(expression, counters)(row);
  return { value, mismatches: counters.typeMismatches };
}

describe('logic', () => {
  test.each<{ name: string; expression: Expression; value: Value; mismatches?: number }>([
    { name: '0 and the empty string are true', expression: and(lit(0), lit('')), value: true },
    { name: 'null is false', expression: or(lit(null), lit(false)), value: false },
    { name: 'an empty AND is true', expression: and(), value: true },
    { name: 'an empty OR is false', expression: or(), value: false },
    {
      name: 'NOT of a comparison with null is true',
      expression: not(call('lt', field('x'), lit(1))),
      value: true,
      mismatches: 1,
    },
    {
      name: 'AND stops at the first false',
      expression: and(lit(false), call('lt', lit('a'), lit(1))),
      value: false,
    },
    {
      name: 'OR stops at the first true',
      expression: or(lit(1), lit(null), call('lt', lit('a'), lit(1))),
      value: true,
    },
    {
      name: 'a missing property is not equal to 1',
      expression: call('ne', field('x'), lit(1)),
      value: true,
    },
    {
      name: 'two missing properties are equal',
      expression: call('eq', field('x'), field('y')),
      value: true,
    },
    {
      name: 'coalesce does not look further',
      expression: call('coalesce', lit(1), call('add', lit('a'), lit(1))),
      value: 1,
    },
    {
      name: 'if evaluates one branch',
      expression: call('if', lit(true), lit(1), call('add', lit('a'), lit(1))),
      value: 1,
    },
  ])('$name', ({ expression, value, mismatches = 0 }) => {
    expect(run(expression, {})).toEqual({ value, mismatches });
  });
});

describe('IN, CASE and patterns', () => {
  test.each<{ name: string; expression: Expression; value: Value }>([
    {
      name: 'IN finds equal numbers',
      expression: { op: 'in', arg: field('n'), list: [lit(2), lit(1.0)] },
      value: true,
    },
    {
      name: 'IN tells types apart',
      expression: { op: 'in', arg: field('n'), list: [lit('1')] },
      value: false,
    },
    {
      name: 'IN finds null',
      expression: { op: 'in', arg: field('x'), list: [lit(null)] },
      value: true,
    },
    {
      name: 'IN compares lists deeply',
      expression: { op: 'in', arg: field('l'), list: [lit([1])] },
      value: true,
    },
    {
      name: 'IN takes computed members',
      expression: { op: 'in', arg: lit(1), list: [field('n')] },
      value: true,
    },
    {
      name: 'CASE takes the first true branch',
      expression: {
        op: 'case',
        branches: [
          { when: field('x'), then: lit(1) },
          { when: field('n'), then: lit(2) },
        ],
        otherwise: lit(3),
      },
      value: 2,
    },
    {
      name: 'CASE falls through',
      expression: { op: 'case', branches: [], otherwise: lit(3) },
      value: 3,
    },
    {
      name: 'a pattern sees the text of a number',
      expression: { op: 'match', mode: 'full', pattern: '1', arg: field('n') },
      value: true,
    },
    {
      name: 'a pattern never matches null',
      expression: { op: 'match', mode: 'find', pattern: '', arg: field('x') },
      value: false,
    },
  ])('$name', ({ expression, value }) => {
    expect(run(expression, { n: 1, l: [1] }).value).toEqual(value);
  });
});

describe('conditions on elements', () => {
  const event: Event = {
    l: [
      { a: 1, b: 2 },
      { a: 2, b: 1 },
    ],
    o: { x: { a: 5 } },
    s: 'text',
    empty: [],
    nested: [{ l: [{ a: 1 }] }, { l: [{ a: 9 }] }],
  };
  const aIs = (value: Value): Expression => call('eq', element(0, 'a'), lit(value));
  const bIs = (value: Value): Expression => call('eq', element(0, 'b'), lit(value));

  test.each<{ name: string; expression: Expression; value: boolean }>([
    {
      name: 'hold when some element satisfies them',
      expression: some(0, field('l'), aIs(2)),
      value: true,
    },
    {
      name: 'must hold for the same element',
      expression: some(0, field('l'), and(aIs(1), bIs(1))),
      value: false,
    },
    {
      name: 'apart may hold for different elements',
      expression: and(some(0, field('l'), aIs(1)), some(0, field('l'), bIs(1))),
      value: true,
    },
    {
      name: 'under NOT mean no element',
      expression: not(some(0, field('l'), aIs(3))),
      value: true,
    },
    { name: 'walk object values', expression: some(0, field('o'), aIs(5)), value: true },
    {
      name: 'are false without elements, also !=',
      expression: some(0, field('empty'), call('ne', element(0, 'a'), lit(1))),
      value: false,
    },
    {
      name: 'see no element in a string',
      expression: some(0, field('s'), lit(true)),
      value: false,
    },
    {
      name: 'see no element in what is missing',
      expression: some(0, field('x'), lit(true)),
      value: false,
    },
    {
      name: 'nest',
      expression: some(
        0,
        field('nested'),
        some(1, element(0, 'l'), call('eq', element(1, 'a'), lit(9))),
      ),
      value: true,
    },
    {
      name: 'compare elements of two levels',
      expression: some(
        0,
        field('l'),
        some(1, field('l'), call('eq', element(0, 'a'), element(1, 'b'))),
      ),
      value: true,
    },
  ])('$name', ({ expression, value }) => {
    expect(run(expression, event).value).toBe(value);
    const row = Object.assign(createRowContext(), { event });
    expect(compilePredicate(expression, createEvalCounters())(row)).toBe(value);
  });
});

describe('slots', () => {
  it('are read by index, null beyond the row', () => {
    const row = Object.assign(createRowContext(), { slots: [7, null] });
    const counters = createEvalCounters();
    const read = (index: number): Value => compileExpression({ op: 'slot', index }, counters)(row);
    expect([read(0), read(1), read(2)]).toEqual([7, null, null]);
  });
});

it('a LIKE pattern that changes from event to event is followed', () => {
  const test = compilePredicate(call('like', field('a'), field('p')), createEvalCounters());
  const answers = ['a%', 'b%', 'a%', null, 1].map((p) =>
    test(Object.assign(createRowContext(), { event: { a: 'abc', p } })),
  );
  expect(answers).toEqual([true, false, true, false, false]);
});

it('an unchecked function or pattern is a defect', () => {
  expect(() => compileExpression(call('no_such'), createEvalCounters())).toThrow('no_such');
  const match: Expression = { op: 'match', mode: 'find', pattern: '(', arg: lit('a') };
  expect(() => compileExpression(match, createEvalCounters())).toThrow('unchecked');
});
