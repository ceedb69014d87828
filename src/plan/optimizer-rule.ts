/** What a rule of the optimizer is; each lives in a file of its own under `rules/`. */
import type { LogicalPlan } from './logical-plan.ts';

export interface OptimizerRule {
  readonly name: string;
  /** What it does, for EXPLAIN and the documentation. */
  readonly summary: string;
  apply(plan: LogicalPlan): LogicalPlan;
}
