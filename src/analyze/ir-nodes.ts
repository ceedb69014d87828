/** Short ways to build IR nodes. */
import type { Expression } from '../ir/expression.ts';
import type { Value } from '../model/value.ts';

export const NULL: Expression = { op: 'literal', value: null };

export function literal(value: Value): Expression {
  return { op: 'literal', value };
}

export function call(name: string, ...args: readonly Expression[]): Expression {
  return { op: 'call', name, args };
}
