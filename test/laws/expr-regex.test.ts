/** Whatever engine runs a pattern, its meaning is re2js'; LIKE means its regular expression. */
import v8 from 'node:v8';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileLike } from '../../src/expr/like.ts';
import { allowNativeRegex, compileRegex, NATIVE_REGEX_FLAGS } from '../../src/expr/regex.ts';
import { lawParameters } from '../support/laws.ts';

const ATOMS = [
  'a', 'b', 'c', '-', ' ', 'é', '.', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\b', '\\B', '\\.',
  '\\/', '\\n', '\\t', '\\v', '[ab]', '[^a]', '[a-c]', '[\\d-]', '[\\w.]', '[^\\s]', '[.-]', '[-a]',
  '[a\\-c]', '[\\]]', '^', '$', '1', '_', '😀', '\\pL', '[[:alpha:]]', '(?i)a', '()', '{', '[]a]',
]; // prettier-ignore

const QUANTIFIERS = ['', '', '', '*', '+', '?', '*?', '+?', '{2}', '{0,2}', '{1,}'];

/** Mostly valid patterns: atoms, quantifiers, groups, alternatives, three levels deep. */
function arbitraryPattern(): fc.Arbitrary<string> {
  return fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(...ATOMS),
      fc.array(fc.constantFrom(...ATOMS), { maxLength: 4 }).map((parts) => parts.join('')),
      fc
        .tuple(tie('pattern'), fc.constantFrom(...QUANTIFIERS))
        .map(([inner, quantifier]) => `(${inner})${quantifier}`),
      fc
        .tuple(tie('pattern'), fc.constantFrom(...QUANTIFIERS))
        .map(([inner, quantifier]) => `(?:${inner})${quantifier}`),
      fc
        .tuple(fc.constantFrom(...ATOMS), fc.constantFrom(...QUANTIFIERS))
        .map((two) => two.join('')),
      fc.tuple(tie('pattern'), tie('pattern')).map((two) => two.join('|')),
      fc.tuple(tie('pattern'), tie('pattern')).map((two) => two.join('')),
    ),
  })).pattern;
}

function arbitraryText(): fc.Arbitrary<string> {
  const characters = [
    'a',
    'b',
    'c',
    '-',
    ' ',
    'é',
    '.',
    '\n',
    '\t',
    '\v',
    '1',
    '_',
    '😀',
    '\\',
    '/',
  ];
  return fc.array(fc.constantFrom(...characters), { maxLength: 8 }).map((parts) => parts.join(''));
}

beforeAll(() => {
  for (const flag of NATIVE_REGEX_FLAGS) v8.setFlagsFromString(flag);
  allowNativeRegex(true);
});

afterAll(() => {
  allowNativeRegex(false);
});

describe('regular expressions', () => {
  it('give the answer of re2js with every engine', () => {
    fc.assert(
      fc.property(
        arbitraryPattern(),
        fc.array(arbitraryText(), { minLength: 5 }),
        (pattern, all) => {
          const regex = compileRegex(pattern);
          if (!regex.ok) return;
          const oracle = RE2JS.compile(pattern, RE2JS.DOTALL);
          for (const text of all) {
            const wanted = [oracle.test(text), oracle.testExact(text)];
            expect([regex.value.find(text), regex.value.full(text)]).toEqual(wanted);
          }
        },
      ),
      lawParameters(1_000),
    );
  });

  it('that re2js refuses are refused, with a position inside the pattern', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (pattern) => {
        const regex = compileRegex(pattern);
        expect(regex.ok).toBe(compiles(pattern));
        if (regex.ok) return;
        expect(regex.error.position).toBeGreaterThanOrEqual(0);
        expect(regex.error.position).toBeLessThanOrEqual(pattern.length);
      }),
      lawParameters(500),
    );
  });
});

describe('LIKE', () => {
  it('means the regular expression with % as .* and _ as .', () => {
    const pattern = fc
      .array(fc.constantFrom('a', 'b', 'é', '😀', '.', '%', '_', '\\%', '\\_', '\\\\', '\n'), {
        maxLength: 6,
      })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, fc.array(arbitraryText(), { minLength: 3 }), (like, all) => {
        const test = compileLike(like, false);
        const oracle = RE2JS.compile(asRegex(like), RE2JS.DOTALL);
        for (const text of all) expect(test?.(text)).toBe(oracle.testExact(text));
      }),
      lawParameters(1_000),
    );
  });
});

function compiles(pattern: string): boolean {
  try {
    RE2JS.compile(pattern, RE2JS.DOTALL);
    return true;
  } catch {
    return false;
  }
}

function asRegex(like: string): string {
  return like.replaceAll(/\\[\s\S]|[\s\S]/gu, (part) => {
    if (part === '%') return '.*';
    if (part === '_') return '.';
    return RE2JS.quote(part.length > 1 && part.startsWith('\\') ? part.slice(1) : part);
  });
}
