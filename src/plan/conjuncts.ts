/** Conditions as the operands of one AND. */
import type { Expression } from '../ir/expression.ts';

export function conjuncts(node: Expression): readonly Expression[] {
  return node.op === 'and' ? node.args.flatMap(conjuncts) : [node];
}

/** Null: no condition at all. */
export function conjunction(parts: readonly Expression[]): Expression | null {
  const [first = null, ...rest] = parts;
  return rest.length === 0 ? first : { op: 'and', args: parts };
}
