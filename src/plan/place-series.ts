/**
 * Puts the slots of series functions where they belong: behind the keys and aggregates (or
 * projected values) of a row, whose number is known once the plan is laid out.
 */
import { SERIES_SLOTS_FROM } from '../analyze/checked-query.ts';
import { mapIrChildren } from '../analyze/walk-ir.ts';
import type { Expression } from '../ir/expression.ts';
import { rewritePlan, slotsBeforeSeries } from './logical-plan.ts';
import type { LogicalPlan } from './logical-plan.ts';

export function placeSeries(plan: LogicalPlan): LogicalPlan {
  if (plan.series === null) return plan;
  const before = slotsBeforeSeries(plan);
  const place = (node: Expression): Expression => {
    if (node.op !== 'slot') return mapIrChildren(node, place);
    if (node.index < SERIES_SLOTS_FROM) return node;
    return { op: 'slot', index: before + node.index - SERIES_SLOTS_FROM };
  };
  return rewritePlan(plan, { value: place, condition: place });
}
