import { describe, expect, it, test } from 'vitest';
import { SPECIAL_CALLS } from '../../../src/expr/call.ts';
import { createEvalCounters, createRowContext } from '../../../src/expr/context.ts';
import { FIXED_FUNCTIONS, VARIADIC_FUNCTIONS } from '../../../src/expr/functions/table.ts';
import { compileExpression } from '../../../src/expr/row.ts';
import { FUNCTIONS, functionNamed, signatureText } from '../../../src/ir/functions.ts';
import type { Value } from '../../../src/model/value.ts';

function run(name: string, args: readonly Value[]): { value: Value; problems: string } {
  const counters = createEvalCounters();
  const row = Object.assign(createRowContext(), { timeMs: 1, ingestMs: 2, nowMs: 3 });
  const literals = args.map((value) => ({ op: 'literal', value }) as const);
  const value = compileExpression({ op: 'call', name, args: literals }, counters)(row);
  const { typeMismatches, nonFinite } = counters;
  return { value, problems: `${'m'.repeat(typeMismatches)}${'f'.repeat(nonFinite)}` };
}

/** name, arguments, value, problems: m = type mismatch, f = not finite. */
const CASES: readonly [name: string, args: readonly Value[], value: Value, problems?: string][] = [
  ['add', [1, 2], 3],
  ['add', [1, '2'], null, 'm'],
  ['add', [1, null], null, 'm'],
  ['add', [1e308, 1e308], null, 'f'],
  ['subtract', [1, 2], -1],
  ['multiply', [3, 2], 6],
  ['divide', [7, 2], 3.5],
  ['divide', [1, 0], null, 'f'],
  ['divide', [0, 0], null, 'f'],
  ['modulo', [-7, 3], -1],
  ['modulo', [7, -3], 1],
  ['modulo', [7, 0], null, 'f'],
  ['negate', [2], -2],
  ['negate', [true], null, 'm'],
  ['plus', ['1'], null, 'm'],
  ['eq', [1, 1.0], true],
  ['eq', ['1', 1], false],
  ['eq', [null, null], true],
  ['eq', [{ a: [1] }, { a: [1] }], true],
  ['ne', [null, 1], true],
  ['lt', [1, 2], true],
  ['lt', ['\uffff', '😀'], true],
  ['lt', [false, true], true],
  ['lt', [1, '2'], false, 'm'],
  ['lt', [null, 1], false, 'm'],
  ['ge', [null, null], false, 'm'],
  ['le', [2, 2], true],
  ['le', ['b', 'a'], false],
  ['gt', [2, 2], false],
  ['ge', [2, 2], true],
  ['gt', [[1], { a: 1 }], false, 'm'],
  ['contains_text', ['a12', 12], true],
  ['contains_text', [[1, 2], '1,2'], true],
  ['contains_text', [null, 'n'], false],
  ['contains_text', ['null', null], false],
  ['like', ['abc', 'a%'], true],
  ['like', ['abc', 'a_c'], true],
  ['like', ['a😀c', 'a_c'], true],
  ['like', ['abc', 'b'], false],
  ['like', ['a%c', 'a\\%c'], true],
  ['like', ['abc', 'a\\%c'], false],
  ['like', ['a\nb', 'a%b'], true],
  ['like', ['aXbXc', '%X_X%'], true],
  ['like', [null, '%'], false],
  ['like', [12, '1%'], true],
  ['like', ['a', null], false],
  ['ilike', ['ABC', 'a%C'], true],
  ['is_null', [null], true],
  ['is_null', [0], false],
  ['exists', [null], false],
  ['exists', [false], true],
  ['abs', [-2], 2],
  ['floor', [-1.5], -2],
  ['ceil', [1.2], 2],
  ['round', [2.5], 3],
  ['round', [-2.5], -3],
  ['round', [2.345, 2], 2.35],
  ['round', [1.005, 2], 1.01],
  ['round', [1250, -2], 1300],
  ['round', [1e300, 2], 1e300],
  ['round', [1, null], null, 'm'],
  ['round', ['1'], null, 'm'],
  ['sqrt', [9], 3],
  ['sqrt', [-1], null, 'f'],
  ['pow', [2, 10], 1024],
  ['pow', [0, -1], null, 'f'],
  ['ln', [1], 0],
  ['ln', [0], null, 'f'],
  ['log10', [1000], 3],
  ['least', [3, null, 1], 1],
  ['least', ['b', 'a'], 'a'],
  ['least', [1, 'a'], null, 'm'],
  ['greatest', [3, 5, 1], 5],
  ['greatest', [null, null], null],
  ['clamp', [12, 0, 10], 10],
  ['clamp', [-1, 0, 10], 0],
  ['clamp', [1, null, 10], null, 'm'],
  ['bucket', [17, 5], 15],
  ['bucket', [-1, 5], -5],
  ['bucket', [1, 0], null, 'f'],
  ['log_bucket', [900, 10], 100],
  ['log_bucket', [1000, 10], 1000],
  ['log_bucket', [0, 10], null, 'f'],
  ['log_bucket', [5, 1], null, 'f'],
  ['coalesce', [null, 'x', 1], 'x'],
  ['coalesce', [null], null],
  [
    'merge',
    [
      { a: 1, b: null },
      { a: 2, b: 3, c: null },
    ],
    { a: 1, b: 3 },
  ],
  ['merge', [null, 'text', [1], { a: 1 }], { a: 1 }],
  ['nullif', [0, 0], null],
  ['nullif', [1, 0], 1],
  ['if', [true, 'y', 'n'], 'y'],
  ['if', [0, 'y', 'n'], 'y'],
  ['if', [null, 'y', 'n'], 'n'],
  ['if', [false, 'y'], null],
  ['lower', ['ÄB'], 'äb'],
  ['upper', ['äb'], 'ÄB'],
  ['upper', [true], 'TRUE'],
  ['trim', [' a\n'], 'a'],
  ['length', ['a😀'], 2],
  ['length', [[1, 2, null]], 3],
  ['length', [{ a: 1, b: null }], 1],
  ['length', [5], null, 'm'],
  ['length', [null], null],
  ['concat', ['a', 1, null, true], 'a1true'],
  ['substr', ['abcdef', 2, 3], 'bcd'],
  ['substr', ['abcdef', 5], 'ef'],
  ['substr', ['abcdef', 0, 2], 'a'],
  ['substr', ['a😀b', 2, 1], '😀'],
  ['substr', ['abc', 2, -1], null, 'm'],
  ['substr', ['abc', null], null, 'm'],
  ['substr', [null, 1], null],
  ['split_part', ['a/b/c', '/', 2], 'b'],
  ['split_part', ['a/b/c', '/', -1], 'c'],
  ['split_part', ['a/b/c', '/', 9], ''],
  ['split_part', ['abc', '', 1], 'abc'],
  ['split_part', ['abc', '/', 0], null, 'm'],
  ['starts_with', ['abc', 'ab'], true],
  ['starts_with', [123, 1], true],
  ['starts_with', [null, ''], false],
  ['ends_with', ['abc', 'bc'], true],
  ['ends_with', ['abc', null], false],
  ['contains', ['abc', 'b'], true],
  ['replace', ['a-b-c', '-', '+'], 'a+b+c'],
  ['replace', ['abc', '', '+'], 'abc'],
  ['replace', ['a', 'a', '$&'], '$&'],
  ['replace', ['abc', null, '+'], null],
  ['regexp_extract', ['id=42', 'id=([0-9]+)', 1], '42'],
  ['regexp_extract', ['id=42', 'id=([0-9]+)'], 'id=42'],
  ['regexp_extract', ['x', 'id=([0-9]+)', 1], null],
  ['regexp_extract', ['id=4', 'id=([0-9]+)', 2], null],
  ['regexp_extract', ['id=4', 'id=([0-9]+)', null], null, 'm'],
  ['regexp_extract', ['a', 'a|(b)', 1], null],
  ['url_path', ['https://h/a/b?c=1#d'], '/a/b'],
  ['url_path', ['https://h'], '/'],
  ['url_path', ['/a?b'], '/a'],
  ['url_path', ['/go?to=http://x/y'], '/go'],
  ['url_host', ['https://user@Host:8/a'], 'host'],
  ['url_host', ['http://[::1]:80/'], '[::1]'],
  ['url_host', ['//cdn/x'], 'cdn'],
  ['url_host', ['/a/b'], null],
  ['to_number', [' 1.5 '], 1.5],
  ['to_number', ['1e3'], 1000],
  ['to_number', ['0x10'], null, 'm'],
  ['to_number', [''], null, 'm'],
  ['to_number', [true], 1],
  ['to_number', [null], null],
  ['to_number', ['1e999'], null, 'f'],
  ['to_number', [[1]], null, 'm'],
  ['to_string', [2.0], '2'],
  ['to_string', [{ a: 1 }], '{"a":1}'],
  ['to_boolean', ['Yes'], true],
  ['to_boolean', ['off'], false],
  ['to_boolean', [1], true],
  ['to_boolean', [2], null, 'm'],
  ['to_boolean', ['maybe'], null, 'm'],
  ['typeof', [null], 'null'],
  ['typeof', [[]], 'list'],
  ['typeof', [{}], 'object'],
  ['event_time', [], 1],
  ['ingest_time', [], 2],
  ['now', [], 3],
  ['tick', [], 3],
  ['date_trunc', ['minute', 61_000], 60_000],
  ['date_trunc', ['MINUTE', -1], -60_000],
  ['date_trunc', ['week', Date.UTC(2026, 10, 22)], Date.UTC(2026, 10, 16)],
  ['date_trunc', ['month', Date.UTC(2026, 10, 21)], Date.UTC(2026, 10, 1)],
  ['date_trunc', ['quarter', Date.UTC(2026, 10, 21)], Date.UTC(2026, 9, 1)],
  ['date_trunc', ['year', Date.UTC(2026, 10, 21)], Date.UTC(2026, 0, 1)],
  ['date_trunc', ['year', 1e300], null, 'f'],
  ['date_trunc', ['fortnight', 1], null, 'm'],
  ['date_trunc', ['constructor', 1], null, 'm'],
  ['date_trunc', ['day', '1'], null, 'm'],
  ['format_time', [0, 'YYYY-MM-DD HH24:MI:SS.MS'], '1970-01-01 00:00:00.000'],
  ['format_time', [46_800_000, 'Dy DD Mon HH12 AM "HH"'], 'Thu 01 Jan 01 PM HH'],
  ['format_time', [1e300, 'YYYY'], null, 'f'],
  ['format_time', ['x', 'YYYY'], null, 'm'],
  ['hash', [null], null],
  ['hash', ['a'], 2_448_022_055],
  ['redact', ['secret'], '[redacted]'],
  ['redact', [null], null],
  ['mask', ['4111222233334444', 4], '************4444'],
  ['mask', ['ab'], 'ab'],
  ['mask', ['😀bc', 1], '**c'],
  ['mask', ['abc', -1], null, 'm'],
];

describe('functions', () => {
  test.each(CASES)('%s(%j) is %j', (...row) => {
    const [name, args, value, problems = ''] = row;
    expect(run(name, args)).toEqual({ value: value === 0 ? expect.closeTo(0) : value, problems });
  });

  it('are each in the table above', () => {
    const tested = new Set(CASES.map(([name]) => name));
    expect(FUNCTIONS.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
  });

  it('have one implementation each, and no implementation lacks a signature', () => {
    const implemented = [
      ...SPECIAL_CALLS.keys(),
      ...FIXED_FUNCTIONS.keys(),
      ...VARIADIC_FUNCTIONS.keys(),
    ];
    expect(implemented.toSorted()).toEqual(FUNCTIONS.map(({ name }) => name).toSorted());
  });

  it('hash whole numbers apart by salt, the same every time', () => {
    const salted = run('hash', ['a', 1]).value;
    expect(salted).toBe(run('hash', ['a', '1']).value);
    expect(salted).not.toBe(run('hash', ['a']).value);
    expect(run('hash', ['1a']).value).not.toBe(salted);
  });

  it('are found by their own name only', () => {
    expect(functionNamed('constructor')).toBeNull();
    expect(signatureText(functionNamed('round') ?? FUNCTIONS[0]!)).toBe(
      'round(x: number[, digits: number]) → number',
    );
  });
});
