/**
 * `squilla explain`: the plan of a query, what of it runs where. A running engine is asked first,
 * because it knows the streams and their fields; without one the plan is made here.
 */
import { hasErrors } from '../../../grammar/diagnostic.ts';
import type { Diagnostic } from '../../../grammar/diagnostic.ts';
import type { Value } from '../../model/value.ts';
import { explainPlan } from '../../plan/explain.ts';
import { planQuery } from '../../plan/plan-query.ts';
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import { renderDiagnostics } from '../diagnostics-text.ts';
import type { ExplainFlags } from '../flags.ts';
import { createPaint } from '../paint.ts';
import { readParameters } from '../parameters.ts';

type Params = Readonly<Record<string, Value>>;

interface Explained {
  readonly diagnostics: readonly Diagnostic[];
  readonly explain?: string;
}

export async function explainCommand(
  mql: string,
  flags: ExplainFlags,
  context: CliContext,
): Promise<number> {
  const params = readParameters(flags.param ?? {});
  const explained =
    flags.offline === true ? explainHere(mql, params) : await ask(mql, params, flags, context);
  if (explained === null) return 1;
  const { diagnostics, explain } = explained;
  if (flags.json === true) {
    context.out(`${JSON.stringify({ explain: explain ?? null, diagnostics })}\n`);
    return explain === undefined ? 1 : 0;
  }
  if (diagnostics.length > 0) {
    context.err(renderDiagnostics(mql, diagnostics, createPaint(context.colors)));
  }
  if (explain === undefined) return 1;
  context.out(`${explain}\n`);
  return 0;
}

/** Null: the engine refused, which was said. */
async function ask(
  query: string,
  params: Params,
  flags: ExplainFlags,
  context: CliContext,
): Promise<Explained | null> {
  const answer = await callApi(flags, '/api/v1/query/check', {
    method: 'POST',
    body: { query, params },
  });
  if (answer.ok) return answer.body as Explained;
  if (answer.reached) {
    context.err(`${answer.message}\n`);
    return null;
  }
  context.err(`no engine at ${flags.url}: planned without knowing its streams\n`);
  return explainHere(query, params);
}

function explainHere(query: string, params: Params): Explained {
  const { plan, diagnostics, rules, replay } = planQuery(query, { mode: 'live', params });
  if (plan === null || hasErrors(diagnostics)) return { diagnostics };
  return { diagnostics, explain: explainPlan(plan, { rules, replay }) };
}
