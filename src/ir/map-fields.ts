/** Expressions with their fields replaced, and what kernels ask about expressions as a whole. */
import type { Expression, FieldExpression, FieldPath, LiteralExpression } from './expression.ts';

/**
 * A copy of `expression` in which every read of the event is what `map` makes of its path. A list
 * that becomes something else than a path is null, and null has no element.
 */
export function mapFields(
  expression: Expression,
  map: (path: FieldPath) => FieldExpression | LiteralExpression,
): Expression {
  const each = (inner: Expression): Expression => mapFields(inner, map);
  switch (expression.op) {
    case 'literal':
    case 'element':
    case 'slot':
      return expression;
    case 'field':
      return map(expression.path);
    case 'call':
      return { ...expression, args: expression.args.map(each) };
    case 'and':
    case 'or':
      return { ...expression, args: expression.args.map(each) };
    case 'not':
    case 'match':
      return { ...expression, arg: each(expression.arg) };
    case 'in':
      return { ...expression, arg: each(expression.arg), list: expression.list.map(each) };
    case 'case':
      return {
        ...expression,
        branches: expression.branches.map(({ when, then }) => ({
          when: each(when),
          then: each(then),
        })),
        otherwise: each(expression.otherwise),
      };
    case 'some': {
      const over = expression.over.op === 'field' ? map(expression.over.path) : expression.over;
      if (over.op === 'literal') return { op: 'literal', value: false };
      return { ...expression, over, condition: each(expression.condition) };
    }
  }
}

/** Every path that the expression reads. */
export function pathsOf(expression: Expression): readonly FieldPath[] {
  const paths: FieldPath[] = [];
  mapFields(expression, (path) => {
    paths.push(path);
    return { op: 'field', path };
  });
  return paths;
}

/** Functions whose value is not a function of their arguments. */
const CLOCK_FUNCTIONS = new Set(['now', 'tick', 'event_time', 'ingest_time']);

/** True if the value depends on the fields only, and not on a clock or the event's time. */
export function isPure(expression: Expression): boolean {
  switch (expression.op) {
    case 'literal':
    case 'element':
    case 'slot':
    case 'field':
      return true;
    case 'call':
      return !CLOCK_FUNCTIONS.has(expression.name) && expression.args.every(isPure);
    case 'and':
    case 'or':
      return expression.args.every(isPure);
    case 'not':
    case 'match':
      return isPure(expression.arg);
    case 'in':
      return isPure(expression.arg) && expression.list.every(isPure);
    case 'case':
      return (
        expression.branches.every(({ when, then }) => isPure(when) && isPure(then)) &&
        isPure(expression.otherwise)
      );
    case 'some':
      return isPure(expression.condition);
  }
}
