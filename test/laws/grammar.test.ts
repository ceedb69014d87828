import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DIAGNOSTICS_MAX } from '../../grammar/diagnostic.ts';
import { parse, parseExpression } from '../../grammar/parse.ts';
import { print, printExpression } from '../../grammar/print.ts';
import { arbitraryExpression } from '../support/arbitrary-query-parts.ts';
import { arbitraryMutatedText, arbitraryQuery } from '../support/arbitrary-query.ts';
import { withoutSpans } from '../support/without-spans.ts';

const parameters = {
  numRuns: Number(process.env['RUNS'] ?? 300),
  ...(process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }),
};

/** What holds for any text at all. */
function checkAnyText(text: string): void {
  const { ast, diagnostics } = parse(text);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  expect(ast === null).toBe(errors.length > 0);
  expect(diagnostics.length).toBeLessThanOrEqual(DIAGNOSTICS_MAX + 1);
  for (const { span } of diagnostics) {
    expect(span.start).toBeGreaterThanOrEqual(0);
    expect(span.end).toBeGreaterThanOrEqual(span.start);
    expect(text.length).toBeGreaterThanOrEqual(span.end);
    expect(span.line).toBeGreaterThanOrEqual(1);
    expect(span.column).toBeGreaterThanOrEqual(1);
  }
}

describe('laws of the grammar', () => {
  test('parsing what was printed gives the same tree', () => {
    fc.assert(
      fc.property(arbitraryQuery, (query) => {
        const text = print(query);
        const { ast, diagnostics } = parse(text);
        expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(withoutSpans(ast)).toEqual(withoutSpans(query));
        if (ast !== null) expect(print(ast)).toBe(text);
      }),
      parameters,
    );
  });

  test('the same holds for single expressions', () => {
    fc.assert(
      fc.property(arbitraryExpression, (expression) => {
        const { ast } = parseExpression(printExpression(expression));
        expect(withoutSpans(ast)).toEqual(withoutSpans(expression));
      }),
      parameters,
    );
  });

  test('random characters never throw and every mistake has a place', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), checkAnyText), parameters);
  });

  test('random words and signs never throw and every mistake has a place', () => {
    const piece = fc.constantFrom(
      'select',
      'from',
      'where',
      'group',
      'by',
      'not',
      'case',
      'when',
      'end',
      'e',
      '[',
      ']',
      '(',
      ')',
      ',',
      '*',
      '.',
      '-',
      '--',
      '/*',
      '*/',
      '/',
      '==~',
      '=',
      '|',
      'window',
      'sample',
      '{',
      '}',
      "'",
      '`',
      '$',
      'a',
      '1',
      '1s',
      'last',
      'filter',
      'as',
      '\n',
      ' ',
      ';',
      'union',
      'in',
      'is',
    );
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(' '));
    const glued = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
    fc.assert(fc.property(fc.oneof(text, glued), checkAnyText), parameters);
  });

  test('queries with slips never throw and every mistake has a place', () => {
    fc.assert(fc.property(arbitraryMutatedText, checkAnyText), parameters);
  });

  test('every node lies in its text, and an expression’s own text parses to it again', () => {
    fc.assert(
      fc.property(arbitraryExpression, (expression) => {
        const text = printExpression(expression);
        const { ast } = parseExpression(text);
        const part = text.slice(ast?.span.start, ast?.span.end);
        expect(withoutSpans(parseExpression(part).ast)).toEqual(withoutSpans(ast));
      }),
      parameters,
    );
  });
});

/**
 * The ratio for four times the size. Steps of work are not countable from outside, so time is; of
 * each size the fastest of many rounds, small and large by turns, for whatever else the machine
 * does only ever slows a round down. Ends as soon as the ratio is below `enough`.
 */
function growth(make: (size: number) => string, size: number, enough: number): number {
  const texts = [make(size), make(size * 4)] as const;
  const best = [Infinity, Infinity] as [number, number];
  for (let round = 0; round < 60; round++) {
    for (const at of [0, 1] as const) {
      const start = performance.now();
      parse(texts[at]);
      best[at] = Math.min(best[at], performance.now() - start);
    }
    if (round >= 4 && best[1] / best[0] < enough) break;
  }
  return best[1] / best[0];
}

describe('hostile texts', () => {
  test.each([
    { name: '100 KB of query', text: `select ${'a, '.repeat(33_000)} a from s` },
    { name: '60 KB of columns', text: `select ${'abcdefgh, '.repeat(3_900)} a from s` },
    { name: '10,000 parentheses', text: `select ${'('.repeat(10_000)}a${')'.repeat(10_000)}` },
    { name: '3,000 parentheses', text: `select ${'('.repeat(3_000)}a${')'.repeat(3_000)}` },
    { name: '10,000 NOT', text: `select * where ${'not '.repeat(7_000)} a` },
    { name: '7,000 minus signs', text: `select ${'- '.repeat(7_000)} a` },
    { name: '7,000 exclamation marks', text: `select ${'!'.repeat(7_000)} a` },
    { name: '3,000 terms', text: `select a${' + a'.repeat(3_000)}` },
    { name: '3,000 conditions', text: `select * where a${' and a'.repeat(3_000)}` },
    { name: '900 right NOTs', text: `select * where a${' == not a'.repeat(2_000)}` },
    { name: '1,000 CASE', text: `select ${'case when '.repeat(1_000)} a` },
    { name: '10 KB of a,,', text: `select ${'a,,'.repeat(3_400)}` },
    { name: '10 KB of brackets', text: `select a${'[0]'.repeat(2_500)}` },
    { name: '60 KB of one name', text: `select ${'a.'.repeat(30_000)}b` },
    { name: '60 KB of back-quotes', text: `select ${'`'.repeat(60_001)}` },
    { name: '60 KB of comment starts', text: `select ${'/*'.repeat(30_000)}` },
    { name: '60 KB of stray signs', text: `select ${'#'.repeat(60_000)}` },
    { name: '60 KB of NOT before comments', text: `select ${'not/**/'.repeat(7_900)}a` },
  ])('$name is answered', ({ text }) => checkAnyText(text));

  test.each([
    { name: 'columns', make: (n: number) => `select ${'a, '.repeat(n)}a`, size: 400 },
    { name: 'empty columns', make: (n: number) => `select ${'a,,'.repeat(n)}`, size: 400 },
    {
      name: 'conditions',
      make: (n: number) => `select * where a${' and b = 1'.repeat(n)}`,
      size: 300,
    },
    { name: 'comments', make: (n: number) => `select ${'/* x */'.repeat(n)} a`, size: 1_000 },
    { name: 'stray signs', make: (n: number) => `select ${'# '.repeat(n)} a`, size: 1_000 },
    { name: 'clauses', make: (n: number) => `select a${' where b'.repeat(n)}`, size: 120 },
  ])('four times as many $name take about four times as long', ({ make, size }) => {
    // Quadratic work would give sixteen; the bound leaves room for a busy machine.
    expect(growth(make, size, 12)).toBeLessThan(12);
  });
});
