/** What one run of the coordinator starts with. */
import type { Config } from '../config.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { ViewDefinitions } from '../plan/plan-views.ts';
import type { KnownAgent } from '../store/known-agents.ts';

export interface EngineOptions {
  readonly config: Config;
  /** Names this run of the engine in result ids; new with every start. */
  readonly incarnation: string;
  readonly nowMs: number;
  /** Saved queries that others may read in FROM; none by default. */
  readonly views?: ViewDefinitions;
  /** Who was there when an earlier run ended. */
  readonly knownAgents?: readonly KnownAgent[];
  /** What functions over series of a query remember of an earlier run. */
  readonly seriesStates?: (plan: QueryPlan) => ReadonlyMap<string, Float64Array>;
}
