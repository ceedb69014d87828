/** Lowering over events: properties are fields, and an aggregate has no place. */
import type { Expression } from '../../grammar/ast.ts';
import type { FieldPath } from '../ir/expression.ts';
import { pathWithin } from '../ir/join.ts';
import type { ColumnType } from '../ir/plan.ts';
import { isAggregateName } from './aggregate-names.ts';
import { NULL } from './ir-nodes.ts';
import { isSeriesName, refuseSeries } from './series-names.ts';
import { ExpressionLowering } from './lower-expression.ts';
import type { Leaves } from './lowering.ts';
import type { LeafTypes } from './infer-type.ts';
import type { AnalysisContext } from './context.ts';

/** @param place Where the expression stands, for the message: `WHERE`, `an aggregate`. */
export function eventLowering(context: AnalysisContext, place: string): ExpressionLowering {
  const leaves: Leaves = {
    types: fieldTypes(context),
    list: (path) => ({ op: 'field', path }),
    isColumn: () => false,
    intercept(node: Expression) {
      if (node.kind !== 'call') return null;
      if (isSeriesName(node.name)) return refuseSeries(node, place, context);
      if (!isAggregateName(node.name)) return null;
      const nested = place === 'an aggregate';
      const code = nested ? 'MQL_NESTED_AGGREGATE' : 'MQL_AGGREGATE_NOT_ALLOWED';
      const message = `${node.name.toUpperCase()} cannot stand in ${place}`;
      context.report.add(code, node.span, message, {
        hint: place === 'WHERE' ? 'Put it in HAVING.' : undefined,
      });
      return NULL;
    },
  };
  return new ExpressionLowering(context, leaves);
}

export function fieldTypes(context: AnalysisContext): LeafTypes {
  return { field: (path) => pathType(path, context), slot: () => 'any' };
}

function pathType(path: FieldPath, context: AnalysisContext): ColumnType {
  const { sources } = context;
  if (sources.joined === null) return sources.fieldType(nameOf(path) ?? '');
  for (const { alias, fields } of sources.joined) {
    const within = pathWithin(alias, path);
    if (within === null) continue;
    if (within.length === 0) return 'object';
    return fields.get(nameOf(within) ?? '')?.type ?? 'any';
  }
  return 'any';
}

/** Null: the path does not only go by names. */
function nameOf(path: FieldPath): string | null {
  const names: string[] = [];
  for (const step of path) {
    if (step.by === 'name') names.push(step.name);
    else if (step.by === 'key') names.push(step.key);
    else return null;
  }
  return names.join('.');
}
