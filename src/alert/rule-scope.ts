/** What is known where rules are checked and run: streams, views and saved queries. */
import type { Value } from '../model/value.ts';
import { planQuery } from '../plan/plan-query.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { ViewDefinitions } from '../plan/plan-views.ts';

export type QueryParams = Readonly<Record<string, Value>>;

export interface RuleScope {
  readonly plan: (query: string, params: QueryParams) => PlannedQuery;
  /** Queries that rules may name. */
  readonly saved: ViewDefinitions;
}

export const NOTHING_SAVED: ViewDefinitions = { names: () => [], get: () => undefined };

/** Without an engine: no stream is known, so any may be. */
export function scopeAlone(saved: ViewDefinitions = NOTHING_SAVED): RuleScope {
  return {
    plan: (query, params) => planQuery(query, { mode: 'live', params, views: saved }),
    saved,
  };
}
