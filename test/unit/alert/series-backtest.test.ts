/** Backtests over kept series say what backtests over the events themselves say. */
import { describe, expect, test } from 'vitest';
import { Backtest } from '../../../src/alert/backtest.ts';
import type { BacktestReport } from '../../../src/alert/backtest.ts';
import { checkRules } from '../../../src/alert/check-rules.ts';
import type { CheckedRule } from '../../../src/alert/check-rules.ts';
import { scopeAlone } from '../../../src/alert/rule-scope.ts';
import { variantsOf } from '../../../src/alert/rule-variants.ts';
import { neededColumns, seriesBacktest } from '../../../src/alert/series-backtest.ts';
import type { KeptColumnLine } from '../../../src/alert/series-backtest.ts';

const START_MS = 1_700_000_000_000;
const STEP_MS = 10_000;
const QUERY =
  'select region, count(*) as n, count(*) / 10 as sps from plays window 10s group by region';

function rule(lines: string, query = QUERY): CheckedRule {
  const { mistakes, rules } = checkRules(`name: few\nquery: ${query}\n${lines}`, scopeAlone());
  expect(mistakes).toEqual([]);
  return rules[0]!;
}

/** Events a window. */
const COUNTS: Readonly<Record<string, readonly number[]>> = {
  eu: [20, 20, 20, 3, 3, 3, 3, 20, 20, 20, 4, 20, 20, 20, 20],
  us: [20, 20, 20, 20, 20, 20, 20, 20, 20, 8, 8, 8, 20, 20, 20],
};

function overEvents(checked: CheckedRule, sweep: readonly number[]): BacktestReport {
  const variants = variantsOf(checked, sweep);
  if (typeof variants === 'string') throw new Error(variants);
  const run = new Backtest(checked, variants, { startMs: START_MS });
  for (let window = 0; window < 15; window++) {
    for (let i = 0; i < 20; i++) {
      for (const region of ['eu', 'us']) {
        if (i >= COUNTS[region]![window]!) continue;
        const timeMs = START_MS + window * STEP_MS + i * 400;
        run.feed({ stream: 'plays', timeMs, event: { region } });
      }
    }
  }
  return run.report();
}

function lineOf(column: string, region: string, factor: number): KeptColumnLine {
  const counts = COUNTS[region]!;
  return {
    ...{ column, keys: JSON.stringify([region]) },
    startMs: counts.map((_, i) => START_MS + i * STEP_MS),
    mean: counts.map((n) => n * factor),
    windows: counts.map(() => 1),
    doubtful: counts.map(() => 0),
  };
}

const KEPT = {
  fromMs: START_MS,
  toMs: START_MS + 15 * STEP_MS,
  stepMs: STEP_MS,
  lines: ['eu', 'us'].flatMap((region) => [lineOf('n', region, 1), lineOf('sps', region, 0.1)]),
};

function overSeries(checked: CheckedRule, sweep: readonly number[], kept = KEPT): BacktestReport {
  const variants = variantsOf(checked, sweep);
  if (typeof variants === 'string') throw new Error(variants);
  const report = seriesBacktest(checked, variants, kept, () => undefined);
  if (typeof report === 'string') throw new Error(report);
  return report;
}

function movesOf({ results }: BacktestReport): string[] {
  return results.flatMap(({ transitions, when }) =>
    transitions.map(
      ({ from, key, to, window }) =>
        `${when} ${key} ${from}→${to} at ${((window?.endMs ?? 0) - START_MS) / 1_000} s`,
    ),
  );
}

describe('a backtest over kept series', () => {
  test.each([
    { lines: 'when: n < 5\n', sweep: [] },
    { lines: 'when: n < 5\nfor: 20s\nkeep_firing_for: 20s\n', sweep: [3, 5, 10] },
    { lines: 'when: sps < 0.5\nclear_when: sps > 1\nm_of_n: [2, 3]\n', sweep: [0.4, 0.9] },
    { lines: 'when: n < 0.5 * lag(n, 2)\nclear_when: n > lag(sps, 1)\n', sweep: [0.2, 0.5] },
  ])('is the same as over its events: $lines', ({ lines, sweep }) => {
    const checked = rule(lines);
    const events = overEvents(checked, sweep);
    expect(movesOf(events).length).toBeGreaterThan(0);
    const series = overSeries(checked, sweep);
    // Where kept series end the rule ends, too, and events are followed by two empty windows.
    const last = `${15 * (STEP_MS / 1_000)} s`;
    const within = movesOf(events).filter((move) => Number(/at (\d+) s/.exec(move)?.[1]) <= 150);
    expect(movesOf(series)).toEqual(within);
    expect(last).toBe('150 s');
  });

  test('draws the number that the rule is about', () => {
    const { chart, threshold } = overSeries(rule('when: n < 5\n'), []);
    expect(chart.column).toBe('n');
    expect(chart.lines.map(({ key }) => key)).toEqual(['{"region":"eu"}', '{"region":"us"}']);
    expect(chart.lines[0]?.points).toHaveLength(15);
    expect(chart.lines[0]?.points[3]).toEqual([START_MS + 40_000, 3, 3]);
    expect(threshold).toMatchObject({ value: 5, column: 'n' });
  });

  test('windows that were doubtful prove nothing', () => {
    const doubtful = {
      ...KEPT,
      lines: KEPT.lines.map((line) => ({ ...line, doubtful: line.windows })),
    };
    expect(movesOf(overSeries(rule('when: n < 5\n'), [], doubtful))).toEqual([]);
  });

  test('several windows in one bucket count as one, with their mean, and it says so', () => {
    const query = QUERY.replace('10s', '1s');
    const checked = rule('when: n < 5\nfor: 20s\n', query);
    const rolled = {
      ...KEPT,
      lines: KEPT.lines.map((line) => ({ ...line, windows: line.windows.map(() => 10) })),
    };
    const report = overSeries(checked, [], rolled);
    expect(report.notes).toEqual([
      'Kept series come in steps of 10 s: 10 windows count as one, with their mean.',
    ]);
    expect(movesOf(report).slice(0, 2)).toEqual([
      'n < 5 {"region":"eu"} ok→pending at 40 s',
      'n < 5 {"region":"eu"} pending→firing at 60 s',
    ]);
  });

  test.each([
    ['select count(*) as n from s window |10|', 'only series of aggregates over windows of time'],
    ['select count(*) as n from s window 10s group by a having n > 3', 'HAVING and LIMIT'],
  ])('is refused where series cannot tell: %s', (query, says) => {
    expect(neededColumns(rule('when: n < 5\n', query))).toContain(says);
  });
});
