/** Questions about syntax trees that stop at the first answer. */
import type { Expression } from '../../grammar/ast.ts';
import { childrenOf } from '../../grammar/walk.ts';

/** Whether `test` holds of the node or of anything below it. */
export function someNode(node: Expression, test: (node: Expression) => boolean): boolean {
  return test(node) || childrenOf(node).some((child) => someNode(child, test));
}
