/** Of many constants in order, a row's run is those that it satisfies, each compared by itself. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMPARE_LOOPS } from '../../src/kernel/compare-loops.ts';
import { layRun, RowRuns, RunFinder } from '../../src/kernel/row-runs.ts';
import { lawParameters } from '../support/laws.ts';

const number = fc.oneof(
  fc.constantFrom(0, -0, 1, 1, 2, -1, Infinity, -Infinity),
  fc.double({ noNaN: true }),
);

describe.each(['lt', 'le', 'gt', 'ge'] as const)('%s', (comparison) => {
  test('law: runs are what single comparisons select', () => {
    const compare = COMPARE_LOOPS[comparison];
    const finder = new RowRuns();
    fc.assert(
      fc.property(
        fc.array(number, { maxLength: 20 }),
        fc.array(fc.oneof(number, fc.constant(NaN)), { maxLength: 20 }),
        (unsorted, values) => {
          const constants = unsorted.toSorted((a, b) => a - b);
          const places = constants.map((_, i) => 100 - i);
          const column = Float64Array.from(values);
          const rows = Uint32Array.from(values.keys());
          new RunFinder(comparison, constants, places).find(column, rows, values.length, finder);
          const found = new Set<string>();
          for (let i = 0; i < finder.n; i++) {
            const [from, to] = [finder.from[i]!, finder.to[i]!];
            expect(to).toBeGreaterThan(from);
            const outRows = new Uint32Array(to - from + 1);
            const outPlaces = new Uint32Array(to - from + 1);
            layRun(finder.places, from, to, finder.rows[i]!, outRows, outPlaces, 1);
            for (let k = 1; k < outRows.length; k++) found.add(`${outRows[k]} ${outPlaces[k]}`);
          }
          const expected = new Set<string>();
          const out = new Uint32Array(values.length);
          for (const [at, constant] of constants.entries()) {
            const kept = compare(column, constant, rows, values.length, out);
            for (let i = 0; i < kept; i++) expected.add(`${out[i]} ${places[at]}`);
          }
          expect(found).toStrictEqual(expected);
        },
      ),
      lawParameters(300),
    );
  });
});
