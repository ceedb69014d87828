/**
 * A query that looks at one group of another's answer: the same text with the group's key in WHERE.
 * The text around it stays as it was written. Needs the grammar, so it is loaded when it is used.
 */
import type { Expression, Query } from '../grammar/ast.ts';
import { parse } from '../grammar/parse.ts';
import type { ValueObject } from '../src/model/value.ts';

/** The same query for events that also meet a condition; null: it cannot be narrowed in place. */
export function queryWith(text: string, wanted: string): string | null {
  const { ast: query } = parse(text);
  if (query === null || query.from === null) return null;
  const { where } = query;
  if (where === null) {
    const at = query.from.span.end;
    return `${text.slice(0, at)} where ${wanted}${text.slice(at)}`;
  }
  const { start, end } = where.span;
  const known = text.slice(start, end);
  if (known.includes(wanted)) return null;
  const kept = isOr(where) ? `(${known})` : known;
  return `${text.slice(0, start)}${kept} and ${wanted}${text.slice(end)}`;
}

/** Null: the query has no such key, or cannot be narrowed in place. */
export function narrowedQuery(
  text: string,
  keys: readonly string[],
  row: ValueObject,
): string | null {
  const { ast: query } = parse(text);
  if (query === null || query.from === null || query.groupBy.length !== keys.length) return null;
  const tests: string[] = [];
  for (const [index, key] of keys.entries()) {
    const item = keyExpression(query, index);
    const literal = comparisonTo(row[key]);
    if (item === null || literal === null) return null;
    const { start, end } = item.span;
    tests.push(`${text.slice(start, end)} ${literal}`);
  }
  return queryWith(text, tests.join(' and '));
}

/** `GROUP BY 1` means the first column. */
function keyExpression(query: Query, index: number): Expression | null {
  const expression = query.groupBy[index]?.expression ?? null;
  if (expression?.kind !== 'number') return expression;
  const item = query.select[expression.value - 1];
  return item?.kind === 'column' ? item.expression : null;
}

function isOr(expression: Expression): boolean {
  return expression.kind === 'logical' && expression.operator === 'or';
}

/** `= 'x'`, to be written behind a field; null: there is no literal for it. */
export function comparisonTo(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return `= '${value.replaceAll("'", "''")}'`;
    case 'number':
      return Number.isFinite(value) ? `= ${value}` : null;
    case 'boolean':
      return `= ${value}`;
    default:
      return value === null || value === undefined ? 'is null' : null;
  }
}
