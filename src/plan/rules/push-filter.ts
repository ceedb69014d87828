/**
 * Moves conditions of HAVING that need no aggregate into WHERE, where they stop events at their
 * source: all of a plain select's, and those of an aggregate query that read group keys only, if
 * there are keys (a query without keys has a row even when no event matches).
 */
import { mapIrChildren, someIr } from '../../analyze/walk-ir.ts';
import type { Expression } from '../../ir/expression.ts';
import type { LogicalPlan } from '../logical-plan.ts';
import { conjunction, conjuncts } from '../conjuncts.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';

export const pushFilter: OptimizerRule = {
  name: 'push-filter',
  summary: 'moves conditions of HAVING to the source',
  apply(plan) {
    const { having } = plan.final;
    // Events that a HAVING hides count for windows of a number of events, and hold sessions
    // together.
    if (having === null || plan.home !== null || comparesRows(plan)) return plan;
    const movable = movableSlots(plan);
    const parts = conjuncts(having);
    const moved = parts.filter((part) => canMove(part, movable));
    if (moved.length === 0) return plan;
    const kept = parts.filter((part) => !moved.includes(part));
    const where = moved.map((part) => overEvents(part, movable));
    if (plan.source.where !== null) where.unshift(...conjuncts(plan.source.where));
    return {
      ...plan,
      source: { ...plan.source, where: conjunction(where) },
      final: { ...plan.final, having: conjunction(kept) },
    };
  },
};

/**
 * Whether a row's values depend on rows that HAVING would take away: those of other groups, or
 * events before it in a plain select. A group's own windows all have the same keys.
 */
function comparesRows({ aggregate, series }: LogicalPlan): boolean {
  if (series === null) return false;
  return aggregate === null || series.functions.some(({ name }) => name === 'outlier');
}

/** What slots hold, for those that are expressions over the event. */
function movableSlots(plan: LogicalPlan): readonly Expression[] {
  return plan.aggregate === null ? plan.project : plan.aggregate.keys;
}

function canMove(part: Expression, slots: readonly Expression[]): boolean {
  let reads = 0;
  const stuck = someIr(part, (node) => {
    if (node.op === 'slot') {
      reads += 1;
      return node.index >= slots.length;
    }
    // The clock of another stage would give another answer.
    return node.op === 'call' && (node.name === 'now' || node.name === 'tick');
  });
  return !stuck && reads > 0;
}

function overEvents(part: Expression, slots: readonly Expression[]): Expression {
  if (part.op === 'slot') return slots[part.index] ?? part;
  return mapIrChildren(part, (child) => overEvents(child, slots));
}
