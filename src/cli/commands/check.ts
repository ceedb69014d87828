/** `squilla check`: diagnostics of a query, without an engine. */
import { hasErrors } from '../../../grammar/diagnostic.ts';
import { explainPlan } from '../../plan/explain.ts';
import { planQuery } from '../../plan/plan-query.ts';
import type { CliContext } from '../context.ts';
import { renderDiagnostics } from '../diagnostics-text.ts';
import { createPaint } from '../paint.ts';

export function checkCommand(
  mql: string,
  flags: { readonly json?: boolean; readonly explain?: boolean },
  context: CliContext,
): number {
  const { plan, canonical, diagnostics, columns, rules, replay } = planQuery(mql, { mode: 'live' });
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
