import { describe, expect, test } from 'vitest';
import { createEvalCounters } from '../../../src/expr/context.ts';
import type { Expression } from '../../../src/ir/expression.ts';
import { BatchView } from '../../../src/kernel/batch-view.ts';
import { FieldSet } from '../../../src/kernel/field-set.ts';
import { compilePredicate } from '../../../src/kernel/predicate.ts';
import { allRows } from '../../../src/kernel/selection.ts';
import type { Event, Value } from '../../../src/model/value.ts';
import { namePath, TestConnection } from '../../support/batch-builder.ts';
import { call, field, literal } from '../../support/hand-plans.ts';

function rowsOf(values: readonly Value[]): Event[] {
  return values.map((x) => ({ x }));
}

const x = field('x');
const NUMBERS: readonly Value[] = [1, null, 2.5, -1, 2.5];
const INTEGERS: readonly Value[] = [1, 2, 3, 2];
const TEXTS: readonly Value[] = ['a', 'b', null, 'ab', 'a'];
const FLAGS: readonly Value[] = [true, false, null, true];
const MIXED: readonly Value[] = [1, 'a', null, { k: 1 }, [1]];

interface Row {
  readonly name: string;
  readonly condition: Expression;
  readonly values: readonly Value[];
  readonly expected: readonly number[];
  readonly mismatches?: number;
}

const matches: Expression = { op: 'match', mode: 'find', pattern: 'a', arg: x };
const among = (...values: readonly Value[]): Expression => ({
  op: 'in',
  arg: x,
  list: values.map(literal),
});
const not = (arg: Expression): Expression => ({ op: 'not', arg });

const ROWS: readonly Row[] = [
  { name: 'x = 2.5', condition: call('eq', x, literal(2.5)), values: NUMBERS, expected: [2, 4] },
  {
    name: 'x != 2.5',
    condition: call('ne', x, literal(2.5)),
    values: NUMBERS,
    expected: [0, 1, 3],
  },
  {
    name: 'x > 0',
    condition: call('gt', x, literal(0)),
    values: NUMBERS,
    expected: [0, 2, 4],
    mismatches: 1,
  },
  {
    name: '0 > x',
    condition: call('gt', literal(0), x),
    values: NUMBERS,
    expected: [3],
    mismatches: 1,
  },
  {
    name: 'x <= 1',
    condition: call('le', x, literal(1)),
    values: NUMBERS,
    expected: [0, 3],
    mismatches: 1,
  },
  { name: 'x >= 2', condition: call('ge', x, literal(2)), values: INTEGERS, expected: [1, 2, 3] },
  { name: 'x < 2', condition: call('lt', x, literal(2)), values: INTEGERS, expected: [0] },
  { name: 'x in (1, 3)', condition: among(1, 3), values: INTEGERS, expected: [0, 2] },
  { name: 'x in (null)', condition: among(null), values: NUMBERS, expected: [1] },
  { name: 'x is null', condition: call('is_null', x), values: NUMBERS, expected: [1] },
  { name: 'x = null', condition: call('eq', x, literal(null)), values: NUMBERS, expected: [1] },
  { name: 'x', condition: x, values: NUMBERS, expected: [0, 2, 3, 4] },
  {
    name: 'x + 1 > x * 2',
    condition: call('gt', call('add', x, literal(1)), call('multiply', x, literal(2))),
    values: INTEGERS,
    expected: [],
  },
  { name: "x = 'a'", condition: call('eq', x, literal('a')), values: TEXTS, expected: [0, 4] },
  { name: "x != 'a'", condition: call('ne', x, literal('a')), values: TEXTS, expected: [1, 2, 3] },
  {
    name: "x > 'a'",
    condition: call('gt', x, literal('a')),
    values: TEXTS,
    expected: [1, 3],
    mismatches: 1,
  },
  {
    name: 'x > 1 of strings',
    condition: call('gt', x, literal(1)),
    values: TEXTS,
    expected: [],
    mismatches: 5,
  },
  { name: "x in ('b', 'ab')", condition: among('b', 'ab'), values: TEXTS, expected: [1, 3] },
  { name: 'x =~ /a/', condition: matches, values: TEXTS, expected: [0, 3, 4] },
  { name: 'not x =~ /a/', condition: not(matches), values: TEXTS, expected: [1, 2] },
  {
    name: "x like '%b'",
    condition: call('like', x, literal('%b')),
    values: TEXTS,
    expected: [1, 3],
  },
  { name: 'exists(x)', condition: call('exists', x), values: TEXTS, expected: [0, 1, 3, 4] },
  { name: 'x', condition: x, values: FLAGS, expected: [0, 3] },
  { name: 'x = false', condition: call('eq', x, literal(false)), values: FLAGS, expected: [1] },
  { name: 'x is null', condition: call('is_null', x), values: [null, null], expected: [0, 1] },
  { name: 'x = 1', condition: call('eq', x, literal(1)), values: [null, null], expected: [] },
  { name: 'x = 1', condition: call('eq', x, literal(1)), values: MIXED, expected: [0] },
  { name: 'x', condition: x, values: MIXED, expected: [0, 1, 3, 4] },
  {
    name: 'x > 0 and x < 2',
    condition: { op: 'and', args: [call('gt', x, literal(0)), call('lt', x, literal(2))] },
    values: INTEGERS,
    expected: [0],
  },
  {
    name: 'x = 3 or x = 1',
    condition: { op: 'or', args: [call('eq', x, literal(3)), call('eq', x, literal(1))] },
    values: INTEGERS,
    expected: [0, 2],
  },
  { name: 'true', condition: literal(true), values: INTEGERS, expected: [0, 1, 2, 3] },
  { name: 'null', condition: literal(null), values: INTEGERS, expected: [] },
];

describe.each([false, true])('conditions, strings plain: %s', (plain) => {
  test.each(ROWS)('$name over $values selects $expected', (row) => {
    const counters = createEvalCounters();
    const fields = new FieldSet();
    const kernel = compilePredicate(row.condition, fields, counters);
    const view = new BatchView(fields);
    const batch = new TestConnection().batch(rowsOf(row.values), { paths: [namePath('x')], plain });
    expect(view.bind(batch, 0)).toBe('bound');
    const selection = allRows(batch.rows).slice(0, batch.rows);
    const n = kernel.select(view, selection, batch.rows, selection);
    expect([...selection.subarray(0, n)]).toEqual(row.expected);
    expect(counters.typeMismatches).toBe(row.mismatches ?? 0);
  });
});

test('a memo is dropped when its dictionary is reset', () => {
  const fields = new FieldSet();
  const kernel = compilePredicate(call('eq', x, literal('b')), fields, createEvalCounters());
  const view = new BatchView(fields);
  const connection = new TestConnection();
  const select = (values: readonly Value[]): number[] => {
    const batch = connection.batch(rowsOf(values), { paths: [namePath('x')] });
    view.bind(batch, 0);
    const out = new Uint32Array(batch.rows);
    return [...out.subarray(0, kernel.select(view, allRows(batch.rows), batch.rows, out))];
  };
  expect(select(['a', 'b'])).toEqual([1]);
  expect(select(['a', 'c', 'b'])).toEqual([2]);
  connection.resetDictionaries();
  expect(select(['b', 'a'])).toEqual([0]);
});

test('the clock comes from the batch and is never memoised', () => {
  const fields = new FieldSet();
  const early = call('lt', call('now'), literal(100));
  const kernel = compilePredicate({ op: 'and', args: [x, early] }, fields, createEvalCounters());
  const view = new BatchView(fields);
  const batch = new TestConnection().batch(rowsOf(['a']), { paths: [namePath('x')] });
  const out = new Uint32Array(1);
  view.bind(batch, 50);
  expect(kernel.select(view, allRows(1), 1, out)).toBe(1);
  view.bind(batch, 150);
  expect(kernel.select(view, allRows(1), 1, out)).toBe(0);
});
