/**
 * Warnings about types that are evident: comparisons that can never hold, arithmetic that can only
 * give null, conditions that are never boolean, and words that were probably meant as texts.
 */
import type { Binary, Expression } from '../../grammar/ast.ts';
import type { Expression as Ir } from '../ir/expression.ts';
import type { ColumnType } from '../ir/plan.ts';
import type { Lowering } from './lowering.ts';
import { inferType } from './infer-type.ts';
import { checkComparedName } from './quoted-names.ts';

const ORDERINGS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);
const EQUALITIES: ReadonlySet<string> = new Set(['=', '!=']);

export function checkComparison(node: Binary, left: Ir, right: Ir, lowering: Lowering): void {
  if (EQUALITIES.has(node.operator)) suggestQuotes(node.right, lowering);
  checkComparedName(node.left, node.right, lowering.context);
  if (!EQUALITIES.has(node.operator) && !ORDERINGS.has(node.operator)) return;
  const { types } = lowering.leaves;
  const [a, b] = [inferType(left, types), inferType(right, types)];
  if (a === 'any' || b === 'any' || a === b) return;
  const what = node.operator === '!=' ? 'always true' : 'always false';
  const message = `comparing a ${a} with a ${b} is ${what}`;
  const hint = numberInQuotes(node, a, b) ?? otherRemedy(node, a);
  lowering.context.report.add('MQL_TYPE_MISMATCH', node.span, message, { hint });
}

export function checkArithmetic(node: Expression, lowered: Ir, lowering: Lowering): void {
  const type = inferType(lowered, lowering.leaves.types);
  if (type === 'any' || type === 'number') return;
  const message = `arithmetic on a ${type} gives null`;
  const hint = type === 'string' ? 'Use concat() for texts, or to_number().' : undefined;
  lowering.context.report.add('MQL_TYPE_MISMATCH', node.span, message, { hint });
}

/** A condition of WHERE, HAVING or FILTER whose value is evidently not a boolean. */
export function checkCondition(
  node: Expression,
  lowered: Ir,
  clause: string,
  lowering: Lowering,
): void {
  const type = inferType(lowered, lowering.leaves.types);
  if (type === 'any' || type === 'boolean') return;
  const message = `${clause} is never boolean: a ${type} counts as true`;
  lowering.context.report.add('MQL_NOT_BOOLEAN', node.span, message, {
    hint: 'Compare it with something.',
  });
}

/** `country = US`: a bare word on the right that no event has. */
function suggestQuotes(node: Expression, lowering: Lowering): void {
  if (node.kind !== 'property' || node.root.kind !== 'name' || node.steps.length > 0) return;
  const { name } = node.root;
  const { sources, report } = lowering.context;
  if (sources.knows(name) || sources.splitAlias(node) !== null) return;
  if (lowering.leaves.isColumn(node)) return;
  report.add('MQL_QUOTES', node.span, `\`${name}\` is a property, not a text`, {
    hint: `Quotes? '${name}'`,
    fixes: [{ title: `Quote '${name}'`, span: node.span, text: `'${name}'` }],
  });
}

function otherRemedy(node: Binary, left: ColumnType): string | undefined {
  const isNegated = node.left.kind === 'unary' && node.left.operator === '!';
  if (isNegated) return '`!` binds tighter than a comparison: write `NOT (a = b)`, or `a != b`.';
  if (left !== 'string' || !ORDERINGS.has(node.operator)) return undefined;
  return 'Write `to_number(x)`; the time of an event is `event_time()`.';
}

function numberInQuotes(node: Binary, a: ColumnType, b: ColumnType): string | undefined {
  const text = a === 'number' && b === 'string' ? node.right : node.left;
  if (text.kind !== 'string' || text.value.trim() === '' || Number.isNaN(Number(text.value))) {
    return undefined;
  }
  return `Write ${text.value} without quotes.`;
}
