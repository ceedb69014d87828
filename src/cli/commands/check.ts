/** `squilla check`: diagnostics of a query, without an engine. */
import { hasErrors } from '../../../grammar/diagnostic.ts';
import { explainPlan } from '../../plan/explain.ts';
import { planQuery } from '../../plan/plan-query.ts';
import { definitionsOf } from '../../reference/evaluate-views.ts';
import type { CliContext } from '../context.ts';
import { renderDiagnostics } from '../diagnostics-text.ts';
import type { CheckFlags } from '../flags.ts';
import { createPaint } from '../paint.ts';
import { viewsFromFiles } from '../view-files.ts';

export async function checkCommand(
  mql: string,
  flags: CheckFlags,
  context: CliContext,
): Promise<number> {
  const given = await viewsFromFiles(flags.view ?? {});
  if (typeof given === 'string') {
    context.err(`${given}\n`);
    return 1;
  }
  const { plan, canonical, diagnostics, columns, rules, replay } = planQuery(mql, {
    mode: 'live',
    views: definitionsOf(given),
  });
  const failed = plan === null || hasErrors(diagnostics);
  if (flags.json === true) {
    const answer = { ok: !failed, canonical: failed ? null : canonical, diagnostics, columns };
    context.out(`${JSON.stringify(answer)}\n`);
    return failed ? 1 : 0;
  }
  const paint = createPaint(context.colors);
  if (diagnostics.length > 0) context.err(renderDiagnostics(mql, diagnostics, paint));
  if (failed) return 1;
  context.out(`${canonical}\n`);
  if (flags.explain === true) context.out(`${explainPlan(plan, { rules, replay })}\n`);
  return 0;
}
