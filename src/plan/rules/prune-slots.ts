/**
 * Drops functions over series, aggregates and projected expressions that no later stage reads (a
 * column that another of the same name hides, a condition that moved to the source). Keys stay:
 * they make the groups.
 */
import { mapIrChildren, someIr } from '../../analyze/walk-ir.ts';
import type { Expression } from '../../ir/expression.ts';
import { rewritePlan, rowExpressions, slotsBeforeSeries } from '../logical-plan.ts';
import type { LogicalPlan } from '../logical-plan.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';

export const pruneSlots: OptimizerRule = {
  name: 'prune-slots',
  summary: 'drops values that nothing reads',
  apply(given) {
    const plan = pruneSeries(given);
    const read = slotsRead(rowExpressions(plan));
    return plan.aggregate === null ? pruneProject(plan, read) : pruneAggregates(plan, read);
  },
};

function slotsRead(expressions: readonly Expression[]): Set<number> {
  const read = new Set<number>();
  for (const expression of expressions) {
    someIr(expression, (node) => {
      if (node.op === 'slot') read.add(node.index);
      return false;
    });
  }
  return read;
}

/** From the last function to the first: a function reads those before it only. */
function pruneSeries(plan: LogicalPlan): LogicalPlan {
  const { series } = plan;
  if (series === null) return plan;
  const before = slotsBeforeSeries(plan);
  const read = slotsRead(rowExpressions({ ...plan, series: null }));
  for (let i = series.functions.length - 1; i >= 0; i--) {
    if (!read.has(before + i)) continue;
    for (const slot of slotsRead([series.functions[i]!.arg])) read.add(slot);
  }
  const kept = series.functions.flatMap((_, i) => (read.has(before + i) ? [i] : []));
  if (kept.length === series.functions.length) return plan;
  const functions = kept.map((i) => series.functions[i]!);
  const slots = [...Array(before).keys(), ...kept.map((i) => before + i)];
  return renumber({ ...plan, series: kept.length === 0 ? null : { ...series, functions } }, slots);
}

/** The slots of series functions, which stay as many. */
function seriesSlots(plan: LogicalPlan): number[] {
  const before = slotsBeforeSeries(plan);
  return (plan.series?.functions ?? []).map((_, i) => before + i);
}

function pruneProject(plan: LogicalPlan, read: ReadonlySet<number>): LogicalPlan {
  const kept = plan.project.flatMap((_, index) => (read.has(index) ? [index] : []));
  if (kept.length === plan.project.length) return plan;
  const project = plan.project.filter((_, index) => read.has(index));
  return renumber({ ...plan, project }, [...kept, ...seriesSlots(plan)]);
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
  const slots = [...kept, ...seriesSlots(plan)];
  return renumber({ ...plan, aggregate: { ...aggregate, aggregates } }, slots);
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
