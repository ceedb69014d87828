/** LAST and SINCE … UNTIL: what they mean as data, and that nothing runs them yet. */
import { describe, expect, test } from 'vitest';
import { explainPlan } from '../../../src/plan/explain.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';

const AT_TEN = Date.UTC(2026, 10, 20, 10);
const NOW = { op: 'call', name: 'now', args: [] };

describe('a look back', () => {
  test.each([
    { clause: 'last 15m', expected: { from: { kind: 'ago', ms: 900_000 }, until: null } },
    { clause: 'last $d', expected: { from: { kind: 'ago', ms: 90_000 }, until: null } },
    {
      clause: "since '2026-11-20T10:00:00Z'",
      expected: { from: { kind: 'at', ms: AT_TEN }, until: null },
    },
    { clause: `since ${AT_TEN}`, expected: { from: { kind: 'at', ms: AT_TEN }, until: null } },
    { clause: `since ${AT_TEN} - 1h`, expected: { from: { kind: 'at', ms: AT_TEN - 3_600_000 } } },
    {
      clause: "since '2026-11-20 10:00' until $t",
      expected: { from: { kind: 'at', ms: AT_TEN }, until: { kind: 'at', ms: AT_TEN + 1_000 } },
    },
    {
      clause: 'since now() - 15m',
      expected: {
        from: {
          kind: 'computed',
          expression: {
            op: 'call',
            name: 'subtract',
            args: [NOW, { op: 'literal', value: 900_000 }],
          },
        },
      },
    },
  ])('$clause', ({ clause, expected }) => {
    const params = { d: '90s', t: AT_TEN + 1_000 };
    const { replay, plan } = planQuery(`explain select a from s ${clause}`, { params });
    expect(replay).toMatchObject(expected);
    expect(plan).not.toBeNull();
  });

  test.each([
    { clause: 'last $z', at: '$z', message: /^LAST is at least 1ms and at most/ },
    { clause: 'last 1000w', at: '1000w', message: /at most/ },
    { clause: 'last $n', at: '$n', message: /unit/ },
    { clause: "since 'yesterday'", at: "'yesterday'", message: /not a time/ },
    { clause: "since '2026-11-20' - 1h", at: "'2026-11-20' - 1h", message: /not a time/ },
    { clause: 'since -1', at: '-1', message: /not a time/ },
    { clause: 'since ts', at: 'ts', message: /cannot depend on events/ },
    { clause: 'since event_time() - 1m', at: 'event_time()', message: /cannot depend on events/ },
    { clause: 'since max(ts)', at: 'max(ts)', message: /cannot depend on events/ },
    { clause: "since concat('x', now())", at: "concat('x', now())", message: /not a time/ },
    { clause: `since ${AT_TEN} until 1s`, at: '1s', message: /not after SINCE/ },
  ])('$clause is a mistake', ({ clause, at, message }) => {
    const text = `explain select a ${clause}`;
    const { plan, diagnostics } = planQuery(text, { params: { n: 5, z: '0s' } });
    expect(plan).toBeNull();
    const found = diagnostics.find(({ code }) => code === 'MQL_BAD_REPLAY');
    expect(found?.message).toMatch(message);
    expect(text.slice(found?.span.start, found?.span.end)).toBe(at);
  });

  test('is shown by EXPLAIN, with a warning that nothing runs it', () => {
    const { plan, replay, diagnostics } = planQuery('explain select a from s last 15m');
    if (plan === null) throw new Error('no plan');
    expect(explainPlan(plan, { replay })).toContain('recorder\n└─ replays: from 15m ago to live');
    expect(diagnostics).toMatchObject([{ code: 'MQL_NOT_SUPPORTED', severity: 'warning' }]);
  });

  test('does not run: one error says so', () => {
    const { plan, diagnostics } = planQuery('select a from s last 15m');
    expect(plan).toBeNull();
    expect(diagnostics).toMatchObject([
      { code: 'MQL_NOT_SUPPORTED', severity: 'error', span: { start: 16, end: 24 } },
    ]);
  });

  test('that ends makes a list that can be sorted', () => {
    const text = 'explain select a from s since 1795168800 until now() order by a';
    expect(planQuery(text).diagnostics.map(({ code }) => code)).toEqual(['MQL_NOT_SUPPORTED']);
  });
});
