/** What must hold of functions over series whatever the values are. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { SeriesStageRun } from '../../src/operator/series-stage.ts';
import { expectBaseline } from '../../src/reference/reference-baseline.ts';
import { ReferenceSeries } from '../../src/reference/reference-series.ts';
import { SERIES_FUNCTIONS } from '../../src/series/catalogue.ts';
import type { SeriesDefinition, SeriesOverTime } from '../../src/series/contract.ts';
import { outlierScores } from '../../src/series/outlier.ts';
import type { Value } from '../../src/model/value.ts';
import { lawParameters } from '../support/laws.ts';

const SLIDE_MS = 60_000;
/** Small, so that short series get past every warm-up. */
const CONSTANTS: Readonly<Record<string, readonly number[]>> = {
  ewma: [0.3],
  des: [0.5, 0.1],
  holt_winters: [0.3, 0.1, 0.3, 4],
  lag: [2],
  offset: [3 * SLIDE_MS],
  zscore: [5],
  mad: [5],
};
const CYCLE_MS = 60 * SLIDE_MS;
const IN_UNITS = ['baseline', 'baseline_low', 'baseline_high', 'ewma', 'des', 'holt_winters', 'lag',
  'previous', 'change', 'offset']; // prettier-ignore

type OverTime = SeriesDefinition & { readonly evaluate: SeriesOverTime };

const OVER_TIME = SERIES_FUNCTIONS.filter(
  (definition): definition is OverTime => definition.evaluate.over === 'time',
).map((definition) => [definition.name, definition] as const);

/** Null: a window that nobody learnt from, or without a number. */
function resultsOf(
  { name, evaluate }: OverTime,
  xs: readonly (number | null)[],
  first = 28_000_000,
): readonly Value[] {
  const constants = CONSTANTS[name] ?? (evaluate.modelName === 'baseline' ? [CYCLE_MS] : []);
  const model = evaluate.model(constants, SLIDE_MS);
  const state = new Float64Array(model.stateLength).fill(NaN);
  const expectation = new Float64Array(model.expectationLength).fill(NaN);
  return xs.map((x, i) => {
    const at = { number: first + i, startMs: (first + i) * SLIDE_MS };
    model.expect(state, at, expectation);
    const result = evaluate.result(x ?? NaN, expectation, constants);
    if (x !== null) model.learn(state, at, x);
    return result;
  });
}

const values = fc.array(fc.option(fc.integer({ min: -1_000, max: 1_000 }), { freq: 6 }), {
  minLength: 20,
  maxLength: 150,
});

function near(actual: Value, wanted: Value): boolean {
  if (typeof actual !== 'number' || typeof wanted !== 'number') return actual === wanted;
  return Math.abs(actual - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted));
}

describe.each(OVER_TIME)('%s', (name, definition) => {
  test('asks for nothing that comes later', () => {
    fc.assert(
      fc.property(values, fc.nat({ max: 19 }), (xs, cut) => {
        const early = resultsOf(definition, xs.slice(0, cut + 1));
        expect(early).toEqual(resultsOf(definition, xs).slice(0, cut + 1));
      }),
      lawParameters(100),
    );
  });

  test('has results of the unit of its values, or of none', () => {
    const factor = IN_UNITS.includes(name) ? 4 : 1;
    fc.assert(
      fc.property(values, (xs) => {
        const scaled = resultsOf(
          definition,
          xs.map((x) => (x === null ? null : x * 4)),
        );
        for (const [i, result] of resultsOf(definition, xs).entries()) {
          const wanted = typeof result === 'number' ? result * factor : result;
          expect(near(scaled[i]!, wanted), JSON.stringify([scaled[i], wanted])).toBe(true);
        }
      }),
      lawParameters(100),
    );
  });

  test('expects of what never changes that it does not change', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000, max: 1_000 }), (x) => {
        const last = resultsOf(definition, Array<number>(150).fill(x)).at(-1);
        const band = 0.03 * Math.abs(x);
        const wanted = {
          deviation: 0, change: 0, zscore: 0, mad: 0,
          baseline_low: x - band, baseline_high: x + band,
        }[name] ?? x; // prettier-ignore
        expect(near(last!, wanted), JSON.stringify([last, wanted])).toBe(true);
      }),
      lawParameters(50),
    );
  });
});

test('outlier does not depend on the order, the unit or the origin', () => {
  const groups = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 3, maxLength: 20 });
  fc.assert(
    fc.property(groups, fc.integer(), (xs, shift) => {
      const scores = [...outlierScores(Float64Array.from(xs))];
      const moved = [...outlierScores(Float64Array.from(xs, (x) => x * 8 + (shift % 1_000)))];
      expect(moved).toEqual(scores);
      const turned = [...outlierScores(Float64Array.from(xs.toReversed()))].reverse();
      expect(turned).toEqual(scores);
    }),
    lawParameters(200),
  );
});

test('a baseline over cycles is what its formulas say, replayed from the first window', () => {
  const slideMs = 600_000;
  const cycleMs = 6 * slideMs;
  const baseline = OVER_TIME.find(([name]) => name === 'baseline')![1];
  const model = baseline.evaluate.model([cycleMs], slideMs);
  const expectation = new Float64Array(model.expectationLength);
  fc.assert(
    fc.property(values, fc.nat({ max: 100 }), (xs, first) => {
      const state = new Float64Array(model.stateLength).fill(NaN);
      const past: { number: number; startMs: number; x: number }[] = [];
      for (const [i, x] of xs.entries()) {
        const at = { number: first + i, startMs: (first + i) * slideMs };
        model.expect(state, at, expectation);
        const wanted = expectBaseline(past, cycleMs, { ...at, slideMs });
        expect(near(expectation[0]!, wanted?.centre ?? NaN) || wanted === null).toBe(true);
        expect(near(expectation[1]!, wanted?.sigma ?? NaN) || wanted === null).toBe(true);
        if (x === null) continue;
        model.learn(state, at, x);
        past.push({ ...at, x });
      }
    }),
    lawParameters(50),
  );
});

test('an offset over many windows is the mean of those around the moment, whatever was missing', () => {
  const slot = { op: 'slot', index: 0 } as const;
  const run = fc.record({
    seed: fc.integer(),
    slideMs: fc.constantFrom(500, 1_000, 3_000),
    windows: fc.integer({ min: 1_441, max: 1_800 }),
  });
  fc.assert(
    fc.property(run, ({ seed, slideMs, windows }) => {
      const rng = createRng(seed);
      const spec = { name: 'offset', arg: slot, parameters: [windows * slideMs] };
      const stage = { groupBy: [], functions: [spec] };
      const options = { slots: 1, slideMs, bytesMax: 1e6, amendable: false };
      const shipped = new SeriesStageRun(stage, options);
      const naive = new ReferenceSeries(stage, (_, slots) => slots[0] ?? null);
      const first = 1_000_000 + rng.int(100);
      for (let number = first; number < first + 2_400; number++) {
        if (rng.int(4) === 0) continue;
        const x = rng.int(8) === 0 ? null : rng.int(100);
        const at = { number, startMs: number * slideMs };
        const [row] = shipped.extend([[x]], at, { telling: 'first', teaches: true });
        const [wanted] = naive.extend([[x]], { ...at, slideMs });
        expect(near(row![1]!, wanted![1]!), JSON.stringify([number, row, wanted])).toBe(true);
      }
    }),
    lawParameters(6),
  );
});
