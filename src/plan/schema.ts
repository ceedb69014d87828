/** The columns of a plan's result rows, as the `schema` message announces them. */
import type { QueryPlan } from '../ir/plan.ts';
import { unitOf } from './column-units.ts';
import type { ResultColumn, ResultWarning, SchemaMessage } from '../wire/results.ts';

type Described = Pick<QueryPlan, 'window' | 'final' | 'aggregate' | 'project'>;

export function resultColumns(plan: Described): readonly ResultColumn[] {
  const columns = plan.final.columns.map(({ name, type, role, expression }): ResultColumn => {
    const unit = unitOf(expression, plan);
    return { name, type, ...(unit === null ? {} : { unit }), role };
  });
  return plan.window.kind === 'none' ? columns : [...WINDOW_COLUMNS, ...columns];
}

export function schemaMessage(
  plan: QueryPlan,
  queryId: string,
  warnings: readonly ResultWarning[],
): SchemaMessage {
  const columns = resultColumns(plan);
  const { window } = plan;
  return {
    type: 'schema',
    query: queryId,
    canonical: plan.canonical,
    columns,
    keys: columns.filter((column) => column.role === 'key').map((column) => column.name),
    windowMs: window.kind === 'time' ? window.sizeMs : null,
    slideMs: window.kind === 'time' ? window.slideMs : null,
    warnings,
  };
}

const WINDOW_COLUMNS: readonly ResultColumn[] = [
  { name: 'window_start', type: 'number', unit: 'ms', role: 'window' },
  { name: 'window_end', type: 'number', unit: 'ms', role: 'window' },
];
