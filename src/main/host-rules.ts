/** What alert rules need of an engine: what they are checked against, and where long files are. */
import type { FileCheck } from '../alert/rule-book.ts';
import type { RuleScope } from '../alert/rule-scope.ts';
import type { Config } from '../config.ts';
import type { Engine } from '../coordinator/engine.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import { POOL_TEXT_LENGTH } from './plan-pool.ts';
import type { PlanPool } from './plan-pool.ts';
import { planTask } from './plan-task.ts';
import type { KnownToEngine } from './plan-task.ts';

/** `prepared`: the plan of a long text without parameters that was made elsewhere just now. */
export function ruleScopeOf(
  engine: Engine,
  prepared: (query: string) => PlannedQuery | null,
): RuleScope {
  return {
    plan: (query, params) => {
      const isPlain = Object.keys(params).length === 0;
      return (isPlain ? prepared(query) : null) ?? engine.check(query, params);
    },
    saved: engine.known().views,
  };
}

/** Null: the file is short enough for this thread. */
export function checkRuleFile(
  text: string,
  how: { readonly config: Config; readonly known: KnownToEngine; readonly plans: PlanPool },
): Promise<FileCheck> | null {
  if (text.length <= POOL_TEXT_LENGTH) return null;
  const { config, known, plans } = how;
  const { query: _, ...task } = planTask({ query: '', params: {}, config }, known);
  return plans.checkRuleFile({ ...task, text });
}
