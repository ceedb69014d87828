/**
 * Arbitrary queries for fast-check: trees that the parser can produce (so `parse(print(a)) = a`
 * must hold), their canonical texts, and texts that are almost queries. Spans are all zero.
 */
import fc from 'fast-check';
import type {
  FromClause,
  Query,
  SampleClause,
  SelectItem,
  Source,
  WindowClause,
} from '../../grammar/ast.ts';
import { lex } from '../../grammar/lexer.ts';
import { print } from '../../grammar/print.ts';
import { PathName } from '../../grammar/tokens.ts';
import {
  alias,
  anyKey,
  anyName,
  arbitraryExpression,
  arbitraryProperty,
  count,
  durationOrParameter,
  numberLiteral,
  size,
  span,
} from './arbitrary-query-parts.ts';

const selectItem: fc.Arbitrary<SelectItem> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('column' as const),
      expression: arbitraryExpression,
      alias,
      span: fc.constant(span),
    }),
  },
  fc.constant({ kind: 'star' as const, alias: null, span }),
  anyKey.map((prefix) => ({ kind: 'prefix' as const, prefix, span })),
);

const source: fc.Arbitrary<Source> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom('plays*', 'us-*-1', '*', 'a.*.b2').map((name) => ({ name, glob: true })),
      anyName.map((name) => ({ name, glob: false })),
    ),
    alias,
  )
  .map(([name, as]) => ({ kind: 'source', ...name, alias: as, span }));

const from: fc.Arbitrary<FromClause> = fc.record({
  kind: fc.constant('from' as const),
  sources: fc.array(source, { minLength: 1, maxLength: 2 }),
  joins: fc.array(
    fc.record({
      kind: fc.constant('join' as const),
      type: fc.constantFrom('inner' as const, 'left' as const),
      source,
      within: fc.option(durationOrParameter, { nil: null }),
      on: arbitraryExpression,
      span: fc.constant(span),
    }),
    { maxLength: 1 },
  ),
  span: fc.constant(span),
});

const optionalSize = fc.option(size, { nil: null });
const window: fc.Arbitrary<WindowClause> = fc.oneof(
  fc
    .tuple(size, optionalSize)
    .map(([width, slide]): WindowClause => ({ kind: 'time-window', size: width, slide, span })),
  fc
    .tuple(count, optionalSize)
    .map(([n, timeout]): WindowClause => ({ kind: 'count-window', count: n, timeout, span })),
  fc
    .tuple(size, optionalSize)
    .map(([gap, max]): WindowClause => ({ kind: 'session-window', gap, max, span })),
);

const sample: fc.Arbitrary<SampleClause> = fc.oneof(
  fc
    .constantFrom(0, 2, 0.5, 100)
    .map((percent) => ({ kind: 'sample' as const, percent, options: null, span })),
  fc
    .record(
      {
        strategy: fc.constantFrom('RANDOM', 'STICKY', 'RPS'),
        threshold: fc.nat({ max: 10_000 }),
        factor: fc.integer({ min: 1, max: 10_000 }),
        keys: fc.array(anyKey, { maxLength: 2 }),
        salt: fc.oneof(fc.integer(), fc.string({ maxLength: 4 })),
        extrapolate: fc.boolean(),
        separator: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .map((options) => ({ kind: 'sample' as const, percent: null, options, span })),
);

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(arbitrary, { nil: null, freq: 2 });
}

/** Queries as the parser builds them. */
export const arbitraryQuery: fc.Arbitrary<Query> = fc.record({
  kind: fc.constant('query' as const),
  explain: fc.constantFrom('none' as const, 'none' as const, 'plan' as const, 'analyze' as const),
  select: fc.array(selectItem, { minLength: 1, maxLength: 3 }),
  from: optional(from),
  replay: optional(
    fc.oneof(
      durationOrParameter.map((last) => ({
        kind: 'replay' as const,
        last,
        since: null,
        until: null,
        span,
      })),
      fc
        .tuple(arbitraryExpression, fc.option(arbitraryExpression, { nil: null }))
        .map(([since, until]) => ({ kind: 'replay' as const, last: null, since, until, span })),
    ),
  ),
  window: optional(window),
  where: optional(arbitraryExpression),
  groupBy: fc.array(
    arbitraryExpression.map((expression) => ({ kind: 'group-item' as const, expression, span })),
    { maxLength: 2 },
  ),
  having: optional(arbitraryExpression),
  anomaly: optional(
    fc.tuple(arbitraryProperty, numberLiteral, numberLiteral).map(([column, alpha, beta]) => ({
      kind: 'anomaly' as const,
      method: 'mad',
      column,
      parameters: [alpha, { kind: 'unary' as const, operator: '-' as const, operand: beta, span }],
      span,
    })),
  ),
  orderBy: fc.array(
    fc.record({
      kind: fc.constant('order-item' as const),
      expression: arbitraryExpression,
      direction: fc.constantFrom('asc' as const, 'desc' as const),
      nulls: fc.constantFrom(null, 'first' as const, 'last' as const),
      span: fc.constant(span),
    }),
    { maxLength: 2 },
  ),
  limit: optional(count.map((n) => ({ kind: 'limit' as const, count: n, span }))),
  sample: optional(sample),
  emit: optional(durationOrParameter.map((every) => ({ kind: 'emit' as const, every, span }))),
  lateness: optional(
    durationOrParameter.map((amount) => ({ kind: 'lateness' as const, amount, span })),
  ),
  span: fc.constant(span),
});

/** Canonical texts of queries. */
export const arbitraryQueryText: fc.Arbitrary<string> = arbitraryQuery.map(print);

const BLANKS = [
  ' ',
  ' ',
  '\n',
  '\n\n  ',
  '\t',
  ' /* c */ ',
  ' -- c\n',
  '\n-- d\n',
  '\n/* e\n f */\n',
];

/** Queries with any white space and comments between their tokens. */
export const arbitraryCommentedText: fc.Arbitrary<string> = fc
  .tuple(arbitraryQueryText, fc.array(fc.constantFrom(...BLANKS), { minLength: 8, maxLength: 40 }))
  .map(([text, blanks]) =>
    lex(text)
      .tokens.map(({ image, tokenType }, i) => {
        // A step into a value stands right behind its bracket.
        const blank = tokenType === PathName ? '' : (blanks[i % blanks.length] ?? '');
        return blank + image;
      })
      .join(''),
  );

/** Query texts with a few pieces cut out, doubled, or replaced: mostly wrong, wrong like a slip. */
export const arbitraryMutatedText: fc.Arbitrary<string> = fc
  .tuple(
    arbitraryQueryText,
    fc.array(
      fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat({ max: 6 }),
        fc.oneof(
          fc.constantFrom(
            '',
            ' ',
            '(',
            ')',
            "'",
            '`',
            ',',
            '--',
            '/*',
            '[',
            ']',
            '|',
            '::',
            ' from ',
          ),
          fc.string({ unit: 'grapheme', maxLength: 4 }),
        ),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([text, edits]) =>
    edits.reduce((current, [place, length, insert]) => {
      const start = Math.floor(place * current.length);
      return current.slice(0, start) + insert + current.slice(start + length);
    }, text),
  );
