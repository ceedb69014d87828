/**
 * `ANOMALY mad column α β` → a function over the series of result rows and the column `anomalous`,
 * which HAVING and ORDER BY may name. Rows come in order, per group: the windows of an aggregate
 * query, or the events of a plain select.
 */
import type { Query } from '../../grammar/ast.ts';
import type { OutputColumn } from '../ir/plan.ts';
import { MANTIS_MAD } from '../series/mantis-mad.ts';
import type { AnalysisContext } from './context.ts';
import { constantNumber } from './lower-aggregate.ts';
import type { RowLowering } from './row-leaves.ts';
import type { SelectList } from './select-list.ts';
import type { Slots } from './slots.ts';

const COLUMN = 'anomalous';

/** The list with `anomalous` behind its columns; the list itself without the clause. */
export function withAnomaly(
  query: Query,
  list: SelectList,
  slots: Slots,
  { lowering }: RowLowering,
): SelectList {
  const { anomaly } = query;
  const { context } = lowering;
  if (anomaly === null || !checkPlace(query, slots, context)) return list;
  const arg = lowering.value(anomaly.column);
  const parameters: number[] = [];
  for (const node of anomaly.parameters) {
    const value = constantNumber(node, context);
    if (value === null) {
      const message = 'the step and the factor of ANOMALY must be numbers';
      context.report.add('MQL_ARGUMENTS', node.span, message, { hint: MANTIS_MAD.signature });
      return list;
    }
    parameters.push(value);
  }
  const expression = slots.series({ name: MANTIS_MAD.name, arg, parameters });
  const column = {
    name: COLUMN,
    expression,
    role: 'value',
    type: 'boolean',
    spread: false,
  } as const;
  return { ...list, columns: [...others(list.columns, anomaly.span, context), column] };
}

function checkPlace(query: Query, slots: Slots, { report }: AnalysisContext): boolean {
  const span = query.anomaly?.span ?? query.span;
  const kind = query.window?.kind ?? null;
  if (slots.aggregating ? kind !== 'time-window' : kind !== null && kind !== 'time-window') {
    const message = 'ANOMALY compares results of windows: it needs a WINDOW of time';
    report.add('MQL_SERIES_WINDOW', span, message, { hint: MANTIS_MAD.example });
    return false;
  }
  if (slots.aggregating || query.lateness === null) return true;
  const message = 'ANOMALY over events cannot be amended: each event is compared with those before';
  report.add('MQL_SERIES_NOT_ALLOWED', span, message, { hint: 'Leave LATENESS out.' });
  return false;
}

function others(
  columns: readonly OutputColumn[],
  span: { readonly start: number; readonly end: number },
  { report }: AnalysisContext,
): readonly OutputColumn[] {
  const kept = columns.filter(({ name }) => name !== COLUMN);
  if (kept.length < columns.length) {
    const message = `two columns are called \`${COLUMN}\`; that of ANOMALY counts`;
    report.add('MQL_DUPLICATE_COLUMN', span, message, { hint: 'Rename yours with AS.' });
  }
  return kept;
}
