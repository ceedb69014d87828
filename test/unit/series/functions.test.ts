/** Series functions on small series that can be worked out by hand. */
import { describe, expect, test } from 'vitest';
import { SERIES } from '../../../src/series/catalogue.ts';
import { outlierScores } from '../../../src/series/outlier.ts';

const SLIDE_MS = 1_000;

interface Case {
  readonly title: string;
  readonly name: string;
  readonly constants?: readonly number[];
  /** Null: nothing to learn from. */
  readonly xs: readonly (number | null)[];
  readonly results: readonly unknown[];
}

const CASES: readonly Case[] = [
  {
    title: 'an average predicts before it takes the value in',
    name: 'ewma',
    constants: [0.5],
    xs: [8, 4, 4, 0],
    results: [null, 8, 6, 5],
  },
  {
    title: 'a gap leaves an average as it was',
    name: 'ewma',
    constants: [0.5],
    xs: [8, null, 4, 0],
    results: [null, 8, 8, 6],
  },
  {
    title: 'a line is predicted from its second value on',
    name: 'des',
    constants: [0.5, 0.5],
    xs: [10, 12, 14, 16, 0],
    results: [null, null, 14, 16, 18],
  },
  {
    title: 'a trend does not run on over a gap',
    name: 'des',
    constants: [0.5, 0.5],
    xs: [10, 12, null, null, 14],
    results: [null, null, 14, 14, 14],
  },
  {
    title: 'a season comes back',
    name: 'holt_winters',
    constants: [0.5, 0, 0.5, 3],
    xs: [1, 5, 9, 1, 5, 9, 1],
    results: [null, null, null, 1, 5, 9, 1],
  },
  {
    title: 'a gap in the first season leaves its place unknown until it has come once',
    name: 'holt_winters',
    constants: [0.5, 0, 0.5, 3],
    xs: [2, null, 8, 2, 5, 8, 2, 5],
    results: [null, null, null, 2, null, 8, 2, 5],
  },
  {
    title: 'a lag counts windows and not values',
    name: 'lag',
    constants: [2],
    xs: [1, 2, null, 4, 5, 6],
    results: [null, null, 1, 2, null, 4],
  },
  { title: 'a change', name: 'change', xs: [3, 5, null, 1, 4], results: [null, 2, null, null, 3] },
  {
    title: 'the window of so much time ago',
    name: 'offset',
    constants: [3 * SLIDE_MS],
    xs: [1, 2, 3, 4, 5],
    results: [null, null, null, 1, 2],
  },
  {
    title: 'standard deviations, once half of the windows are known',
    name: 'zscore',
    constants: [4],
    xs: [2, 4, 9, 6, 6],
    results: [null, null, 6 / Math.SQRT2, 1 / Math.sqrt(13), 0.75 / Math.sqrt(8.916666666666666)],
  },
  {
    title: 'any difference from what never varied is the limit of scores',
    name: 'zscore',
    constants: [3],
    xs: [0, 0, 0, 7, -7],
    results: [null, null, 0, 1_000, expect.closeTo(-2.309, 3)],
  },
  {
    title: 'an outlier among the windows hardly moves the median',
    name: 'mad',
    constants: [5],
    xs: [10, 12, 11, 500, 10, 11],
    results: [null, null, null, 489 / 1.4826, -1.5 / 1.4826, 0],
  },
  {
    title: 'where most windows are equal the mean distance is the spread',
    name: 'mad',
    constants: [5],
    xs: [4, 4, 4, 4, 9, 9],
    results: [null, null, null, 0, 1_000, 5 / 1.2533],
  },
  {
    title: 'the middle of ANOMALY steps before it is compared with',
    name: 'anomaly_mad',
    constants: [1, 2],
    xs: [10, 12, 30, null, 5],
    results: [false, false, true, null, true],
  },
];

describe('over time', () => {
  test.each(CASES)('$title', ({ name, constants = [], xs, results }) => {
    const { evaluate } = SERIES.get(name)!;
    if (evaluate.over !== 'time') throw new Error(`${name} is over peers`);
    const model = evaluate.model(constants, SLIDE_MS);
    const state = new Float64Array(model.stateLength).fill(NaN);
    const expectation = new Float64Array(model.expectationLength).fill(NaN);
    const actual = xs.map((x, i) => {
      const at = { number: 300 + i, startMs: (300 + i) * SLIDE_MS };
      model.expect(state, at, expectation);
      const result = evaluate.result(x ?? NaN, expectation, constants);
      if (x !== null) model.learn(state, at, x);
      return result;
    });
    expect(actual).toEqual(
      results.map((one) => (typeof one === 'number' ? expect.closeTo(one, 9) : one)),
    );
  });
});

describe('over peers', () => {
  test('one region that fails stands out, also where groups are few', () => {
    const scores = outlierScores(Float64Array.of(100, 104, 96, 10));
    expect(scores[3]).toBeCloseTo(-90 / (4 * 1.4826), 9);
    expect(Math.abs(scores[0]!)).toBeLessThan(1);
  });

  test('needs two others, and passes over groups without a number', () => {
    expect([...outlierScores(Float64Array.of(1, 9))]).toEqual([NaN, NaN]);
    const scores = outlierScores(Float64Array.of(5, NaN, 5, 6));
    expect(scores[1]).toBeNaN();
    expect(scores[3]).toBe(1_000);
  });
});

describe('a baseline', () => {
  const { evaluate } = SERIES.get('baseline')!;
  if (evaluate.over !== 'time') throw new Error('it is over time');
  const MINUTE_MS = 60_000;
  const DAY = 1_440;

  /** Expectations [centre, σ] of each window of a minute. */
  function expectations(xs: readonly (number | null)[]): readonly (readonly [number, number])[] {
    const model = evaluate.over === 'time' ? evaluate.model([DAY * MINUTE_MS], MINUTE_MS) : null;
    const state = new Float64Array(model!.stateLength).fill(NaN);
    return xs.map((x, i) => {
      const at = { number: i, startMs: i * MINUTE_MS };
      const expectation = new Float64Array(2);
      model!.expect(state, at, expectation);
      if (x !== null) model!.learn(state, at, x);
      return [expectation[0]!, expectation[1]!] as const;
    });
  }

  /** A day's rhythm: twice as much at its height as at its low. */
  function rhythm(minute: number): number {
    return 1_500 - 500 * Math.cos((2 * Math.PI * minute) / DAY);
  }

  test('is not known before it has learnt from ten windows', () => {
    const known = expectations(Array<number>(12).fill(5)).map(([centre]) => centre);
    expect(known).toEqual([...Array<number>(10).fill(NaN), 5, 5]);
  });

  test('knows the rhythm after one cycle, also across hours without telemetry', () => {
    const xs = Array.from({ length: 3 * DAY }, (_, i) =>
      i > 2_000 && i < 2_400 ? null : rhythm(i),
    );
    const all = expectations(xs);
    for (let i = DAY + 20; i < 3 * DAY; i++) {
      expect(Math.abs(all[i]![0] - rhythm(i)) / rhythm(i), `minute ${i}`).toBeLessThan(0.02);
    }
  });

  test('does not take an outage for normal at once, and follows what stays', () => {
    const before = Array<number>(200).fill(1_000);
    const outage = expectations([...before, ...Array<number>(10).fill(0), 1_000]);
    expect(outage.at(-1)![0]).toBeGreaterThan(900);
    const shift = expectations([...before, ...Array<number>(120).fill(2_000)]);
    expect(shift.at(-1)![0]).toBeCloseTo(2_000, -1);
  });
});
