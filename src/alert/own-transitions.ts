/**
 * A rule on the stream of alerts must not be set off by what it does itself: its query leaves out
 * events that name it, transitions and deliveries alike. Events of no rule stay.
 */
import type { Expression, Query } from '../../grammar/ast.ts';
import { parse, parseExpression } from '../../grammar/parse.ts';
import { print } from '../../grammar/print.ts';
import { globMatches } from '../ir/glob.ts';

/** Transitions, deliveries, silences and acknowledgements are events of this stream. */
export const ALERT_STREAM = 'squilla.alerts';

/** The query without the events of `rule`, if it reads them; else unchanged. */
export function exceptOwn(query: string, rule: string): string {
  const { ast } = parse(query);
  if (ast === null || !readsAlerts(ast)) return query;
  const { ast: others } = parseExpression(`coalesce(rule, '') != '${rule.replaceAll("'", "''")}'`);
  if (others === null) return query;
  const operands: readonly Expression[] = ast.where === null ? [others] : [ast.where, others];
  const { span } = others;
  const where: Expression =
    operands.length === 1 ? others : { kind: 'logical', span, operator: 'and', operands };
  return print({ ...ast, where });
}

function readsAlerts({ from }: Query): boolean {
  if (from === null) return false;
  const sources = [...from.sources, ...from.joins.map(({ source }) => source)];
  return sources.some(({ name, glob }) => globMatches({ pattern: name, glob }, ALERT_STREAM));
}
