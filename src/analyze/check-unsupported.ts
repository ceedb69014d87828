/** Clauses of the language that no stage can run yet: one clear diagnostic each. */
import type { Join, Query } from '../../grammar/ast.ts';
import type { AnalysisContext } from './context.ts';

export function checkUnsupported(query: Query, context: AnalysisContext): void {
  const { report } = context;
  for (const join of query.from?.joins ?? []) checkJoin(join, context);
  if (query.replay !== null) {
    const what = query.replay.last === null ? 'SINCE' : 'LAST';
    report.unsupported(query.replay.span, what, 'Leave it out: the query starts with live events.');
  }
  if (query.anomaly !== null) {
    const hint = 'Compare the windowed value with a constant in HAVING.';
    report.unsupported(query.anomaly.span, 'ANOMALY', hint);
  }
}

function checkJoin(join: Join, context: AnalysisContext): void {
  const { report } = context;
  if (join.within === null) {
    const message = 'a join needs WITHIN, or it would have to keep every event for ever';
    report.add('MQL_JOIN_UNBOUNDED', join.span, message, { hint: 'For example `WITHIN 10s`.' });
    return;
  }
  const hint = 'Query the streams one by one, or merge them: `FROM a, b`.';
  report.unsupported(join.span, 'A join', hint);
}
