/** The columns of a query that are no keys, each with the expression that its text has for it. */
import type { ColumnItem, Expression } from '../../grammar/ast.ts';
import { parse } from '../../grammar/parse.ts';
import { printExpression } from '../../grammar/print.ts';
import { walkExpression } from '../../grammar/walk.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';

export interface SelectColumn {
  readonly name: string;
  readonly expression: Expression;
}

/** Null: they cannot be told apart by their order, or the query has no aggregates. */
export function selectColumns(text: string, { plan }: PlannedQuery): SelectColumn[] | null {
  const { ast } = parse(text);
  if (ast === null || plan?.aggregate == null) return null;
  const columns = plan.final.columns.filter(({ spread }) => !spread);
  const keyNames = columns.filter(({ role }) => role === 'key').map(({ name }) => name);
  const keys = new Set([
    ...keyNames,
    ...ast.groupBy.map(({ expression }) => printExpression(expression)),
  ]);
  const isKey = ({ alias, expression }: ColumnItem): boolean =>
    keys.has(alias ?? '') || keys.has(printExpression(expression));
  const items = ast.select.filter((item) => item.kind === 'column').filter((item) => !isKey(item));
  const values = columns.filter(({ role }) => role === 'value');
  if (items.length !== values.length) return null;
  return items.map(({ expression }, i) => ({ name: values[i]!.name, expression }));
}

/**
 * The text of `expression`, which stands in `text`, with `replace` in the place of every part that
 * it gives another text for; parts of those are not looked at.
 */
export function replacedText(
  text: string,
  expression: Expression,
  replace: (part: Expression) => string | null,
): string {
  const { end, start } = expression.span;
  const found: { readonly start: number; readonly end: number; readonly by: string }[] = [];
  walkExpression(expression, (part) => {
    const { span } = part;
    const isInside = found.some((outer) => outer.start <= span.start && span.end <= outer.end);
    const by = isInside ? null : replace(part);
    if (by !== null) found.push({ start: span.start, end: span.end, by });
  });
  let result = text.slice(start, end);
  for (const place of found.toSorted((a, b) => b.start - a.start)) {
    const [before, after] = [result.slice(0, place.start - start), result.slice(place.end - start)];
    result = before + place.by + after;
  }
  return result;
}
