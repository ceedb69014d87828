import { describe, expect, test } from 'vitest';
import { AGGREGATES, aggregateFrom } from '../../../src/aggregate/catalogue.ts';
import { aggregate, order, resultOf, spec, WHOLE_MINUTE } from '../../support/aggregates.ts';
import type { SpecChanges } from '../../support/aggregates.ts';
import type { Value } from '../../../src/model/value.ts';

interface Row {
  readonly name: string;
  readonly values: readonly Value[];
  readonly expected: Value;
  readonly changes?: SpecChanges;
}

const q = (value: number): SpecChanges => ({ parameters: [value] });
const distinct: SpecChanges = { distinct: true };
const star: SpecChanges = { star: true };

const ROWS: readonly Row[] = [
  { name: 'count', values: [1, null, 'a', false], expected: 3 },
  { name: 'count', values: [], expected: 0 },
  { name: 'count', values: [true, true], expected: 2, changes: star },
  {
    name: 'count',
    values: [1, 1, '1', null, 2, { a: 1 }, { a: 1 }],
    expected: 4,
    changes: distinct,
  },
  { name: 'sum', values: [1, 2.5, null, '7', true], expected: 3.5 },
  { name: 'sum', values: [], expected: 0 },
  { name: 'sum', values: [null], expected: 0 },
  { name: 'sum', values: [1e100, 1, -1e100], expected: 1 },
  { name: 'sum', values: [1.7e308, 1.7e308], expected: null },
  { name: 'sum', values: [2, 2, 3], expected: 5, changes: distinct },
  { name: 'avg', values: [1, 2, null, 'x'], expected: 1.5 },
  { name: 'avg', values: [], expected: null },
  { name: 'avg', values: [1, 1, 4], expected: 2.5, changes: distinct },
  { name: 'min', values: [3, -1, null, 2], expected: -1 },
  { name: 'min', values: ['b', 'a', 'c'], expected: 'a' },
  { name: 'min', values: ['a', 5, 'b'], expected: 5 },
  { name: 'min', values: [null, true], expected: null },
  { name: 'min', values: [0, -0], expected: 0 },
  { name: 'max', values: [3, -1, 2], expected: 3 },
  { name: 'max', values: ['b', '\u{10000}', '\uFFFF'], expected: '\u{10000}' },
  { name: 'max', values: [], expected: null },
  { name: 'rate', values: [true, true, true], expected: 0.05, changes: star },
  { name: 'rate', values: [30, 90], expected: 2 },
  { name: 'rate', values: [], expected: 0 },
  { name: 'quantile', values: [1, 2, 3, 4], expected: 4, changes: q(0.75) },
  { name: 'quantile', values: [4, 1, 3, 2], expected: 3, changes: q(0.5) },
  { name: 'quantile', values: [7], expected: 7, changes: q(0.99) },
  { name: 'quantile', values: [null, 'x'], expected: null, changes: q(0.99) },
  { name: 'quantile', values: [1, 1, 1, 2], expected: 2, changes: { ...q(0.5), ...distinct } },
  { name: 'median', values: [5, 1, 9], expected: 9 },
  { name: 'variance', values: [2, 4, 4, 4, 5, 5, 7, 9], expected: 32 / 7 },
  { name: 'variance', values: [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16], expected: 30 },
  { name: 'variance', values: [1.7e12, 1.7e12 + 1, 1.7e12 + 2], expected: 1 },
  { name: 'variance', values: [3], expected: null },
  { name: 'stddev', values: [1, 3, null], expected: Math.SQRT2 },
  { name: 'stddev', values: [], expected: null },
  { name: 'first', values: [null, 'b', 'c'], expected: 'b' },
  { name: 'last', values: ['a', 'b', null], expected: 'b' },
  { name: 'any', values: [null, 0], expected: 0 },
  { name: 'any', values: [], expected: null },
  { name: 'first_event', values: [null, 'b'], expected: null },
  { name: 'first_event', values: ['a', 'b'], expected: 'a' },
  { name: 'count_distinct', values: [1, 1.0, '1', null, true], expected: 3 },
  { name: 'count_distinct', values: [], expected: 0 },
  { name: 'list', values: [1, null, 'a', 1], expected: [1, 'a', 1] },
  { name: 'list', values: [null], expected: null },
  {
    name: 'list',
    values: [1, 2, 1, { a: 1 }, { a: 1 }],
    expected: [1, 2, { a: 1 }],
    changes: distinct,
  },
  {
    name: 'topk',
    values: ['a', 'b', 'b', null, 3, 3, 3],
    expected: [
      { value: 3, count: 3, error: 0 },
      { value: 'b', count: 2, error: 0 },
    ],
    changes: q(2),
  },
  { name: 'topk', values: [null], expected: null },
  { name: 'delta', values: [5, 8, null, 'x', 2, 4], expected: 7 },
  { name: 'delta', values: [5], expected: null },
  { name: 'delta', values: [3, 3], expected: 0 },
  { name: 'delta', values: [1, 2, 1, 2], expected: 3, changes: distinct },
  { name: 'apdex', values: [5, 10, 20, 40, 41, null, 'x'], expected: 0.6, changes: q(10) },
  { name: 'apdex', values: [null], expected: null, changes: q(10) },
  { name: 'apdex', values: [5, 5, 50], expected: 0.5, changes: { ...q(10), ...distinct } },
  {
    name: 'histogram',
    values: [1, 1.2, 1.25, 3, 0, -1, null, 'x'],
    expected: [
      { from: -1.25, to: -1, count: 1 },
      { from: 0, to: 2 ** -30, count: 1 },
      { from: 1, to: 1.25, count: 2 },
      { from: 1.25, to: 1.5, count: 1 },
      { from: 3, to: 3.5, count: 1 },
    ],
  },
  {
    name: 'histogram',
    values: [0, 49, 50, 120, -1],
    expected: [
      { from: -50, to: 0, count: 1 },
      { from: 0, to: 50, count: 2 },
      { from: 50, to: 100, count: 1 },
      { from: 100, to: 150, count: 1 },
    ],
    changes: q(50),
  },
  {
    name: 'histogram',
    values: [7, 7, 7],
    expected: [{ from: 7, to: 8, count: 1 }],
    changes: distinct,
  },
  {
    name: 'histogram',
    values: [Number.MAX_VALUE, -Number.MAX_VALUE],
    expected: [
      { from: -Number.MAX_VALUE, to: -1.75 * 2 ** 1023, count: 1 },
      { from: 1.75 * 2 ** 1023, to: Number.MAX_VALUE, count: 1 },
    ],
  },
  { name: 'histogram', values: [null, 'x'], expected: null },
  { name: 'samples', values: [{ a: 1 }, { a: 2 }, { a: 2 }], expected: [{ a: 1 }] },
  { name: 'samples', values: [{ a: 1 }, { a: 1 }], expected: [{ a: 1 }, { a: 1 }], changes: q(5) },
  { name: 'samples', values: [], expected: null, changes: q(2) },
];

describe('results and null rules', () => {
  test.each(ROWS)('$name($changes) of $values is $expected', (row) => {
    expect(resultOf(spec(row.name, row.changes), row.values)).toEqual(row.expected);
  });
});

describe('the catalogue', () => {
  test('builds every aggregate it lists', () => {
    for (const name of AGGREGATES.keys()) expect(aggregateFrom(spec(name)).skipped).toBe(0);
  });

  test('knows nothing of names it does not list', () => {
    expect(() => aggregateFrom(spec('constructor'))).toThrow('no aggregate');
  });

  test.each(['sum', 'avg', 'min', 'quantile', 'stddev', 'rate', 'delta', 'apdex', 'histogram'])(
    '%s counts values that it cannot take, and not nulls',
    (name) => {
      const made = aggregate(spec(name));
      [null, true, [1], 5].forEach((value, i) => made.add(0, value, order(i)));
      expect(made.skipped).toBe(2);
    },
  );
});

describe('columns of numbers', () => {
  const groups = Uint32Array.of(0, 2, 0, 2, 2, 0);
  const values = Float64Array.of(5, 1, NaN, -3, 8, 0);

  test.each([
    'count',
    'sum',
    'avg',
    'min',
    'max',
    'rate',
    'quantile',
    'median',
    'variance',
    'stddev',
    'apdex',
    'histogram',
  ])('%s gives the same from a column as from single values', (name) => {
    const columns = aggregate(spec(name), 3);
    columns.addNumbers!(groups, values, groups.length);
    const single = aggregate(spec(name), 3);
    values.forEach((value, i) => {
      single.add(groups[i]!, Number.isNaN(value) ? null : value, order(i));
    });
    for (let g = 0; g < 3; g++) {
      expect(columns.result(g, WHOLE_MINUTE)).toEqual(single.result(g, WHOLE_MINUTE));
    }
  });

  test.each(['count', 'rate'])('%s counts whole columns of rows', (name) => {
    const made = aggregate(spec(name, star), 3);
    made.addCounts!(groups, groups.length);
    expect(made.result(2, { windowMs: 1_000, coveredMs: 1_000 })).toBe(3);
  });
});

describe('rate in a partial window', () => {
  test.each([
    { coveredMs: 30_000, expected: 0.1 },
    { coveredMs: 6_000, expected: 0.5 },
    { coveredMs: 5_999, expected: null },
    { coveredMs: 0, expected: null },
  ])('of three events with $coveredMs ms of a minute covered is $expected', (row) => {
    const result = resultOf(spec('rate', star), [true, true, true], {
      windowMs: 60_000,
      coveredMs: row.coveredMs,
    });
    expect(result).toBe(row.expected);
  });
});

describe('event order', () => {
  const events = [
    { timeMs: 5, agentId: 'b', sequence: 1, value: 'late agent' },
    { timeMs: 5, agentId: 'a', sequence: 9, value: 'second of a' },
    { timeMs: 5, agentId: 'a', sequence: 2, value: 'first of a' },
    { timeMs: 6, agentId: 'a', sequence: 0, value: 'latest' },
  ];

  test.each([
    { name: 'first', expected: 'first of a' },
    { name: 'any', expected: 'first of a' },
    { name: 'first_event', expected: 'first of a' },
    { name: 'last', expected: 'latest' },
  ])('$name goes by time, agent and sequence, whatever arrives first', ({ name, expected }) => {
    for (const shown of [events, events.toReversed()]) {
      const made = aggregate(spec(name));
      for (const { value, ...at } of shown) made.add(0, value, at);
      expect(made.result(0, WHOLE_MINUTE)).toBe(expected);
    }
  });
});

describe('groups', () => {
  test.each([...AGGREGATES.keys()])('%s keeps groups apart, grows, merges and resets', (name) => {
    const made = aggregate(spec(name), 1);
    made.add(0, 1, order(0));
    made.grow(100);
    made.add(99, 2, order(1));
    const target = aggregate(spec(name), 2);
    const remap = new Uint32Array(100);
    remap[99] = 1;
    target.merge(structuredClone(made.encode(100)), remap);
    for (const [from, to] of [
      [0, 0],
      [99, 1],
    ] as const) {
      expect(target.result(to, WHOLE_MINUTE)).toEqual(made.result(from, WHOLE_MINUTE));
    }
    const empty = aggregate(spec(name)).result(0, WHOLE_MINUTE);
    expect(made.result(50, WHOLE_MINUTE)).toEqual(empty);
    made.reset();
    expect(made.result(99, WHOLE_MINUTE)).toEqual(empty);
  });

  test('a partial of another aggregate is a defect', () => {
    const partial = aggregate(spec('sum')).encode(1);
    expect(() => aggregate(spec('count')).merge(partial, Uint32Array.of(0))).toThrow('partial');
  });
});
