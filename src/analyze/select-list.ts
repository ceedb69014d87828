/**
 * The select list → output columns. Keys of an aggregate query that the list lacks come first; of
 * two columns with one name the later wins, with a warning.
 */
import type { ColumnItem, Expression, SelectItem, StarItem } from '../../grammar/ast.ts';
import type { Span } from '../../grammar/span.ts';
import { suggest } from '../../grammar/suggest.ts';
import type { Expression as Ir } from '../ir/expression.ts';
import { joinedPath } from '../ir/join.ts';
import type { OutputColumn } from '../ir/plan.ts';
import { pathOfSource } from '../ir/stream-path.ts';
import type { AnalysisContext } from './context.ts';
import { inferType } from './infer-type.ts';
import { keysWith, wholeEvent } from './lower-property.ts';
import { outputName } from './output-name.ts';
import { checkQuotedName } from './quoted-names.ts';
import type { RowLowering } from './row-leaves.ts';
import type { Slots } from './slots.ts';

export interface SelectList {
  /** As the result has them. */
  readonly columns: readonly OutputColumn[];
  /** As written, for `ORDER BY 2`; null for `*`. */
  readonly positions: readonly (Ir | null)[];
}

interface NamedColumn {
  readonly column: OutputColumn;
  readonly span: Span;
}

export function lowerSelectList(
  items: readonly SelectItem[],
  keys: readonly Expression[],
  slots: Slots,
  rows: RowLowering,
): SelectList {
  const { context } = rows.lowering;
  const written = items.map((item) => ({ item, ...lowerItem(item, keys.length, slots, rows) }));
  const missingKeys = keys.flatMap((key, index): NamedColumn[] => {
    if (written.some(({ column }) => isSlot(column.expression, index))) return [];
    const expression = slots.key(index);
    const name = outputName(key, context.sources);
    const type = slots.type(index);
    const column: OutputColumn = { name, expression, role: 'key', type, spread: false };
    return [{ column, span: key.span }];
  });
  return {
    columns: withoutDuplicates([...missingKeys, ...written], context),
    positions: written.map(({ item, column }) =>
      item.kind === 'column' ? column.expression : null,
    ),
  };
}

function lowerItem(
  item: SelectItem,
  keyCount: number,
  slots: Slots,
  rows: RowLowering,
): NamedColumn {
  const { context } = rows.lowering;
  if (item.kind !== 'column') {
    if (slots.aggregating)
      reportFirstValue(item.span, item.kind === 'star' ? '*' : 'e[^…]', context);
    return { column: spreadColumn(item, slots, context), span: item.span };
  }
  const { expression: node } = item;
  if (item.alias === null) checkQuotedName(node, context);
  const name = item.alias ?? outputName(node, context.sources);
  const expression = rows.lowering.value(node);
  if (rows.takeFirstValueUse() && slots.aggregating) reportFirstValue(node.span, name, context);
  const isKey = slots.aggregating && expression.op === 'slot' && expression.index < keyCount;
  const type = inferType(expression, rows.lowering.leaves.types);
  const role = isKey ? 'key' : 'value';
  return { column: { name, expression, role, type, spread: false }, span: item.span };
}

function spreadColumn(
  item: Exclude<SelectItem, ColumnItem>,
  slots: Slots,
  context: AnalysisContext,
): OutputColumn {
  const read = item.kind === 'prefix' ? keysWith(item.prefix, context) : readStar(item, context);
  const name = item.kind === 'prefix' ? `${item.prefix}*` : '*';
  const expression = slots.event(read);
  return { name, expression, role: 'value', type: 'object', spread: true };
}

function readStar({ alias, span }: StarItem, context: AnalysisContext): Ir {
  const { sources, report } = context;
  if (alias === null) return wholeEvent(context);
  if (!sources.hasAlias(alias)) {
    const near = suggest(alias, sources.aliasNames);
    report.add('MQL_UNKNOWN_ALIAS', span, `no source has the alias \`${alias}\``, {
      hint: near === null ? undefined : `Did you mean \`${near}.*\`?`,
    });
  }
  if (sources.joined !== null) return { op: 'field', path: joinedPath(alias, []) };
  const merged = sources.mergedAs(alias);
  return { op: 'field', path: merged === null ? [] : pathOfSource(merged.pattern, []) };
}

function reportFirstValue(span: Span, name: string, context: AnalysisContext): void {
  const message = `\`${name}\` is no group key: it takes the first event's value`;
  context.report.add('MQL_FIRST_VALUE', span, message, {
    hint: 'Add it to GROUP BY, or aggregate it.',
  });
}

function withoutDuplicates(
  named: readonly NamedColumn[],
  context: AnalysisContext,
): readonly OutputColumn[] {
  const last = new Map(named.map(({ column }, index) => [column.name, index]));
  const kept: OutputColumn[] = [];
  for (const [index, { column }] of named.entries()) {
    const winner = last.get(column.name) ?? index;
    if (winner === index) {
      kept.push(column);
      continue;
    }
    const message = `two columns are called \`${column.name}\`; the later one counts`;
    const span = named[winner]?.span ?? { start: 0, end: 0 };
    context.report.add('MQL_DUPLICATE_COLUMN', span, message, { hint: 'Rename one with AS.' });
  }
  return kept;
}

function isSlot(expression: Ir, index: number): boolean {
  return expression.op === 'slot' && expression.index === index;
}
