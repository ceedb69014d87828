/** Visits expressions and everything below them, in text order, without recursion. */
import type { Expression, Query } from './ast.ts';

export type Visitor = (expression: Expression) => void;

/** Calls `visit` on `root` and on every expression below it, parents first. */
export function walkExpression(root: Expression, visit: Visitor): void {
  const pending: Expression[] = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    visit(node);
    const children = childrenOf(node);
    for (let i = children.length - 1; i >= 0; i--) {
      const child = children[i];
      if (child !== undefined) pending.push(child);
    }
  }
}

/** The expressions directly below `node`, in text order. */
export function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'unary':
    case 'is-null':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'logical':
      return node.operands;
    case 'in':
      return [node.operand, ...node.list];
    case 'between':
      return [node.operand, node.low, node.high];
    case 'case': {
      const branches = node.branches.flatMap(({ when, then }) => [when, then]);
      return node.otherwise === null ? branches : [...branches, node.otherwise];
    }
    case 'call':
      return node.filter === null ? node.args : [...node.args, node.filter];
    default:
      return [];
  }
}

/** Every expression that stands in a clause of `query`, the roots only. */
export function expressionsOf(query: Query): readonly Expression[] {
  return [
    ...query.select.flatMap((item) => (item.kind === 'column' ? [item.expression] : [])),
    ...(query.from?.joins.flatMap(({ on }) => (on === null ? [] : [on])) ?? []),
    ...[query.replay?.since, query.replay?.until].filter(
      (node) => node !== null && node !== undefined,
    ),
    ...(query.where === null ? [] : [query.where]),
    ...query.groupBy.map((item) => item.expression),
    ...(query.having === null ? [] : [query.having]),
    ...(query.anomaly === null ? [] : [query.anomaly.column, ...query.anomaly.parameters]),
    ...query.orderBy.map((item) => item.expression),
  ];
}

/** Calls `visit` on every expression of `query`. */
export function walkQuery(query: Query, visit: Visitor): void {
  for (const root of expressionsOf(query)) walkExpression(root, visit);
}
