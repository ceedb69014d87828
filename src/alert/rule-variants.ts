/** A rule with other thresholds, for a sweep: the first number of its `when` is another one. */
import type { Expression } from '../../grammar/ast.ts';
import type { Span } from '../../grammar/span.ts';
import { parseExpression } from '../../grammar/parse.ts';
import { childrenOf } from '../../grammar/walk.ts';
import { isSeriesName } from '../analyze/series-names.ts';
import type { CheckedRule } from './check-rules.ts';
import type { SeriesCall } from './rule-query.ts';
import type { Rule } from './rule.ts';

export interface Variant {
  /** `n < 10`. */
  readonly when: string;
  /** The number in the place of the first one; null: as it is written. */
  readonly threshold: number | null;
  readonly rule: Rule;
}

export interface Threshold {
  readonly value: number;
  /** Offsets in the text of `when`. */
  readonly start: number;
  readonly end: number;
  /**
   * Column that it is compared with alone, so that it is a line on a chart; null: it is a factor.
   */
  readonly column: string | null;
}

/** No thresholds: the rule as it is. A text instead: why there are no variants. */
export function variantsOf(
  { rule }: Pick<CheckedRule, 'rule'>,
  thresholds: readonly number[],
): Variant[] | string {
  if (thresholds.length === 0) return [{ when: rule.when ?? 'a row', threshold: null, rule }];
  const place = thresholdOf(rule);
  if (rule.when === null || place === null) return '`when` has no number that could be another';
  const { when } = rule;
  return thresholds.map((threshold) => {
    const text = `${when.slice(0, place.start)}${threshold}${when.slice(place.end)}`;
    const name = `${rule.name} ${threshold}`;
    return { when: text, threshold, rule: { ...rule, when: text, name } };
  });
}

/**
 * The first number of the condition that is no constant of a function over series. `calls`: such
 * functions of the condition, by the columns that they are.
 */
export function thresholdOf({ when }: Rule, calls: readonly SeriesCall[] = []): Threshold | null {
  const { ast } = when === null ? { ast: null } : parseExpression(when);
  const found: Threshold[] = [];
  const add = ({ end, start }: Span, value: number, beside: Expression | null): void => {
    const column = beside === null ? null : columnOf(beside, when ?? '', calls);
    found.push({ value, start, end, column });
  };
  const look = (node: Expression, beside: Expression | null): void => {
    if (node.kind === 'call' && isSeriesName(node.name)) return;
    const isNegative = node.kind === 'unary' && node.operator === '-';
    // −3 is an operator and a number.
    if (isNegative && node.operand.kind === 'number') add(node.span, -node.operand.value, beside);
    else if (node.kind === 'number') add(node.span, node.value, beside);
    else if (node.kind === 'binary') {
      const isComparison = COMPARISONS.has(node.operator);
      look(node.left, isComparison ? node.right : null);
      look(node.right, isComparison ? node.left : null);
    } else for (const child of childrenOf(node)) look(child, null);
  };
  if (ast !== null) look(ast, null);
  return found.toSorted((a, b) => a.start - b.start)[0] ?? null;
}

const COMPARISONS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);

function columnOf(node: Expression, when: string, calls: readonly SeriesCall[]): string | null {
  const { end, start } = node.span;
  const call = calls.find((one) => one.start === start);
  if (call !== undefined) return call.column;
  return node.kind === 'property' ? when.slice(start, end).replace(/^`(.*)`$/su, '$1') : null;
}
