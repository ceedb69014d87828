/** Walks syntax trees of expressions: children in the order they were written. */
import type { Expression } from '../../grammar/ast.ts';

export function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'number':
    case 'string':
    case 'boolean':
    case 'null':
    case 'duration':
    case 'regex':
    case 'parameter':
    case 'property':
      return [];
    case 'unary':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'logical':
      return node.operands;
    case 'in':
      return [node.operand, ...node.list];
    case 'between':
      return [node.operand, node.low, node.high];
    case 'is-null':
      return [node.operand];
    case 'case':
      return [
        ...node.branches.flatMap((branch) => [branch.when, branch.then]),
        ...(node.otherwise === null ? [] : [node.otherwise]),
      ];
    case 'call':
      return node.filter === null ? node.args : [...node.args, node.filter];
  }
}

/** Whether `test` holds of the node or of anything below it. */
export function someNode(node: Expression, test: (node: Expression) => boolean): boolean {
  return test(node) || childrenOf(node).some((child) => someNode(child, test));
}
