/** What a condition says of calls that only a query can compute. */
import { describe, expect, test } from 'vitest';
import { checkRules } from '../../../src/alert/check-rules.ts';
import { scopeAlone } from '../../../src/alert/rule-scope.ts';

function mistakesOf(select: string, when: string): string[] {
  const query = `select ${select} from plays group by region window 10s`;
  const text = `name: few\nquery: ${query}\nwhen: ${when}\n`;
  return checkRules(text, scopeAlone()).mistakes.map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );
}

describe('a condition', () => {
  test.each([
    ['count(*) < 3', 'count(*)', 'count_value'],
    ['n < 3 and max(n) > 1', 'max(n)', 'max_value'],
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

/** The query that the rule asks, and what is wrong. */
function asked(select: string, lines: string): { text: string; mistakes: string[] } {
  const query = `select ${select} from plays group by region window 10s`;
  const { rules, mistakes } = checkRules(`name: few\nquery: ${query}\n${lines}\n`, scopeAlone());
  return {
    text: rules[0]?.asked.text ?? '',
    mistakes: mistakes.map(({ line, column, message }) => `${line}:${column} ${message}`),
  };
}

describe('functions over series in a condition', () => {
  test.each([
    { when: 'n < 0.7 * baseline(n)', adds: ', baseline(count(*)) as `baseline(n)`' },
    {
      when: 'n < ewma(n, 0.3) and n < lag(n, 2)',
      adds: ', ewma(count(*), 0.3) as `ewma(n, 0.3)`, lag(count(*), 2) as `lag(n, 2)`',
    },
    {
      when: 'n < baseline(n) or n < 0.5 * BASELINE( n )',
      adds: ', baseline(count(*)) as `baseline(n)`',
    },
    {
      when: 'change(ewma(count(*), 0.3)) < -0.2',
      adds: ', change(ewma(count(*), 0.3)) as `change(ewma(count(*), 0.3))`',
    },
    { when: 'n < 3', adds: '' },
  ])('are columns of the query: $when', ({ adds, when }) => {
    const { mistakes, text } = asked('count(*) as n', `when: ${when}`);
    expect(mistakes).toEqual([]);
    expect(text).toBe(`select count(*) as n${adds} from plays group by region window 10s`);
  });

  test('are read where the query has them already, and once for all conditions', () => {
    const select = 'count(*) as n, baseline(count(*)) as usual';
    const lines =
      'when: n < 0.7 * baseline(n)\nclear_when: n > 0.9 * baseline(n)\nmin_volume: { of: "lag(n, 1)", at_least: 5 }';
    const { mistakes, text } = asked(select, lines);
    expect(mistakes).toEqual([]);
    expect(text).toBe(
      'select count(*) as n, baseline(count(*)) as usual, lag(count(*), 1) as `lag(n, 1)` from plays group by region window 10s',
    );
  });

  test.each([
    ['when: n < baseline(m)', '3:20 few: when: the query has no column `m`'],
    ['when: n < baseline(n) and k > 1', '3:27 few: when: the query has no column `k`'],
    ['when: n < lag(n)', '3:11 few: when: LAG takes 2 arguments, not 1'],
    ['clear_when: n > baseline(n, 1h) + lag(n)', '3:35 few: clear_when: LAG takes'],
  ])('have their mistakes where they are written: %s', (lines, says) => {
    const [mistake, ...others] = asked('count(*) as n', lines).mistakes;
    expect(others).toEqual([]);
    expect(mistake).toContain(says);
  });
});
