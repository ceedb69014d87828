/** Objects written as bytes are what JSON.stringify says of them, or are left to it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FlatJson } from '../../src/wire/flat-json.ts';
import { arbitraryEvent } from '../support/arbitrary-event.ts';
import { lawParameters } from '../support/laws.ts';

const odd = fc.constantFrom<unknown>(
  ...[undefined, NaN, -Infinity, -0, 5n, Symbol('s'), () => 1, new Date(0), [], [1], { a: 1 }],
  ...['"', '\\', '\n', '\u007f', '\u0080', '\ud800', 'x'.repeat(32), 'x'.repeat(33), true, 1e21],
);
const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toJSON', 'a', '"', '1', '02', ''));
const flat = fc
  .array(fc.tuple(key, fc.oneof(odd, fc.string(), fc.double(), fc.integer())), { maxLength: 10 })
  .map((entries) => Object.fromEntries(entries));
const objects = fc.oneof(
  flat,
  arbitraryEvent(),
  fc.constantFrom<object>(Object.create({ a: 1 }), Object.create(null), new Map(), [1], {}),
);

function textOf(json: FlatJson, value: object): string | null {
  const span = json.write(value);
  return span === null ? null : new TextDecoder().decode(json.bytes.subarray(span.from, span.to));
}

describe('JSON of small objects', () => {
  test('is what JSON.stringify says', () => {
    const property = fc.property(fc.array(objects, { maxLength: 60 }), (values) => {
      const json = new FlatJson();
      for (const value of values) {
        const text = textOf(json, value);
        if (text !== null) expect(text).toBe(JSON.stringify(value));
      }
    });
    fc.assert(property, lawParameters(500));
  });

  test.each([
    [{}, '{}'],
    [{ plan: 'free', seg: 512 }, '{"plan":"free","seg":512}'],
    [{ a: -0, b: 1.5, c: true, d: null, e: NaN }, '{"a":0,"b":1.5,"c":true,"d":null,"e":null}'],
  ])('of %o needs no call', (value, text) => {
    expect(textOf(new FlatJson(), value)).toBe(text);
  });

  test('is not written where a prototype says how', () => {
    class Money {
      readonly cents = 5;
    }
    expect(textOf(new FlatJson(), new Money())).toBeNull();
    expect(textOf(new FlatJson(), { toJSON: 1 })).toBeNull();
  });

  test('stays where it was written when others follow', () => {
    const json = new FlatJson();
    const spans = Array.from({ length: 500 }, (_none, n) => json.write({ n })!);
    const texts = spans.map(({ from, to }) => {
      return new TextDecoder().decode(json.bytes.subarray(from, to));
    });
    expect(texts).toStrictEqual(spans.map((_span, n) => `{"n":${n}}`));
  });
});
