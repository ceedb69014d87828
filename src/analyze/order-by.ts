/** ORDER BY → order keys over result rows. A bare whole number is a column's position. */
import type { OrderItem } from '../../grammar/ast.ts';
import type { Expression as Ir } from '../ir/expression.ts';
import type { OrderKey } from '../ir/plan.ts';
import { reportPosition } from './group-by.ts';
import type { ExpressionLowering } from './lower-expression.ts';
import { checkQuotedName } from './quoted-names.ts';
import type { SelectList } from './select-list.ts';

export function lowerOrderBy(
  items: readonly OrderItem[],
  list: SelectList,
  lowering: ExpressionLowering,
): readonly OrderKey[] {
  return items.flatMap((item): readonly OrderKey[] => {
    const expression = orderExpression(item, list, lowering);
    if (expression === null) return [];
    const descending = item.direction === 'desc';
    return [{ expression, descending, nulls: item.nulls ?? (descending ? 'last' : 'first') }];
  });
}

function orderExpression(
  { expression: node }: OrderItem,
  list: SelectList,
  lowering: ExpressionLowering,
): Ir | null {
  if (node.kind !== 'number' || !Number.isInteger(node.value)) {
    checkQuotedName(node, lowering.context, new Set(list.columns.map(({ name }) => name)));
    return lowering.value(node);
  }
  const column = list.positions[node.value - 1] ?? null;
  if (column === null) reportPosition(node.value, node, list.positions.length, lowering.context);
  return column;
}
