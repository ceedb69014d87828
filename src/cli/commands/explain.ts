/**
 * `squilla explain`: the plan of a query, what of it runs where. A running engine is asked first,
 * because it knows the streams and their fields; without one the plan is made here. The query is
 * put as `EXPLAIN …`, which also shows what cannot run yet.
 */
import { diagnosticFrom, hasErrors } from '../../../grammar/diagnostic.ts';
import type { Diagnostic } from '../../../grammar/diagnostic.ts';
import { parse } from '../../../grammar/parse.ts';
import type { Value } from '../../model/value.ts';
import { explainPlan } from '../../plan/explain.ts';
import { planQuery } from '../../plan/plan-query.ts';
import { definitionsOf } from '../../reference/evaluate-views.ts';
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import { renderDiagnostics } from '../diagnostics-text.ts';
import type { ExplainFlags } from '../flags.ts';
import { createPaint } from '../paint.ts';
import { viewsFromFiles } from '../view-files.ts';
import { readParameters } from '../parameters.ts';

interface Asked {
  readonly text: string;
  readonly params: Readonly<Record<string, Value>>;
  readonly views: Readonly<Record<string, string>>;
}

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
  const views = await viewsFromFiles(flags.view ?? {});
  if (typeof views === 'string') {
    context.err(`${views}\n`);
    return 1;
  }
  const prefix = isExplain(mql) ? '' : 'EXPLAIN ';
  const query: Asked = { text: `${prefix}${mql}`, params, views };
  const explained = flags.offline === true ? explainHere(query) : await ask(query, flags, context);
  if (explained === null) return 1;
  const { explain } = explained;
  const diagnostics = explained.diagnostics.map((one) => within(mql, prefix.length, one));
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
  query: Asked,
  flags: ExplainFlags,
  context: CliContext,
): Promise<Explained | null> {
  const { params, text } = query;
  const answer = await callApi(flags, '/api/v1/query/check', {
    method: 'POST',
    body: { query: text, params },
  });
  if (answer.ok) return answer.body as Explained;
  if (answer.reached) {
    context.err(`${answer.message}\n`);
    return null;
  }
  context.err(`no engine at ${flags.url}: planned without knowing its streams\n`);
  return explainHere(query);
}

function explainHere({ params, text, views }: Asked): Explained {
  const options = { mode: 'live', params, views: definitionsOf(views) } as const;
  const { plan, diagnostics, rules, replay } = planQuery(text, options);
  if (plan === null || hasErrors(diagnostics)) return { diagnostics };
  return { diagnostics, explain: explainPlan(plan, { rules, replay }) };
}

function isExplain(mql: string): boolean {
  const { ast } = parse(mql);
  return ast === null ? /^\s*explain\b/i.test(mql) : ast.explain !== 'none';
}

/** The diagnostic where it stands in the text as it was given, `shift` characters earlier. */
function within(mql: string, shift: number, diagnostic: Diagnostic): Diagnostic {
  if (shift === 0) return diagnostic;
  const { code, hint, message, severity, span } = diagnostic;
  const [start, end] = [Math.max(0, span.start - shift), Math.max(0, span.end - shift)];
  return diagnosticFrom(mql, { code, severity, message, span: { start, end }, hint });
}
