/** What docs/alerting.md shows is run: its rules are checked, its unit tests pass. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readText } from '../../../scripts/source-files.ts';
import { checkRules } from '../../../src/alert/check-rules.ts';
import type { CheckedRule } from '../../../src/alert/check-rules.ts';
import { lintRule } from '../../../src/alert/rule-lint.ts';
import { ruleShape } from '../../../src/alert/rule-shape.ts';
import { runRuleTest } from '../../../src/alert/rule-test.ts';
import { ruleTestFileShape } from '../../../src/alert/rule-test-shape.ts';
import { readNotifyConfig } from '../../../src/alert/notify/read-config.ts';
import { scopeAlone } from '../../../src/alert/rule-scope.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';
import { examplesOf } from '../../support/doc-examples.ts';

const PAGE = readText('docs/alerting.md');

/** Fences ```` ```yaml KIND NAME ````, by name. */
function fences(kind: string): Map<string, string> {
  const found = PAGE.matchAll(/^```yaml (\w+) (\w+)\n([\s\S]*?)^```$/gm);
  return new Map(
    [...found].flatMap(([, which, name = '', body = '']) => (which === kind ? [[name, body]] : [])),
  );
}

const RULES = fences('rules');
const TESTS = fences('test');

function rulesOf(name: string): readonly CheckedRule[] {
  const text = RULES.get(name) ?? '';
  const { rules, mistakes } = checkRules(text, scopeAlone());
  expect(mistakes).toEqual([]);
  return rules;
}

describe('docs/alerting.md', () => {
  test('names receivers and routes that can be read', () => {
    const text = (fences('notify').get('walk') ?? '').replace(
      /\{ type: pagerduty.*\}/,
      '{ type: log }',
    );
    expect(readNotifyConfig([{ path: 'notify.yaml', text }])).toMatchObject({ ok: true });
  });

  test('shows rules and tests', () => {
    expect([...RULES.keys()]).toEqual(['sps', 'prometheus']);
    expect([...TESTS.keys()]).toEqual(['sps', 'prometheus']);
  });

  test.each([...RULES.keys()])('the rules %s have no mistakes', (name) => {
    expect(rulesOf(name).length).toBeGreaterThan(0);
  });

  test('the first rule has nothing to complain of', () => {
    const facts = { agentFlushMs: 20, streams: null };
    expect(rulesOf('sps').flatMap((rule) => lintRule(rule, facts))).toEqual([]);
  });

  test.each([...TESTS.keys()])('the unit tests %s pass', (name) => {
    const { tests } = ruleTestFileShape.parse(parse(TESTS.get(name) ?? ''));
    const rules = rulesOf(name);
    expect(tests.map((one) => runRuleTest(one, rules).failures)).toEqual(tests.map(() => []));
  });

  test('its queries in the place of PromQL run live', () => {
    const section = PAGE.split('| PromQL | MQL |')[1]?.split('\n\n')[0] ?? '';
    const queries = [...section.matchAll(/\| `(select [^`]+)` \|$/gm)].map(
      ([, query = '']) => query,
    );
    expect(queries).toHaveLength(5);
    for (const query of queries) {
      expect(planQuery(query, { mode: 'live' }).diagnostics.map(({ message }) => message)).toEqual(
        [],
      );
    }
  });

  test('its queries run live', () => {
    const { live } = examplesOf(PAGE);
    expect(live.length).toBeGreaterThan(0);
    for (const query of live) expect(planQuery(query, { mode: 'live' }).plan).not.toBeNull();
  });

  test('tells every field of a rule', () => {
    const section = PAGE.split('## What a rule can say')[1]?.split('\n## ')[0] ?? '';
    const told = [...section.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, names = '']) =>
      names.replaceAll('`', '').split(', '),
    );
    expect(told.toSorted()).toEqual(Object.keys(ruleShape.shape).toSorted());
  });
});
