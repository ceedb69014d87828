import { describe, expect, test } from 'vitest';
import { editDistance, suggest } from '../../../grammar/suggest.ts';

describe('did you mean', () => {
  test.each([
    { name: 'cuont', candidates: ['count', 'amount'], expected: 'count' },
    { name: 'latencyms', candidates: ['latency_ms', 'lag'], expected: 'latency_ms' },
    { name: 'COUNTRY', candidates: ['country'], expected: 'country' },
    { name: 'status', candidates: ['state', 'statuses', 'status_'], expected: 'status_' },
    { name: 'ab', candidates: ['cd', 'ef'], expected: null },
    { name: 'x', candidates: ['y'], expected: null },
    { name: 'same', candidates: ['same'], expected: null },
    { name: '', candidates: ['a'], expected: null },
    { name: 'x'.repeat(1_000), candidates: ['x'.repeat(1_000) + 'y'], expected: null },
  ])('$name among $candidates is $expected', ({ name, candidates, expected }) => {
    expect(suggest(name, candidates)).toBe(expected);
  });

  test.each([
    { a: 'ab', b: 'ba', distance: 1 },
    { a: 'abc', b: 'abc', distance: 0 },
    { a: 'kitten', b: 'sitting', distance: 3 },
    { a: '', b: 'abc', distance: 3 },
    { a: 'abc', b: '', distance: 3 },
  ])('$a and $b are $distance apart', ({ a, b, distance }) => {
    expect(editDistance(a, b, 9)).toBe(distance);
  });

  test('beyond the limit only that is said', () => {
    expect(editDistance('abcdefgh', 'zyxwvuts', 2)).toBeGreaterThan(2);
  });
});
