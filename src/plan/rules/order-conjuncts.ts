/**
 * Puts the cheap operands of WHERE's AND chain first, so that most events fail early: comparisons
 * with constants, then other comparisons, texts, regular expressions and lists. Stable.
 */
import { irChildren } from '../../analyze/walk-ir.ts';
import type { Expression } from '../../ir/expression.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';
import { mapSides } from '../rewrite-join.ts';

export const orderConjuncts: OptimizerRule = {
  name: 'order-conjuncts',
  summary: 'tests what is cheap first',
  apply(plan) {
    const source = { ...plan.source, where: cheapFirst(plan.source.where) };
    if (plan.join === null) return { ...plan, source };
    return {
      ...plan,
      source,
      join: mapSides(plan.join, (side) => {
        return { ...side, source: { ...side.source, where: cheapFirst(side.source.where) } };
      }),
    };
  },
};

function cheapFirst(where: Expression | null): Expression | null {
  if (where?.op !== 'and') return where;
  const args = where.args
    .map((arg) => ({ arg, cost: cost(arg) }))
    .sort((a, b) => a.cost - b.cost)
    .map(({ arg }) => arg);
  return { ...where, args };
}

const CHEAP_CALLS: ReadonlySet<string> = new Set(['eq', 'ne', 'is_null', 'exists']);
const ORDER_CALLS: ReadonlySet<string> = new Set(['lt', 'le', 'gt', 'ge']);

/** Rough cost of one evaluation, in comparisons of a field with a constant. */
export function cost(node: Expression): number {
  return ownCost(node) + irChildren(node).reduce((sum, child) => sum + cost(child), 0);
}

function ownCost(node: Expression): number {
  switch (node.op) {
    case 'literal':
    case 'slot':
    case 'element':
      return 0;
    case 'field':
      return node.path.length;
    case 'and':
    case 'or':
    case 'not':
    case 'case':
      return 1;
    case 'in':
      return 2;
    case 'call':
      if (CHEAP_CALLS.has(node.name)) return 1;
      return ORDER_CALLS.has(node.name) ? 2 : 6;
    case 'match':
      return 20;
    case 'some':
      return 30;
  }
}
