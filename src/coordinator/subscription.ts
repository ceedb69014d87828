/** One client's interest in one query, and what is kept for it alone. */
import type { QueryPlan } from '../ir/plan.ts';
import type { RunningAggregate } from './running-aggregate.ts';

export interface Subscription {
  readonly id: string;
  readonly client: string;
  readonly pipeline: string;
  /** Rows still to come before an unwindowed LIMIT ends the query; null: no such limit. */
  remaining: number | null;
  /** An unwindowed aggregate counts from its own subscription's start. */
  readonly running: RunningAggregate | null;
  readonly startedAtMs: number;
}

/** True for aggregates without a window: their running value belongs to the subscription. */
export function isRunning(plan: QueryPlan): boolean {
  return plan.aggregate !== null && plan.window.kind === 'none';
}
