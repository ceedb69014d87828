/** Sketches keep their stated bounds for any values and any shape of merging. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { QUANTILE_RELATIVE_ERROR_MAX, QuantileSketch } from '../../src/sketch/quantile.ts';
import { TopKSketch } from '../../src/sketch/top-k.ts';
import { lawParameters } from '../support/laws.ts';

const finite = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((x) => x === 0 || Math.abs(x) > 2.3e-308);
const quantile = fc.integer({ min: 1, max: 999 }).map((permille) => permille / 1_000);

test('a quantile is within its relative error, merged from any two parts', () => {
  fc.assert(
    fc.property(
      fc.array(finite, { maxLength: 300 }),
      fc.array(finite, { minLength: 1, maxLength: 300 }),
      quantile,
      (a, b, q) => {
        const sketch = new QuantileSketch();
        const other = new QuantileSketch();
        for (const value of a) sketch.add(value);
        for (const value of b) other.add(value);
        sketch.merge(other);
        const sorted = [...a, ...b].sort((x, y) => x - y);
        const truth = sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length))]!;
        const error = Math.abs(sketch.quantile(q)! - truth);
        expect(error).toBeLessThanOrEqual(Math.abs(truth) * QUANTILE_RELATIVE_ERROR_MAX);
        expect(sketch.count).toBe(sorted.length);
      },
    ),
    lawParameters(),
  );
});

test('top-k brackets every count it keeps, and what it forgot was rare', () => {
  const texts = fc.array(fc.nat({ max: 40 }).map(String), { maxLength: 200 });
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 4 }), (parts) => {
      const whole = new TopKSketch(8);
      for (const part of parts) {
        const sketch = new TopKSketch(8);
        for (const text of part) sketch.add(text);
        whole.merge(sketch.frequencies(), sketch.forgottenMax);
      }
      const truth = new Map<string, number>();
      for (const text of parts.flat()) truth.set(text, (truth.get(text) ?? 0) + 1);
      const kept = new Map(whole.frequencies().map((each) => [each.text, each]));
      for (const [text, count] of truth) {
        const found = kept.get(text);
        if (found === undefined) {
          expect(count).toBeLessThanOrEqual(whole.forgottenMax);
        } else {
          expect(found.count).toBeGreaterThanOrEqual(count);
          expect(found.count - found.error).toBeLessThanOrEqual(count);
        }
      }
    }),
    lawParameters(),
  );
});
