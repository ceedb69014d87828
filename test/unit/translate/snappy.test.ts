/** Snappy's block format, element by element, and blocks that lie. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unpackSnappy } from '../../../src/translate/snappy.ts';
import { lawParameters } from '../../support/laws.ts';
import { packedLiteral, varint } from '../../support/snappy.ts';

const text = (bytes: readonly number[], bytesMax = 1_000): string => {
  const result = unpackSnappy(Uint8Array.from(bytes), bytesMax);
  return result.ok ? Buffer.from(result.value).toString('latin1') : result.error;
};
const ascii = (letters: string): number[] => [...Buffer.from(letters)];

test.each([
  ['nothing', [0], ''],
  ['a literal', [3, 2 << 2, ...ascii('abc')], 'abc'],
  ['a literal with a length of one byte', [3, 60 << 2, 2, ...ascii('abc')], 'abc'],
  ['a literal with a length of two bytes', [3, 61 << 2, 2, 0, ...ascii('abc')], 'abc'],
  ['a copy with an offset of one byte', [7, 2 << 2, ...ascii('abc'), 1, 3], 'abcabca'],
  ['a copy with an offset of two bytes', [5, 2 << 2, ...ascii('abc'), (1 << 2) | 2, 3, 0], 'abcab'],
  ['a copy with an offset of four', [4, 2 << 2, ...ascii('abc'), 3, 2, 0, 0, 0], 'abcb'],
  ['a run', [8, 0, ...ascii('x'), (6 << 2) | 2, 1, 0], 'xxxxxxxx'],
])('%s', (_, bytes, expected) => {
  expect(text(bytes)).toBe(expected);
});

test.each([
  ['no length', []],
  ['an endless length', [0x80, 0x80, 0x80, 0x80, 0x80, 1]],
  ['a length above 2^32', [0xff, 0xff, 0xff, 0xff, 0x7f]],
  ['a literal that is cut', [3, 2 << 2, ...ascii('ab')]],
  ['a literal without its length', [3, 61 << 2, 2]],
  ['a copy without its offset', [7, 2 << 2, ...ascii('abc'), (1 << 2) | 2, 3]],
  ['a copy from before the beginning', [7, 2 << 2, ...ascii('abc'), 1, 4]],
  ['a copy from nowhere', [7, 2 << 2, ...ascii('abc'), 1, 0]],
  ['more than it says', [2, 2 << 2, ...ascii('abc')]],
  ['less than it says', [4, 2 << 2, ...ascii('abc')]],
  ['a length that no elements could fill', [0xc8, 0x01, 0]],
])('%s is malformed', (_, bytes) => {
  expect(text(bytes)).toBe('malformed');
});

test('what says that it is larger than the bound is not unpacked', () => {
  expect(text([...varint(1_001), 0])).toBe('large');
  expect(text([...varint(0xffff_ffff), 0])).toBe('large');
});

test('takes any bytes, and gives back what was packed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(() => unpackSnappy(bytes, 10_000)).not.toThrow();
      const result = unpackSnappy(packedLiteral(bytes), 10_000);
      expect(result.ok && Buffer.from(result.value)).toStrictEqual(Buffer.from(bytes));
    }),
    lawParameters(300),
  );
});
