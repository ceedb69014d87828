/** Clauses of the language that no stage can run yet: one clear diagnostic each. */
import type { Query } from '../../grammar/ast.ts';
import type { AnalysisContext } from './context.ts';

export function checkUnsupported(query: Query, context: AnalysisContext): void {
  const { mode, report } = context;
  const [join] = query.from?.joins ?? [];
  if (join !== undefined && mode === 'live') {
    const hint = 'Query the streams one by one, or merge them: `FROM a, b`.';
    report.unsupported(join.span, 'A join of live streams', hint);
  }
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
