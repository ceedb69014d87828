/**
 * The optimizer: named rules, one file each, run once in a fixed order. Every rule can be switched
 * off by name; results never depend on which ran (a law test holds them to it).
 */
import type { LogicalPlan } from './logical-plan.ts';
import type { OptimizerRule } from './optimizer-rule.ts';
import { foldConstants } from './rules/fold-constants.ts';
import { normalize } from './rules/normalize.ts';
import { orderConjuncts } from './rules/order-conjuncts.ts';
import { pruneFields } from './rules/prune-fields.ts';
import { pruneSlots } from './rules/prune-slots.ts';
import { pushFilter } from './rules/push-filter.ts';
import { pushJoinFilter } from './rules/push-join-filter.ts';
import { sameData } from './same-data.ts';

/** In the order they run: each may count on those before it, none needs them. */
export const RULES: readonly OptimizerRule[] = [
  pushFilter,
  pushJoinFilter,
  foldConstants,
  normalize,
  pruneSlots,
  orderConjuncts,
  pruneFields,
];

export interface Optimized {
  readonly plan: LogicalPlan;
  /** Names of the rules that changed something. */
  readonly applied: readonly string[];
}

export function optimize(plan: LogicalPlan, disabled: ReadonlySet<string> = new Set()): Optimized {
  const applied: string[] = [];
  let current = plan;
  for (const rule of RULES) {
    if (disabled.has(rule.name)) continue;
    const next = rule.apply(current);
    if (!sameData(next, current)) applied.push(rule.name);
    current = next;
  }
  return { plan: current, applied };
}
