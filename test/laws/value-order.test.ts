/** The order of values is total and agrees with equality; texts and keys are identities. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupKey } from '../../src/model/group-key.ts';
import { valuesEqual } from '../../src/model/value-equality.ts';
import { compareCodePoints, compareTotal } from '../../src/model/value-order.ts';
import { canonicalText } from '../../src/model/value-text.ts';
import { compare, compareText, equal } from '../../src/reference/reference-values.ts';
import { arbitraryValue } from '../support/arbitrary-event.ts';
import { lawParameters } from '../support/laws.ts';

/** Every UTF-16 string, lone surrogates included, with units that often meet. */
const units = fc
  .array(fc.constantFrom(0x61, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff), {
    maxLength: 5,
  })
  .map((codes) => String.fromCharCode(...codes));

it('is antisymmetric, and equal exactly where values are', () => {
  fc.assert(
    fc.property(arbitraryValue(), arbitraryValue(), (a, b) => {
      expect(Math.sign(compareTotal(a, b)) + Math.sign(compareTotal(b, a))).toBe(0);
      expect(compareTotal(a, b) === 0).toBe(valuesEqual(a, b));
    }),
    lawParameters(1_000),
  );
});

it('is transitive', () => {
  fc.assert(
    fc.property(arbitraryValue(), arbitraryValue(), arbitraryValue(), (a, b, c) => {
      const [x = null, y = null, z = null] = [a, b, c].sort(compareTotal);
      expect(compareTotal(x, y)).toBeLessThanOrEqual(0);
      expect(compareTotal(y, z)).toBeLessThanOrEqual(0);
      expect(compareTotal(x, z)).toBeLessThanOrEqual(0);
    }),
    lawParameters(1_000),
  );
});

it('of strings is that of their code points', () => {
  fc.assert(
    fc.property(units, units, (a, b) => {
      expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(compareText(a, b)));
    }),
    lawParameters(2_000),
  );
});

it('and equality are what the reference says', () => {
  fc.assert(
    fc.property(arbitraryValue(), arbitraryValue(), (a, b) => {
      expect(valuesEqual(a, b)).toBe(equal(a, b));
      expect(Math.sign(compareTotal(a, b))).toBe(Math.sign(compare(a, b)));
    }),
    lawParameters(1_000),
  );
});

it('has identities: canonical texts and group keys are equal exactly where values are', () => {
  fc.assert(
    fc.property(fc.array(arbitraryValue()), fc.array(arbitraryValue()), (a, b) => {
      const same = a.length === b.length && a.every((one, i) => valuesEqual(one, b[i] ?? null));
      expect(groupKey(a) === groupKey(b)).toBe(same || (a.length === 0 && b.length === 0));
      expect(canonicalText(a) === canonicalText(b)).toBe(valuesEqual(a, b));
    }),
    lawParameters(1_000),
  );
});
