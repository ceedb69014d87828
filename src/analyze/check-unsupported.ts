/** Clauses of the language that no stage can run yet: one clear diagnostic each. */
import type { Query } from '../../grammar/ast.ts';
import type { AnalysisContext } from './context.ts';

export function checkUnsupported(query: Query, context: AnalysisContext): void {
  const { report } = context;
  if (query.replay !== null) {
    const what = query.replay.last === null ? 'SINCE' : 'LAST';
    const hint = 'No past is recorded. Leave it out: the query starts with live events.';
    // EXPLAIN runs nothing, so it can show what the clause will mean.
    report.unsupported(
      query.replay.span,
      what,
      hint,
      query.explain === 'none' ? 'error' : 'warning',
    );
  }
}
