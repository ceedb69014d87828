/** Which parts of an event the expressions of one query read, each once. */
import type { Expression, FieldPath } from '../ir/expression.ts';
import { mapFields } from '../ir/map-fields.ts';
import type { AggregateStage } from '../ir/plan.ts';

export function fieldsOf(where: Expression | null, stage: AggregateStage | null): FieldPath[] {
  const paths = new Map<string, FieldPath>();
  const collect = (expression: Expression | null): void => {
    if (expression === null) return;
    mapFields(expression, (path) => {
      paths.set(JSON.stringify(path), path);
      return { op: 'field', path };
    });
  };
  collect(where);
  for (const key of stage?.keys ?? []) collect(key);
  for (const { arg, filter } of stage?.aggregates ?? []) {
    collect(arg);
    collect(filter);
  }
  return [...paths.values()];
}
