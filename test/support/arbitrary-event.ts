/**
 * Random values and events for laws: few keys and few values, so that expressions hit them; with
 * the keys and strings that break naive code (dots, `__proto__`, characters above U+FFFF).
 */
import fc from 'fast-check';
import type { Event, Value } from '../../src/model/value.ts';

export const KEYS = ['a', 'b', 'a.b', 'a.b.c', 'c', 'l', '__proto__', 'constructor'] as const;

const TEXTS = ['', 'a', 'b', 'ab', 'A', '1', 'é', '😀', '\uffff', 'a\nb', '%', 'a/b?c#d', 'true'];
const NUMBERS = [0, 1, 1, -0, -1, 2, 0.5, 1.5, 100, 1e21, -7, 2 ** 53, 5e-324];

export function arbitraryScalar(): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.boolean() },
    { weight: 4, arbitrary: fc.constantFrom(...NUMBERS) },
    { weight: 1, arbitrary: fc.integer({ min: -20, max: 20 }) },
    { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  );
}

/** Scalars mostly, lists and objects at most three levels deep. */
export function arbitraryValue(): fc.Arbitrary<Value> {
  return fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      { weight: 5, arbitrary: arbitraryScalar() },
      { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
      {
        weight: 2,
        arbitrary: fc.dictionary(fc.constantFrom(...KEYS), tie('value'), {
          maxKeys: 4,
          noNullPrototype: true,
        }),
      },
    ),
  })).value;
}

export function arbitraryEvent(): fc.Arbitrary<Event> {
  return fc
    .array(fc.tuple(fc.constantFrom(...KEYS), arbitraryValue()), { maxLength: 6 })
    .map((entries) => Object.fromEntries(entries));
}
