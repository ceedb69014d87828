/** Answers that run no pipeline: a refused query, and EXPLAIN. Each ends its subscription. */
import type { EngineError } from '../core/errors.ts';
import { explainPlan } from '../plan/explain.ts';
import type { ExplainOptions } from '../plan/explain.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { RunnableQuery } from '../plan/plan-views.ts';
import { schemaMessage } from '../plan/schema.ts';
import type { ResultMessage, ResultWarning } from '../wire/results.ts';
import { explainRows } from './explain-rows.ts';
import type { CoordinatorEffect } from './messages.ts';
import { problemFrom } from './problem.ts';

export function refusal(subscription: string, error: EngineError): CoordinatorEffect[] {
  return answer(subscription, [{ type: 'error', problem: problemFrom(error) }]);
}

/** The plan, a line a row. */
export function explanation(
  subscription: string,
  planned: RunnableQuery,
  known: Pick<ExplainOptions, 'streams' | 'edgeOf'>,
  nowMs: number,
): CoordinatorEffect[] {
  const { plan, rules, views, replay } = planned;
  const lines = explainPlan(plan, { rules, views, ...known, replay }).split('\n');
  const columns = [{ name: 'plan', type: 'string', role: 'value' }] as const;
  const schema = schemaMessage(plan, plan.fingerprint, warningsOf(planned));
  return answer(subscription, [
    { ...schema, columns, keys: [], windowMs: null, slideMs: null },
    explainRows(lines, nowMs),
    { type: 'end', reason: 'explained' },
  ]);
}

export function warningsOf(outcome: PlannedQuery): ResultWarning[] {
  return outcome.diagnostics
    .filter((diagnostic) => diagnostic.severity !== 'error')
    .map(({ code, message, hint }) => ({ code, message, ...(hint === undefined ? {} : { hint }) }));
}

function answer(subscription: string, messages: readonly ResultMessage[]): CoordinatorEffect[] {
  const subscriptions = [subscription];
  return [
    ...messages.map((message) => {
      const body = JSON.stringify(message);
      return { type: 'deliver', subscriptions, id: null, message, body } as const;
    }),
    { type: 'closed', subscription },
  ];
}
