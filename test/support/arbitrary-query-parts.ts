/**
 * Arbitrary names, literals, properties and expressions of MQL for fast-check: trees that the
 * parser can produce, so that `parse(print(a)) = a` must hold of them. Spans are all zero.
 */
import fc from 'fast-check';
import type {
  Amount,
  Call,
  DurationLiteral,
  DurationUnit,
  Expression,
  NumberLiteral,
  Parameter,
  PathStep,
  Property,
} from '../../grammar/ast.ts';
import { UNIT_MS } from '../../grammar/scan-literals.ts';
import type { Span } from '../../grammar/span.ts';

/** Where nothing stands. */
export const span: Span = { start: 0, end: 0 };

// ---- Names and literals -------------------------------------------------------------------------

/** Names that need no quoting; keywords among them, since no word is reserved. */
const plainName = fc
  .oneof(
    fc.constantFrom(
      'a',
      'b',
      'status',
      'latency_ms',
      'e',
      'from',
      'where',
      'select',
      'group',
      'by',
      'and',
      'or',
      'in',
      'like',
      'is',
      'last',
      'first',
      'end',
      'when',
      'then',
      'join',
      'on',
      'as',
      'asc',
      'window',
      'filter',
      'a.b',
      'a.b.c',
      'us-east-1',
      'x-y:z/w',
      '@timestamp',
      'größe',
      '価格',
      'E',
      'Null1',
    ),
    fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}(?:\.[a-z][a-z0-9]{0,4})?$/),
  )
  .filter((name) => !/^(?:true|false|null|not|case|distinct)$/i.test(name));

export const anyKey: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  plainName,
);
/** Names that stand in back-quotes if they must. */
export const anyName: fc.Arbitrary<string> = fc.oneof(
  plainName,
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
);
export const alias: fc.Arbitrary<string | null> = fc.option(anyName, { nil: null });
const parameterName = fc.stringMatching(/^[a-z_][a-z0-9_]{0,6}$/);

const value = fc.oneof(
  fc.nat({ max: 10_000 }),
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
);
export const numberLiteral: fc.Arbitrary<NumberLiteral> = value.map((n) => ({
  kind: 'number' as const,
  value: n,
  span,
}));
const unit = fc.constantFrom<DurationUnit>('ms', 's', 'm', 'h', 'd', 'w');
const durationAmount = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.constantFrom(0.5, 1.5, 2.25));
const duration = fc.tuple(durationAmount, unit).map(([amount, u]) => ({
  kind: 'duration' as const,
  amount,
  unit: u,
  valueMs: amount * UNIT_MS[u],
  span,
}));
const parameter = parameterName.map((name) => ({ kind: 'parameter' as const, name, span }));
export const durationOrParameter: fc.Arbitrary<DurationLiteral | Parameter> = fc.oneof(
  duration,
  parameter,
);
export const size: fc.Arbitrary<Amount> = fc.oneof(
  fc.integer({ min: 1, max: 600 }).map((n) => ({ kind: 'number' as const, value: n, span })),
  duration,
  parameter,
);
export const count: fc.Arbitrary<Amount> = fc.oneof(
  fc.integer({ min: 1, max: 500 }).map((n) => ({ kind: 'number' as const, value: n, span })),
  parameter,
);

/** Patterns whose backslashes are followed by something other than a slash. */
const regex = fc
  .array(fc.constantFrom('a', 'b+', '.*', '\\d', '\\\\', '/', '[^/]', '(x|y)', ' ', "'"), {
    maxLength: 5,
  })
  .map((parts) => ({ kind: 'regex' as const, pattern: parts.join(''), span }))
  .filter(({ pattern }) => !pattern.startsWith('*'));

const literal: fc.Arbitrary<Expression> = fc.oneof(
  numberLiteral,
  duration,
  parameter,
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => ({
    kind: 'string' as const,
    value: text,
    span,
  })),
  fc.boolean().map((b) => ({ kind: 'boolean' as const, value: b, span })),
  fc.constant({ kind: 'null' as const, span }),
);

// ---- Properties ---------------------------------------------------------------------------------

const bracketStep: fc.Arbitrary<PathStep> = fc.oneof(
  anyKey.map((key) => ({ kind: 'key' as const, key })),
  fc.integer({ min: -3, max: 9 }).map((index) => ({ kind: 'index' as const, index })),
  parameterName.map((name) => ({ kind: 'parameter' as const, name, span })),
  fc.constant({ kind: 'each' as const }),
);
const nameStep: fc.Arbitrary<PathStep> = plainName.map((name) => ({ kind: 'name', name }));
/** A bracket, perhaps with a name glued to it: a name step never comes first or behind a name. */
const steps: fc.Arbitrary<PathStep[]> = fc
  .array(fc.tuple(bracketStep, fc.option(nameStep, { nil: null })), { maxLength: 2 })
  .map((pairs) => pairs.flatMap(([step, name]) => (name === null ? [step] : [step, name])));

export const arbitraryProperty: fc.Arbitrary<Property> = fc.oneof(
  { weight: 4, arbitrary: plainName.map((name) => property({ kind: 'name', name }, [])) },
  fc.tuple(plainName, steps).map(([name, path]) =>
    // `e[` is the event, so a stepped-into property called e is quoted.
    property({ kind: name === 'e' && path.length > 0 ? 'quoted' : 'name', name }, path),
  ),
  fc.tuple(anyKey, steps).map(([name, path]) => property({ kind: 'quoted', name }, path)),
  fc
    .tuple(bracketStep, steps)
    .map(([first, path]) => property({ kind: 'event' }, [first, ...path])),
);

function property(root: Property['root'], path: readonly PathStep[]): Property {
  return { kind: 'property', root, steps: path, span };
}

const functionName = fc.constantFrom(
  'count',
  'SUM',
  'p99',
  'P99.9',
  'if',
  'coalesce',
  'left',
  'in',
);

// ---- Expressions --------------------------------------------------------------------------------

export const arbitraryExpression: fc.Arbitrary<Expression> = fc.letrec<{ node: Expression }>(
  (tie) => {
    const node = tie('node');
    return {
      node: fc.oneof(
        { maxDepth: 4, depthIdentifier: 'expression', withCrossShrink: true },
        arbitraryProperty,
        literal,
        unaryOf(node),
        binaryOf(node),
        matchOf(node),
        logicalOf(node),
        testOf(node),
        caseOf(node),
        callOf(node),
      ),
    };
  },
).node;

function unaryOf(node: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  return fc
    .tuple(fc.constantFrom('-' as const, '+' as const, '!' as const, 'not' as const), node)
    .map(([operator, operand]) => ({ kind: 'unary', operator, operand, span }));
}

function binaryOf(node: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  const operator = fc.constantFrom(
    '+' as const,
    '-' as const,
    '*' as const,
    '/' as const,
    '%' as const,
    '=' as const,
    '!=' as const,
    '<' as const,
    '<=' as const,
    '>' as const,
    '>=' as const,
    '==+' as const,
    'like' as const,
    'ilike' as const,
    'not like' as const,
    'not ilike' as const,
  );
  return fc
    .tuple(operator, node, node)
    .map(([op, left, right]) => ({ kind: 'binary', operator: op, left, right, span }));
}

function matchOf(node: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  const operator = fc.constantFrom('==~' as const, '=~' as const, '!~' as const);
  return fc
    .tuple(operator, node, fc.oneof(regex, parameter))
    .map(([op, left, right]) => ({ kind: 'binary', operator: op, left, right, span }));
}

/** A chain never holds a chain of its own kind: the parser flattens those. */
function logicalOf(node: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  return fc
    .tuple(
      fc.constantFrom('and' as const, 'or' as const),
      fc.array(node, { minLength: 2, maxLength: 3 }),
    )
    .map(([operator, parts]) => ({
      kind: 'logical',
      operator,
      operands: parts.flatMap((part) =>
        part.kind === 'logical' && part.operator === operator ? part.operands : [part],
      ),
      span,
    }));
}

function testOf(node: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  return fc.oneof(
    fc
      .tuple(node, fc.array(node, { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([operand, list, negated]): Expression => ({
        kind: 'in',
        operand,
        list,
        negated,
        span,
      })),
    fc.tuple(node, node, node, fc.boolean()).map(([operand, low, high, negated]): Expression => ({
      kind: 'between',
      operand,
      low,
      high,
      negated,
      span,
    })),
    fc
      .tuple(node, fc.boolean())
      .map(([operand, negated]): Expression => ({ kind: 'is-null', operand, negated, span })),
  );
}

function caseOf(node: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  const branch = fc.record({ when: node, then: node });
  return fc
    .tuple(fc.array(branch, { minLength: 1, maxLength: 2 }), fc.option(node, { nil: null }))
    .map(([branches, otherwise]) => ({ kind: 'case', branches, otherwise, span }));
}

function callOf(node: fc.Arbitrary<Expression>): fc.Arbitrary<Call> {
  return fc
    .tuple(
      functionName,
      fc.boolean(),
      fc.constantFrom('star', 'distinct', 'plain'),
      fc.array(node, { maxLength: 2 }),
      fc.option(node, { nil: null }),
    )
    .map(([name, useFilter, form, args, filter]) => ({
      kind: 'call' as const,
      name,
      nameSpan: span,
      distinct: form === 'distinct' && args.length > 0,
      star: form === 'star',
      args: form === 'star' ? [] : args,
      filter: useFilter ? filter : null,
      span,
    }));
}
