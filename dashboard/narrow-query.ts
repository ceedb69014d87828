/**
 * A query that looks at one group of another's answer: the same text with the group's key in WHERE.
 * The text around it stays as it was written. Needs the grammar, so it is loaded when it is used.
 */
import type { Expression } from '../grammar/ast.ts';
import { parse } from '../grammar/parse.ts';
import type { ValueObject } from '../src/model/value.ts';

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
    const item = query.groupBy[index];
    const literal = literalOf(row[key]);
    if (item === undefined || literal === null) return null;
    const { start, end } = item.expression.span;
    tests.push(`${text.slice(start, end)} ${literal}`);
  }
  const wanted = tests.join(' and ');
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

function isOr(expression: Expression): boolean {
  return expression.kind === 'logical' && expression.operator === 'or';
}

function literalOf(value: unknown): string | null {
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
