/**
 * A condition for an alert rule that lies between what a query's first column was and what it is.
 * Needs the grammar, so it is loaded when it is used.
 */
import { parse } from '../grammar/parse.ts';
import type { Expression } from '../grammar/ast.ts';
import { fieldText } from './examples.ts';

export interface Levels {
  readonly before: number;
  readonly after: number;
}

/** Half way between two levels of a column, with as few digits as that needs. */
export function whenText(column: string, { before, after }: Levels): string {
  const middle = (before + after) / 2;
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(middle), 1e-9))) - 1);
  const number = Number(middle.toFixed(Math.min(digits, 12)));
  return `${fieldText(column)} ${after < before ? '<' : '>'} ${number}`;
}

/**
 * The same from events a second, for a query whose first column counts events; null: it measures
 * something else.
 */
export function whenOfRates(
  query: string,
  columns: readonly string[],
  windowMs: number | null,
  { before, after }: Levels,
): string | null {
  const { ast } = parse(query);
  const [column] = columns;
  if (ast === null || column === undefined || windowMs === null) return null;
  const counted = ast.select.find(
    (item) => item.kind === 'column' && isEventCount(item.expression),
  );
  if (counted?.kind !== 'column') return null;
  const isRate =
    counted.expression.kind === 'call' && counted.expression.name.toLowerCase() === 'rate';
  const factor = isRate ? 1 : windowMs / 1_000;
  return whenText(column, { before: before * factor, after: after * factor });
}

function isEventCount(expression: Expression): boolean {
  if (expression.kind !== 'call' || expression.filter !== null || expression.distinct) return false;
  const name = expression.name.toLowerCase();
  return (name === 'count' && expression.star) || (name === 'rate' && expression.args.length === 0);
}
