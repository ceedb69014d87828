import { describe, expect, it, test } from 'vitest';
import { groupKey } from '../../../src/model/group-key.ts';
import { isTruthy, valuesEqual } from '../../../src/model/value-equality.ts';
import { compareSameType, compareTotal, typeOf } from '../../../src/model/value-order.ts';
import { canonicalText, jsonText, textOf } from '../../../src/model/value-text.ts';
import type { Value } from '../../../src/model/value.ts';

/**
 * One or more values of every type, in the order of ORDER BY; no two are equal. Lists and objects
 * go by text.
 */
const IN_ORDER: readonly Value[] = [
  null,
  false,
  true,
  -1,
  0,
  0.5,
  1,
  1e21,
  '',
  '0',
  '1',
  'A',
  'a',
  'a1',
  'b',
  'é',
  '\uffff',
  '😀',
  '😀a',
  [0],
  [1],
  [],
  { a: 1 },
  { a: 2 },
  {},
];

describe('values in order', () => {
  const pairs = IN_ORDER.flatMap((a, i) => IN_ORDER.map((b, j) => ({ a, b, i, j })));

  test.each(pairs)('$a against $b', ({ a, b, i, j }) => {
    expect(Math.sign(compareTotal(a, b))).toBe(Math.sign(i - j));
    expect(valuesEqual(a, b)).toBe(i === j);
    expect(groupKey([a]) === groupKey([b])).toBe(i === j);
    const isOrdered = a !== null && typeOf(a) === typeOf(b);
    expect(Math.sign(compareSameType(a, b))).toBe(isOrdered ? Math.sign(i - j) : Number.NaN);
  });
});

describe('equality', () => {
  test.each<{ name: string; a: Value; b: Value; equal: boolean }>([
    { name: '0 and −0', a: 0, b: -0, equal: true },
    { name: '1 and the string 1', a: 1, b: '1', equal: false },
    { name: 'true and 1', a: true, b: 1, equal: false },
    { name: 'two nulls', a: null, b: null, equal: true },
    { name: 'null and false', a: null, b: false, equal: false },
    { name: 'lists member by member', a: [1, [2]], b: [1, [2]], equal: true },
    { name: 'lists of different length', a: [1], b: [1, null], equal: false },
    {
      name: 'objects whatever the order of keys',
      a: { x: 1, y: 2 },
      b: { y: 2, x: 1 },
      equal: true,
    },
    { name: 'a missing key and null', a: { x: null }, b: {}, equal: true },
    { name: 'an empty list and an empty object', a: [], b: {}, equal: false },
    { name: 'an own key called constructor', a: { constructor: 1 }, b: {}, equal: false },
  ])('of $name is $equal', ({ a, b, equal }) => {
    expect(valuesEqual(a, b)).toBe(equal);
    expect(valuesEqual(b, a)).toBe(equal);
    expect(canonicalText(a) === canonicalText(b)).toBe(equal);
    expect(groupKey([a]) === groupKey([b])).toBe(equal);
  });
});

describe('text', () => {
  test.each<{ value: Value; text: string | null }>([
    { value: 'as it is', text: 'as it is' },
    { value: 2.0, text: '2' },
    { value: -0, text: '0' },
    { value: 0.1, text: '0.1' },
    { value: 1e21, text: '1e+21' },
    { value: true, text: 'true' },
    { value: false, text: 'false' },
    { value: null, text: null },
    { value: [1, 'a', null], text: '[1,"a",null]' },
    { value: { b: 1, a: 'x' }, text: '{"b":1,"a":"x"}' },
  ])('of $value is $text', ({ value, text }) => {
    expect(textOf(value)).toBe(text);
  });

  it('of null in JSON is null', () => {
    expect(jsonText(null)).toBe('null');
  });
});

describe('truth', () => {
  test.each<{ value: Value; truth: boolean }>([
    { value: null, truth: false },
    { value: false, truth: false },
    { value: true, truth: true },
    { value: 0, truth: true },
    { value: '', truth: true },
    { value: [], truth: true },
  ])('of $value is $truth', ({ value, truth }) => {
    expect(isTruthy(value)).toBe(truth);
  });
});

describe('group keys', () => {
  it('do not run together: the parts of a tuple cannot be cut elsewhere', () => {
    const tuples: Value[][] = [
      ['a', 'b'],
      ['ab', ''],
      ['', 'ab'],
      ['a1:b'],
      ['a', null, 'b'],
      [1, 23],
      [12, 3],
      [123],
      ['1', 23],
      [null, null],
      [null],
      [true],
      ['t'],
      [[1]],
      ['[1]'],
    ];
    expect(new Set(tuples.map(groupKey)).size).toBe(tuples.length);
  });
});
