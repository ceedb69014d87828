import { expect, test } from 'vitest';
import { sameData } from '../../../src/plan/same-data.ts';

test.each([
  { a: 1, b: 1, same: true },
  { a: null, b: null, same: true },
  { a: null, b: {}, same: false },
  { a: [1, { x: [2] }], b: [1, { x: [2] }], same: true },
  { a: [1, 2], b: [1], same: false },
  { a: [], b: {}, same: false },
  { a: { x: 1, y: 2 }, b: { y: 2, x: 1 }, same: true },
  { a: { x: 1 }, b: { x: 1, y: 2 }, same: false },
  { a: { x: undefined }, b: { y: undefined }, same: false },
  { a: '1', b: 1, same: false },
])('$a and $b: $same', ({ a, b, same }) => {
  expect(sameData(a, b)).toBe(same);
  expect(sameData(b, a)).toBe(same);
});
