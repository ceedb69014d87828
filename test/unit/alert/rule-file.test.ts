import { describe, expect, test } from 'vitest';
import { readRuleFile } from '../../../src/alert/rule-file.ts';
import { RULE_DEFAULTS } from '../../../src/alert/rule.ts';
import { ALIAS_BOMB } from '../../support/alias-bomb.ts';

function mistakesOf(text: string): string[] {
  return readRuleFile(text).mistakes.map(
    ({ severity, line, column, message }) => `${severity} ${line}:${column} ${message}`,
  );
}

const WHOLE = `
rules:
  - name: sps-drop
    query: |
      select count(*) as n, region
      from plays window 10s group by region
    when: n < 10
    by: [region]
    for: 1m30s
    m_of_n: [3, 5]
    keep_firing_for: 2m
    clear_when: n > 15
    min_volume: { of: n, at_least: 1 }
    flap: { episodes: 4, within: 1h, hold: 20m }
    severity: critical
    labels: { team: streaming, tier: 1 }
    annotations: { summary: '{{key.region}} is down' }
    runbook: https://example.com/sps
    owner: streaming
    route: pager
    on_silent: { for: 20s, severity: warning }
    on_degraded: { below: 0.5, hold: 1h }
    on_engine_lag: ignore
`;

describe('a rule file', () => {
  test('says everything that a rule can be told', () => {
    const { rules, mistakes } = readRuleFile(WHOLE);
    expect(mistakes).toEqual([]);
    expect(rules.map(({ rule }) => rule)).toEqual([
      {
        name: 'sps-drop',
        query: 'select count(*) as n, region\nfrom plays window 10s group by region\n',
        saved: null,
        when: 'n < 10',
        by: ['region'],
        forMs: 90_000,
        mOfN: { m: 3, n: 5 },
        keepFiringMs: 120_000,
        clearWhen: 'n > 15',
        minVolume: { of: 'n', atLeast: 1 },
        flap: { episodes: 4, withinMs: 3_600_000, holdMs: 1_200_000 },
        severity: 'critical',
        labels: { team: 'streaming', tier: '1' },
        annotations: { summary: '{{key.region}} is down' },
        runbook: 'https://example.com/sps',
        owner: 'streaming',
        route: 'pager',
        onSilent: { forMs: 20_000, severity: 'warning' },
        onDegraded: { below: 0.5, holdMs: 3_600_000 },
        onLag: null,
        paused: false,
      },
    ]);
  });

  test('may be one rule, with every default', () => {
    const { rules } = readRuleFile(
      'name: a\nquery: select count(*) as n from s window 1s\nwhen: n > 1',
    );
    expect(rules[0]?.rule).toMatchObject({ ...RULE_DEFAULTS, by: null, clearWhen: null });
  });

  test.each([
    ['', []],
    ['# nothing yet', []],
    ['[1]', ['error 1:1 expected `rules:`, `groups:` or one rule']],
    ['a: {', [expect.stringMatching(/^error 1:/)]],
    ['rules: 3', ['error 1:8 `rules` is a list of rules']],
    [
      'name: a',
      ['error 1:1 `query` is missing: windowed MQL, or `saved` with the name of a saved query'],
    ],
    [
      'name: a\nquery: q\nsaved: s',
      ['error 2:8 `query`: windowed MQL, or `saved` with the name of a saved query'],
    ],
    ['name: a\nquery: q\nwen: n > 1', ['error 3:1 there is no field `wen`; `when`?']],
    [
      'rules:\n  - name: a\n    query: q\n    for: soon\n    severity: loud',
      [
        'error 4:10 `for`: a duration such as 30s, 5m or 1h',
        'error 5:15 `severity`: one of critical, warning, info',
      ],
    ],
    [
      'name: a\nquery: q\nm_of_n: [5, 3]',
      ['error 3:9 `m_of_n`: the first number is not above the second'],
    ],
    ['name: a\nquery: q\non_degraded: { belo: 1 }', ['error 3:16 there is no field `belo`']],
    [
      'rules:\n  - {name: a, query: q}\n  - {name: a, query: q}',
      ['error 3:12 there are two rules `a` in this file'],
    ],
    [
      'name: a\nquery: q\nrunbook: "javascript:alert(1)"',
      ['error 3:10 `runbook`: an http(s) address'],
    ],
  ])('%j has its mistakes told with places', (text, expected) => {
    expect(mistakesOf(text)).toEqual(expected);
  });

  test('a place in a query is told in lines and columns of the file', () => {
    const { rules } = readRuleFile(WHOLE);
    const span = { start: 0, end: 0, line: 2, column: 6 };
    const diagnostic = { code: 'X', severity: 'error', message: '', span } as const;
    expect(rules[0]?.place('query', diagnostic)).toEqual({ line: 6, column: 12 });
    expect(rules[0]?.place('when', { ...diagnostic, span: { ...span, line: 1 } })).toEqual({
      line: 7,
      column: 16,
    });
  });
});

describe('a Prometheus rule file', () => {
  const GROUPS = `
groups:
  - name: plays
    interval: 30s
    labels: { team: streaming }
    rules:
      - alert: FewPlays
        expr: select count(*) as n from plays window 1m group by region having n < 10
        for: 5m
        keep_firing_for: 10m
        labels: { severity: critical, tier: 1 }
        annotations: { summary: few plays }
`;

  test('gives rules whose rows are the alerts', () => {
    const { rules, mistakes } = readRuleFile(GROUPS);
    expect(rules[0]?.rule).toMatchObject({
      name: 'FewPlays',
      when: null,
      forMs: 300_000,
      keepFiringMs: 600_000,
      severity: 'critical',
      labels: { team: 'streaming', tier: '1' },
      annotations: { summary: 'few plays' },
    });
    expect(mistakes).toEqual([
      {
        severity: 'warning',
        line: 4,
        column: 5,
        message: '`interval` has no effect: a rule is evaluated once a WINDOW',
      },
    ]);
  });

  test('a recording rule is refused with what to do instead', () => {
    const text = 'groups:\n  - name: g\n    rules:\n      - record: a:b\n        expr: x';
    expect(mistakesOf(text)).toEqual([
      'error 4:17 recording rules do not exist here; name the query as a view instead',
    ]);
  });
});

test.each([
  ['that expand without end', ALIAS_BOMB, 'resource exhaustion'],
  ['that name nothing', 'name: *nothing', 'nothing'],
])('aliases %s are a mistake of the file', (_, text, part) => {
  expect(mistakesOf(text).join()).toContain(part);
});
