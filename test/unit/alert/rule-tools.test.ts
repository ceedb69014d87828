/** Lint, unit tests of rules, backtests and templates. */
import { describe, expect, test } from 'vitest';
import { Backtest } from '../../../src/alert/backtest.ts';
import { checkRules } from '../../../src/alert/check-rules.ts';
import type { CheckedRule } from '../../../src/alert/check-rules.ts';
import { Replay } from '../../../src/alert/replay.ts';
import { lintRule } from '../../../src/alert/rule-lint.ts';
import { RULE_TEMPLATES } from '../../../src/alert/rule-templates.ts';
import { runRuleTest } from '../../../src/alert/rule-test.ts';
import { ruleTestShape } from '../../../src/alert/rule-test-shape.ts';
import { thresholdOf, variantsOf } from '../../../src/alert/rule-variants.ts';
import { readSeries } from '../../../src/alert/series-notation.ts';
import { isAudible } from '../../../src/alert/transition.ts';
import { scopeAlone } from '../../../src/alert/rule-scope.ts';

const FACTS = { agentFlushMs: 20, streams: ['plays', 'requests'] };

function rulesIn(text: string): readonly CheckedRule[] {
  const { rules, mistakes } = checkRules(text, scopeAlone());
  expect(mistakes).toEqual([]);
  return rules;
}

const QUIET = 'for: 1m\nkeep_firing_for: 1m\nowner: me\n';

function codesOf(query: string, lines = ''): string[] {
  const [rule] = rulesIn(`name: a\nquery: ${query}\n${lines}`);
  return lintRule(rule!, FACTS).map(({ code }) => code);
}

describe('lint', () => {
  const plain = 'select count(*) as n from plays window 1m group by region';

  test.each([
    [plain, `when: n < 5\n${QUIET}`, []],
    [plain, 'when: n < 5\nclear_when: n > 8\n', []],
    [plain.replace('1m', '10s'), 'when: n < 5\nclear_when: n > 8\n', ['no-patience']],
    [
      'select 0.5 * count(*) + 0.5 * ewma(count(*), 0.5) as v from plays window 10s',
      'when: v < 5\nclear_when: v > 8\n',
      [],
    ],
    [
      'select count(*) as n, ewma(count(*), 0.5) as v from plays window 10s',
      'when: n < v\nclear_when: n > v\n',
      ['no-patience'],
    ],
    [plain, 'when: n < 5\nfor: 1m\n', ['no-hysteresis']],
    [plain.replace('1m', '30ms'), `when: n < 5\n${QUIET}`, ['short-window']],
    [plain.replace('region', 'session_id'), `when: n < 5\n${QUIET}`, ['unbounded-keys']],
    [plain.replace('plays', 'playz'), `when: n < 5\n${QUIET}`, ['matches-nothing']],
    [
      'select avg(ms) as v, count(*) as n from plays window 1m',
      `when: v > 5\n${QUIET}`,
      ['no-volume-floor'],
    ],
    [
      'select count(*) filter (where x = 1) / count(*) as v from plays window 1m',
      `when: v > 5\n${QUIET}`,
      ['no-volume-floor'],
    ],
    [
      'select avg(ms) as v, count(*) as n from plays window 1m',
      `when: v > 5\nmin_volume: { of: n, at_least: 10 }\n${QUIET}`,
      [],
    ],
    [plain, 'when: n < 5\nfor: 1m\nkeep_firing_for: 1m\nseverity: critical\n', ['no-owner']],
  ])('%s with %j: %j', (query, lines, codes) => {
    expect(codesOf(query, lines)).toEqual(codes);
  });

  test.each(RULE_TEMPLATES)('the template $name has nothing to complain of', ({ text }) => {
    for (const rule of rulesIn(text)) expect(lintRule(rule, FACTS)).toEqual([]);
  });
});

describe('the templates for falling starts', () => {
  const drops = RULE_TEMPLATES.filter(({ name }) => name.startsWith('sps-drop'));

  test.each(drops)('$name fires for the region that falls, and resolves', ({ name, text }) => {
    const rules = rulesIn(text).map(({ rule }) => ({ rule, version: 1 }));
    const startMs = 1_700_000_000_000;
    const replay = new Replay({ rules, startMs, stepMs: 10_000 });
    const regions = ['eu', 'us', 'asia', 'africa'];
    for (let ms = 0; ms < 1_200_000; ms += 25) {
      const isDown = ms >= 600_000 && ms < 700_000;
      const region = regions[(ms / 25) % regions.length] ?? '';
      if (isDown && region === 'eu') continue;
      replay.feed({ stream: 'plays', timeMs: startMs + ms, event: { region } });
    }
    replay.advanceTo(startMs + 1_200_000);
    const pages = replay.transitions
      .filter(({ to, from }) => isAudible({ to, from }))
      .map(({ key, to, window }) => [key, to, ((window?.endMs ?? 0) - startMs) / 1_000]);
    expect(pages).toEqual([
      ['{"region":"eu"}', 'firing', name === 'sps-drop' ? 620 : 630],
      ['{"region":"eu"}', 'ok', expect.any(Number)],
    ]);
  });
});

describe('a series', () => {
  test.each([
    ['5x3', [5, 5, 5]],
    ['5+2x4', [5, 7, 9, 11]],
    ['100-10x3 1', [100, 90, 80, 1]],
    ['_x2 null 0', [undefined, undefined, null, 0]],
  ])('%s is %j', (text, values) => {
    expect(readSeries(text)).toEqual({ ok: true, value: values });
  });

  test.each(['5y', '', 'x3', '1x9999999'])('%j is none', (text) => {
    expect(readSeries(text).ok).toBe(false);
  });
});

describe('a unit test of a rule', () => {
  const rules = rulesIn(
    'name: few\nquery: select count(*) as n from plays window 10s group by region\nwhen: n < 5\nfor: 20s',
  );

  function failuresOf(test: object): readonly string[] {
    return runRuleTest(ruleTestShape.parse({ name: 't', ...test }), rules).failures;
  }

  const series = [{ region: 'eu', n: '100x3 1x5 100x2' }];
  const pages = [
    { at: '60s', key: { region: 'eu' }, to: 'firing' },
    { at: '90s', key: { region: 'eu' }, to: 'ok' },
  ];

  test('passes if states and pages are as expected', () => {
    const expected = [
      { at: '30s', key: { region: 'eu' }, state: 'ok' },
      { at: '40s', key: { region: 'eu' }, state: 'pending' },
      { at: '80s', key: { region: 'eu' }, state: 'firing' },
    ];
    expect(failuresOf({ series, pages, expect: expected })).toEqual([]);
  });

  test('says what was and what was wanted', () => {
    const state = [{ at: '40s', key: { region: 'eu' }, state: 'firing' }];
    expect(failuresOf({ series, expect: state })).toEqual([
      'at 40s {"region":"eu"} is pending, not firing',
    ]);
    expect(failuresOf({ series, pages: [] })[0]).toContain('60s {"region":"eu"} firing');
  });

  test('knows agents that are gone', () => {
    const gone = {
      series: [{ region: 'eu', n: '100x3 0x20 100x2' }],
      agents: { expected: 3, reporting: '3x3 0x20 3x2' },
    };
    const silent = [
      { at: '50s', condition: 'silent', to: 'firing' },
      { at: '240s', condition: 'silent', to: 'ok' },
    ];
    expect(failuresOf({ ...gone, pages: silent })).toEqual([]);
  });

  describe('of a rule with functions over series in its conditions', () => {
    const [falls] = rulesIn(
      'name: falls\nquery: select count(*) as n, count(*) / 10 as sps from plays window 10s group by region\n' +
        'when: sps < 0.5 * lag(sps, 2)\nclear_when: n > lag(n, 4)\n',
    );
    const failures = (test: object): readonly string[] =>
      runRuleTest(ruleTestShape.parse({ name: 't', ...test }), [falls!]).failures;
    const told = [
      { at: '60s', key: { region: 'eu' }, to: 'firing' },
      { at: '100s', key: { region: 'eu' }, to: 'ok' },
    ];

    test('computes them from the rows', () => {
      const rows = [{ region: 'eu', sps: '10x5 4x4 12x3', n: '100x5 40x4 120x3' }];
      expect(failures({ series: rows, pages: told })).toEqual([]);
    });

    test('and from events alike', () => {
      const event = { region: 'eu' };
      const events = [
        { stream: 'plays', to: '50s', every: '100ms', event },
        { stream: 'plays', from: '50s', to: '90s', every: '250ms', event },
        { stream: 'plays', from: '90s', to: '120s', every: '80ms', event },
      ];
      expect(failures({ events, for: '120s', pages: told })).toEqual([]);
    });

    test('rows may bring a column over series that the query has', () => {
      const [rule] = rulesIn(
        'name: a\nquery: select count(*) as n, lag(n, 1) as before from s window 10s\nwhen: n < before',
      );
      const given = { series: [{ n: '5x3', before: '1 9 1' }] };
      const pages = [
        { at: '20s', key: {}, to: 'firing' },
        { at: '30s', key: {}, to: 'ok' },
      ];
      const found = runRuleTest(ruleTestShape.parse({ name: 't', ...given, pages }), [rule!]);
      expect(found.failures).toEqual([]);
    });
  });

  test('runs events through the engine that ships', () => {
    const events = [
      { stream: 'plays', to: '60s', every: '500ms', event: { region: 'eu' } },
      { stream: 'plays', to: '120s', every: '500ms', event: { region: 'us' } },
    ];
    const fired = [{ at: '90s', key: { region: 'eu' }, to: 'firing' }];
    expect(failuresOf({ events, for: '120s', pages: fired })).toEqual([]);
  });

  test('has either series or events, and names its rule', () => {
    expect(failuresOf({ pages })).toEqual(['a test has either `series` or `events`']);
    expect(failuresOf({ rule: 'x', series })[0]).toContain('has to name one of few');
  });
});

describe('a backtest', () => {
  test('counts pages and flaps, for each threshold', () => {
    const [rule] = rulesIn(
      'name: few\nquery: select count(*) as n from plays window 10s\nwhen: n < 5',
    );
    const variants = variantsOf(rule!, [5, 50]);
    if (typeof variants === 'string') throw new Error(variants);
    const startMs = 1_700_000_000_000;
    const backtest = new Backtest(rule!, variants, { startMs });
    for (let ms = 0; ms < 600_000; ms += 500) {
      const isDown = ms % 200_000 >= 150_000;
      if (isDown) continue;
      backtest.feed({ stream: 'plays', timeMs: startMs + ms, event: {} });
    }
    const report = backtest.report();
    const results = report.results.map(({ when, pages, flaps }) => [when, pages, flaps]);
    expect(results).toEqual([
      ['n < 5', 3, 2],
      ['n < 50', 1, 0],
    ]);
  });

  test.each([
    ['n < 5', { value: 5, column: 'n' }],
    ['-2 > n', { value: -2, column: 'n' }],
    ['n * 2 < 30', { value: 2, column: null }],
    ['n < 0.7 * lag(n, 3)', { value: 0.7, column: null }],
    ['lag(n, 3) > 9', { value: 9, column: 'lag(n, 3)' }],
    ['n is null', null],
  ])('knows the number of `%s` that could be another', (when, wanted) => {
    const [rule] = rulesIn(
      `name: a\nquery: select count(*) as n from s window 1s\nwhen: ${when}\n`,
    );
    const found = thresholdOf(rule!.rule, rule!.asked.calls.when);
    expect(found && { value: found.value, column: found.column }).toEqual(wanted);
    expect(found === null || Number(when.slice(found.start, found.end))).toBe(
      wanted === null || wanted.value,
    );
  });

  test('cannot sweep a condition without a number', () => {
    const [rule] = rulesIn(
      'name: a\nquery: select count(*) as n from s window 1s\nwhen: n is null',
    );
    expect(variantsOf(rule!, [1])).toBe('`when` has no number that could be another');
  });
});
