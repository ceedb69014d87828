/**
 * GROUP BY → the key expressions. A bare whole number is a column's position, a word that is the
 * alias of a column is that column, anything else is over the event.
 */
import type { Expression, GroupItem, SelectItem } from '../../grammar/ast.ts';
import type { Expression as Ir } from '../ir/expression.ts';
import type { AnalysisContext } from './context.ts';
import { eventLowering } from './event-leaves.ts';
import { checkQuotedName } from './quoted-names.ts';
import { syntaxKey } from './syntax-key.ts';

export interface GroupKeys {
  /** Each key once, as written or as the column it names. */
  readonly nodes: readonly Expression[];
  readonly expressions: readonly Ir[];
  /** Index into both by the key's syntax. */
  readonly bySyntax: ReadonlyMap<string, number>;
}

export function lowerGroupBy(
  items: readonly GroupItem[],
  select: readonly SelectItem[],
  context: AnalysisContext,
): GroupKeys {
  const lowering = eventLowering(context, 'GROUP BY');
  const nodes: Expression[] = [];
  const expressions: Ir[] = [];
  const bySyntax = new Map<string, number>();
  for (const item of items) {
    const node = columnMeant(item.expression, select, context);
    if (node === null || bySyntax.has(syntaxKey(node))) continue;
    bySyntax.set(syntaxKey(node), nodes.length);
    nodes.push(node);
    checkQuotedName(node, context);
    expressions.push(lowering.value(node));
  }
  return { nodes, expressions, bySyntax };
}

function columnMeant(
  node: Expression,
  select: readonly SelectItem[],
  context: AnalysisContext,
): Expression | null {
  if (node.kind === 'number' && Number.isInteger(node.value)) {
    const item = select[node.value - 1];
    if (item?.kind === 'column') return item.expression;
    reportPosition(node.value, node, select.length, context);
    return null;
  }
  if (node.kind !== 'property' || node.steps.length > 0 || node.root.kind === 'event') return node;
  const { name } = node.root;
  for (const item of select) {
    if (item.kind === 'column' && item.alias === name) return item.expression;
  }
  return node;
}

export function reportPosition(
  position: number,
  node: Expression,
  columns: number,
  context: AnalysisContext,
): void {
  const message = `there is no column ${position} to name by position`;
  const hint = `The list has ${columns === 1 ? 'one column' : `${columns} columns`}.`;
  context.report.add('MQL_BAD_POSITION', node.span, message, { hint });
}
