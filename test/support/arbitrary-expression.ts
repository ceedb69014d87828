/**
 * Random valid expressions over the events of `arbitrary-event.ts`: every node kind and every
 * function of the table, nested a few levels, with `element` only inside its `some`.
 */
import fc from 'fast-check';
import type { Expression, FieldPath, FieldStep } from '../../src/ir/expression.ts';
import { FUNCTIONS } from '../../src/ir/functions.ts';
import type { FunctionSignature } from '../../src/ir/functions.ts';
import { arbitraryScalar, arbitraryValue, KEYS } from './arbitrary-event.ts';

/** Patterns that both regex engines and LIKE have something to do with. */
export const PATTERNS = [
  'a',
  '^a',
  'b$',
  'a.b',
  '(a|b)+',
  '[^a]',
  '(?i)A',
  '^.$',
  'a*',
  '',
  '\\d+',
];

const NAMES = ['a', 'b', 'c', 'l', 'a.b', 'a.b.c', 'a.a', 'l.a', '__proto__', 'constructor.name'];

export function arbitraryPath(): fc.Arbitrary<FieldPath> {
  const step: fc.Arbitrary<FieldStep> = fc.oneof(
    fc.constantFrom(...NAMES).map((name): FieldStep => ({ by: 'name', name })),
    fc.constantFrom(...KEYS).map((key): FieldStep => ({ by: 'key', key })),
    fc.integer({ min: -3, max: 3 }).map((index): FieldStep => ({ by: 'index', index })),
    fc.constant<FieldStep>({ by: 'each' }),
  );
  const prefix = fc.constantFrom<FieldPath>([{ by: 'prefix', prefix: 'a' }]);
  return fc.oneof(
    { weight: 9, arbitrary: fc.array(step, { maxLength: 3 }) },
    { weight: 1, arbitrary: prefix },
  );
}

/** `slots`: how many may be read; `depth`: levels of nesting. */
export function arbitraryExpression(
  options: { readonly depth?: number; readonly slots?: number } = {},
): fc.Arbitrary<Expression> {
  return expression({ depth: options.depth ?? 3, slots: options.slots ?? 0, ids: [] });
}

interface Scope {
  readonly depth: number;
  readonly slots: number;
  /** Enclosing `some` expressions. */
  readonly ids: readonly number[];
}

function expression(scope: Scope): fc.Arbitrary<Expression> {
  if (scope.depth === 0) return leaf(scope);
  const inner = expression({ ...scope, depth: scope.depth - 1 });
  return fc.oneof(
    { weight: 3, arbitrary: leaf(scope) },
    { weight: 8, arbitrary: call(inner) },
    { weight: 4, arbitrary: comparison(scope) },
    { weight: 3, arbitrary: logic(inner) },
    { weight: 2, arbitrary: some(scope) },
  );
}

function leaf({ ids, slots }: Scope): fc.Arbitrary<Expression> {
  const leaves: fc.Arbitrary<Expression>[] = [
    arbitraryScalar().map((value) => ({ op: 'literal', value })),
    arbitraryPath().map((path) => ({ op: 'field', path })),
    fc.constantFrom(...NAMES).map((name) => ({ op: 'field', path: [{ by: 'name', name }] })),
  ];
  if (ids.length > 0) {
    leaves.push(
      fc
        .tuple(fc.constantFrom(...ids), arbitraryPath())
        .map(([id, path]) => ({ op: 'element', id, path })),
    );
  }
  if (slots > 0) {
    leaves.push(fc.nat({ max: slots - 1 }).map((index) => ({ op: 'slot', index })));
  }
  return fc.oneof(...leaves);
}

/** What filters mostly are: something against a constant. */
function comparison(scope: Scope): fc.Arbitrary<Expression> {
  const name = fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge', 'like', 'add', 'modulo');
  const constant = arbitraryScalar().map((value): Expression => ({ op: 'literal', value }));
  return fc.tuple(name, leaf(scope), constant).map(([operator, left, right]): Expression => {
    return { op: 'call', name: operator, args: [left, right] };
  });
}

function call(inner: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  return fc.constantFrom(...FUNCTIONS).chain((signature) => callOf(signature, inner));
}

function callOf(
  { name, minArgs, maxArgs, variadic }: FunctionSignature,
  inner: fc.Arbitrary<Expression>,
): fc.Arbitrary<Expression> {
  const most = variadic ? 4 : maxArgs;
  return fc.array(inner, { minLength: minArgs, maxLength: most }).chain((args) => {
    if (name !== 'regexp_extract') return fc.constant<Expression>({ op: 'call', name, args });
    return fc.constantFrom(...PATTERNS).map((pattern): Expression => {
      const [text, , ...rest] = args;
      const literal: Expression = { op: 'literal', value: pattern };
      return { op: 'call', name, args: [text ?? literal, literal, ...rest] };
    });
  });
}

function logic(inner: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  const several = fc.array(inner, { minLength: 1, maxLength: 3 });
  const mode = fc.constantFrom<'full' | 'find'>('full', 'find');
  return fc.oneof(
    fc
      .tuple(fc.constantFrom<'and' | 'or'>('and', 'or'), several)
      .map(([op, args]) => ({ op, args })),
    inner.map((arg): Expression => ({ op: 'not', arg })),
    fc
      .tuple(mode, fc.constantFrom(...PATTERNS), inner)
      .map(([m, pattern, arg]): Expression => ({ op: 'match', mode: m, pattern, arg })),
    fc.tuple(inner, several).map(([arg, list]): Expression => ({ op: 'in', arg, list })),
    fc
      .tuple(inner, fc.array(arbitraryValue(), { maxLength: 3 }))
      .map(([arg, values]): Expression => {
        return { op: 'in', arg, list: values.map((value) => ({ op: 'literal', value })) };
      }),
    fc
      .tuple(fc.array(fc.tuple(inner, inner), { maxLength: 2 }), inner)
      .map(([pairs, otherwise]): Expression => {
        const branches = pairs.map(([when, then]) => ({ when, then }));
        return { op: 'case', branches, otherwise };
      }),
  );
}

function some(scope: Scope): fc.Arbitrary<Expression> {
  const id = scope.ids.length;
  const inside: Scope = { ...scope, depth: scope.depth - 1, ids: [...scope.ids, id] };
  const over = leaf({ ...scope, slots: 0 }).filter(
    (one) => one.op === 'field' || one.op === 'element',
  );
  return fc.tuple(over, expression(inside)).map(([list, condition]): Expression => {
    return { op: 'some', id, over: list, condition };
  });
}
