import { describe, expect, test } from 'vitest';
import { parseExpression } from '../../../grammar/parse.ts';
import { syntaxKey } from '../../../src/analyze/syntax-key.ts';

function keyOf(text: string): string {
  const { ast } = parseExpression(text);
  if (ast === null) throw new Error(`wrong: ${text}`);
  return syntaxKey(ast);
}

describe('the key of an expression', () => {
  test.each([
    ['a+1', '(a  +  1)'],
    ['LOWER(a)', 'lower(a)'],
    ['1s', '1000'],
    ['!a', 'not a'],
    ["'x'", '"x"'],
    ['-0', '- 0'],
  ])('%s and %s share one', (a, b) => expect(keyOf(a)).toBe(keyOf(b)));

  test.each([
    ['a + b + c', 'a + (b + c)'],
    ['a - b', 'a + b'],
    ['a = 1 and b', 'a = 1 or b'],
    ['a', "'a'"],
    ['a', '`a`'],
    ['1', "'1'"],
    ['concat(\'("n"\', b)', "concat('(', b)"],
    ["concat('a', 'b')", 'concat(\'a", "b\')'],
    ['a in (1, 2)', 'a in (1) or 2'],
    ['a not in (1)', 'a in (1)'],
    ['count(a)', 'count(distinct a)'],
    ['count(a) filter (where b)', 'count(a, b)'],
    ['case when a then b else c end', 'case when a then b when c then null end'],
    ['case when a then b when c then d end', 'case when a then b when c then d else null end'],
    ['a between 1 and 2', 'a not between 1 and 2'],
    ['a is null', 'a is not null'],
  ])('%s and %s differ', (a, b) => expect(keyOf(a)).not.toBe(keyOf(b)));

  test('grows with the expression, however deep it is', () => {
    const terms = 900;
    const text = `'"'${" + '\"'".repeat(terms)}`;
    expect(keyOf(text).length).toBeLessThan(terms * 40);
  });
});
