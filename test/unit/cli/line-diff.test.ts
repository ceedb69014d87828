import { expect, test } from 'vitest';
import { lineDiff } from '../../../src/cli/line-diff.ts';

test.each([
  { a: 'x\ny', b: 'x\ny\n', diff: [' x', ' y'] },
  { a: 'x\ny\nz', b: 'x\nz', diff: [' x', '-y', ' z'] },
  { a: 'x', b: 'y', diff: ['-x', '+y'] },
  { a: 'a\nb\nc', b: 'b\nc\nd', diff: ['-a', ' b', ' c', '+d'] },
])('$a against $b', ({ a, b, diff }) => {
  expect(lineDiff(a, b)).toEqual(diff);
});

test('very long texts are still told apart', () => {
  const long = Array.from({ length: 3_000 }, (_, i) => String(i)).join('\n');
  expect(lineDiff(long, long)).toHaveLength(6_000);
});
