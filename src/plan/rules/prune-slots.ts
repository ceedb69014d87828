/**
 * Drops aggregates and projected expressions that no later stage reads (a column that another of
 * the same name hides, a condition that moved to the source). Keys stay: they make the groups.
 */
import { mapIrChildren, someIr } from '../../analyze/walk-ir.ts';
import type { Expression } from '../../ir/expression.ts';
import { rewritePlan, rowExpressions } from '../logical-plan.ts';
import type { LogicalPlan } from '../logical-plan.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';

export const pruneSlots: OptimizerRule = {
  name: 'prune-slots',
  summary: 'drops values that nothing reads',
  apply(plan) {
    const read = new Set<number>();
    for (const expression of rowExpressions(plan)) {
      someIr(expression, (node) => {
        if (node.op === 'slot') read.add(node.index);
        return false;
      });
    }
    return plan.aggregate === null ? pruneProject(plan, read) : pruneAggregates(plan, read);
  },
};

function pruneProject(plan: LogicalPlan, read: ReadonlySet<number>): LogicalPlan {
  const kept = plan.project.flatMap((_, index) => (read.has(index) ? [index] : []));
  if (kept.length === plan.project.length) return plan;
  const project = plan.project.filter((_, index) => read.has(index));
  return renumber({ ...plan, project }, kept);
}

function pruneAggregates(plan: LogicalPlan, read: ReadonlySet<number>): LogicalPlan {
  const { aggregate } = plan;
  if (aggregate === null) return plan;
  const keyCount = aggregate.keys.length;
  const isKept = (index: number): boolean => read.has(keyCount + index);
  const aggregates = aggregate.aggregates.filter((_, index) => isKept(index));
  if (aggregates.length === aggregate.aggregates.length) return plan;
  const kept = [
    ...aggregate.keys.keys(),
    ...aggregate.aggregates.flatMap((_, index) => (isKept(index) ? [keyCount + index] : [])),
  ];
  return renumber({ ...plan, aggregate: { ...aggregate, aggregates } }, kept);
}

/** @param kept Old numbers of the slots that remain, in their new order. */
function renumber(plan: LogicalPlan, kept: readonly number[]): LogicalPlan {
  const places = new Map(kept.map((old, index) => [old, index]));
  const change = (node: Expression): Expression =>
    node.op === 'slot'
      ? { ...node, index: places.get(node.index) ?? node.index }
      : mapIrChildren(node, change);
  return rewritePlan(plan, { value: change, condition: change });
}
