/** What a condition says of calls that only a query can compute. */
import { describe, expect, test } from 'vitest';
import { checkRules } from '../../../src/alert/check-rules.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';

function mistakesOf(select: string, when: string): string[] {
  const query = `select ${select} from plays group by region window 10s`;
  const text = `name: few\nquery: ${query}\nwhen: ${when}\n`;
  return checkRules(text, (mql) => planQuery(mql, { mode: 'live' })).mistakes.map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );
}

describe('a condition', () => {
  test.each([
    ['n < 0.5 * baseline(n)', 'baseline(n)', 'baseline_value'],
    ['n < lag(n, 1)', 'lag(n, 1)', 'lag_value'],
    ['count(*) < 3', 'count(*)', 'count_value'],
  ])('`%s` is told which column it wants', (when, call, name) => {
    const [mistake, ...others] = mistakesOf('count(*) as n', when);
    expect(others).toEqual([]);
    expect(mistake).toBe(
      `3:${7 + when.indexOf(call)} few: when: \`${call}\` is computed by the query and not by ` +
        `the condition. Add \`${call} as ${name}\` to the select list, and write \`${name}\` here.`,
    );
    // The remedy works as it is told.
    const select = `count(*) as n, ${call} as ${name}`;
    expect(mistakesOf(select, when.replace(call, name))).toEqual([]);
  });
});
