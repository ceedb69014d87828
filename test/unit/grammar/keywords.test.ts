/**
 * L11 for every word that is a keyword somewhere, in every place where a name can stand. The
 * parser's own analysis cannot see these clashes: the lexer tells keywords from names.
 */
import { describe, expect, test } from 'vitest';
import type { Expression, Query } from '../../../grammar/ast.ts';
import { parse } from '../../../grammar/parse.ts';
import { print } from '../../../grammar/print.ts';
import { VOCABULARY } from '../../../grammar/tokens.ts';
import { childrenOf, expressionsOf } from '../../../grammar/walk.ts';
import { withoutSpans } from '../../support/without-spans.ts';

const KEYWORDS: readonly string[] = [
  ...new Set(
    VOCABULARY.flatMap(({ LABEL = '' }) => /^"([A-Z]+)"$/.exec(LABEL)?.[1]?.toLowerCase() ?? []),
  ),
  // A keyword that is no terminal of its own: another spelling, and the method of ANOMALY.
  'second',
  'mad',
];

/** Literals and prefixes of L12: where they mean themselves, no property of that name is read. */
const LITERALS: ReadonlySet<string> = new Set(['true', 'false', 'null']);

/** Places of an operand. */
const OPERANDS: readonly { readonly place: string; readonly query: (word: string) => string }[] = [
  { place: 'a column', query: (w) => `select ${w} from s` },
  { place: 'a column in between', query: (w) => `select a, ${w}, b from s` },
  { place: 'the left of a comparison', query: (w) => `select 1 where ${w} = 1` },
  { place: 'the right of a comparison', query: (w) => `select 1 where 2 < ${w}` },
  { place: 'the right of a comparison, before AND', query: (w) => `select 1 where 2 < ${w} and b` },
  { place: 'the left of IN', query: (w) => `select 1 where ${w} in (1)` },
  { place: 'a member of IN', query: (w) => `select 1 where a in (1, ${w})` },
  { place: 'the left of LIKE', query: (w) => `select 1 where ${w} like 'x'` },
  { place: 'the left of IS NULL', query: (w) => `select 1 where ${w} is not null` },
  { place: 'the low end of BETWEEN', query: (w) => `select 1 where a between ${w} and 2` },
  { place: 'the high end of BETWEEN', query: (w) => `select 1 where a between 1 and ${w}` },
  { place: 'a term', query: (w) => `select 1 + ${w} - 2 from s` },
  { place: 'a factor', query: (w) => `select ${w} * 2 from s` },
  { place: 'behind a sign', query: (w) => `select -${w} from s` },
  { place: 'an argument', query: (w) => `select lower(${w}) from s` },
  { place: 'a second argument', query: (w) => `select concat(a, ${w}) from s` },
  { place: 'in parentheses', query: (w) => `select (${w}) from s` },
  { place: 'behind WHEN', query: (w) => `select case when ${w} = 1 then 2 end from s` },
  { place: 'behind THEN', query: (w) => `select case when a then ${w} else b end from s` },
  { place: 'behind ELSE', query: (w) => `select case when a then b else ${w} end from s` },
  { place: 'in FILTER', query: (w) => `select count(*) filter (where ${w} = 1) from s` },
  { place: 'a key of GROUP BY', query: (w) => `select 1 from s group by a, ${w}` },
  { place: 'a condition of HAVING', query: (w) => `select 1 from s having ${w} > 1` },
  { place: 'a key of ORDER BY', query: (w) => `select 1 from s order by ${w} desc` },
  { place: 'the last word', query: (w) => `select 1 from s order by ${w}` },
];

/** Whether some expression of the query is a property whose first key is `word`. */
function reads(query: Query | null, word: string): boolean {
  const pending: Expression[] = query === null ? [] : [...expressionsOf(query)];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.kind === 'property' && node.root.kind !== 'event' && node.root.name === word)
      return true;
    pending.push(...childrenOf(node));
  }
  return false;
}

/** The exceptions of L12: NOT and DISTINCT bind what follows, CASE begins before WHEN only. */
function meansItself(word: string, text: string): boolean {
  if (LITERALS.has(word)) return true;
  return word === 'not' && /(?<!is )\bnot [\w(-]/.test(text);
}

describe.each(OPERANDS)('as $place', ({ query }) => {
  test.each(KEYWORDS)('%s is a property', (word) => {
    for (const spelled of [word, word.toUpperCase()]) {
      const text = query(spelled);
      const { ast, diagnostics } = parse(text);
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      if (meansItself(word, text.toLowerCase())) continue;
      expect(errors).toEqual([]);
      expect(reads(ast, spelled), text).toBe(true);
    }
  });
});

describe.each(KEYWORDS)('%s', (word) => {
  test.each([
    {
      place: 'a name behind AS',
      text: `select a as ${word} from s`,
      wanted: { select: [{ alias: word }] },
    },
    {
      place: 'a stream',
      text: `select a from ${word}`,
      wanted: { from: { sources: [{ name: word }] } },
    },
    {
      place: 'a second stream',
      text: `select a from s, ${word} where b = 1`,
      wanted: { from: { sources: [{ name: 's' }, { name: word, alias: null }] } },
    },
    {
      place: 'a source’s alias',
      text: `select ${word}.a from s as ${word}`,
      wanted: { from: { sources: [{ alias: word }] } },
    },
    { place: 'a part of a name', text: `select a.${word}.b, ${word}.c from s`, wanted: {} },
    { place: 'a part behind a bracket', text: `select a[0].${word} from s`, wanted: {} },
    { place: 'a key in brackets', text: `select e['${word}'], a["${word}"] from s`, wanted: {} },
    {
      place: 'in back-quotes',
      text: `select \`${word}\` from \`${word}\``,
      wanted: { from: { sources: [{ name: word }] } },
    },
    { place: 'a parameter', text: `select $${word} from s`, wanted: {} },
  ])('stands as $place', ({ text, wanted }) => {
    const { ast, diagnostics } = parse(text);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(ast).toMatchObject(wanted);
    expect(withoutSpans(parse(print(ast!)).ast)).toEqual(withoutSpans(ast));
  });
});
