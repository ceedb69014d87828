/**
 * What the optimizer's rules rewrite: a plan without the parts that only name it. Rules keep its
 * meaning: the same rows for the same events, whatever subset of them runs.
 */
import type { Expression } from '../ir/expression.ts';
import type { AggregateSpec, FinalStage, QueryPlan, SeriesStage } from '../ir/plan.ts';
import { rewriteJoin } from './rewrite-join.ts';
import type { Rewrite, Rewrites } from './rewrite-join.ts';

export type LogicalPlan = Omit<QueryPlan, 'version' | 'fingerprint' | 'canonical'>;

/** The plan with every expression of every stage rewritten. */
export function rewritePlan(plan: LogicalPlan, rewrites: Rewrites): LogicalPlan {
  const { value, condition } = rewrites;
  const optional = (node: Expression | null): Expression | null =>
    node === null ? null : condition(node);
  const { aggregate } = plan;
  return {
    ...plan,
    source: { ...plan.source, where: optional(plan.source.where) },
    join: plan.join === null ? null : rewriteJoin(plan.join, rewrites),
    aggregate:
      aggregate === null
        ? null
        : {
            ...aggregate,
            keys: aggregate.keys.map(value),
            aggregates: aggregate.aggregates.map((spec) => ({
              ...spec,
              arg: spec.arg === null ? null : value(spec.arg),
              filter: optional(spec.filter),
            })),
          },
    project: plan.project.map(value),
    series: plan.series === null ? null : rewriteSeries(plan.series, value),
    final: { ...rewriteFinal(plan.final, value), having: optional(plan.final.having) },
  };
}

function rewriteSeries({ groupBy, functions }: SeriesStage, value: Rewrite): SeriesStage {
  return {
    groupBy: groupBy.map(value),
    functions: functions.map((spec) => ({ ...spec, arg: value(spec.arg) })),
  };
}

/** The final stage with every expression but HAVING rewritten. */
function rewriteFinal(final: FinalStage, value: Rewrite): FinalStage {
  return {
    ...final,
    columns: final.columns.map((column) => ({ ...column, expression: value(column.expression) })),
    arrangeBy: final.arrangeBy.map(value),
    orderBy: final.orderBy.map((key) => ({ ...key, expression: value(key.expression) })),
  };
}

/** Slots of a row before the results of functions over series. */
export function slotsBeforeSeries({
  aggregate,
  project,
}: Pick<QueryPlan, 'aggregate' | 'project'>): number {
  return aggregate === null ? project.length : aggregate.keys.length + aggregate.aggregates.length;
}

/** Every expression over events, or over joined rows where there is a join; WHERE included. */
export function eventExpressions(plan: LogicalPlan): readonly Expression[] {
  const { aggregate, project, source } = plan;
  const used = [...project, ...(aggregate?.keys ?? [])];
  for (const spec of aggregate?.aggregates ?? []) used.push(...specExpressions(spec));
  return source.where === null ? used : [source.where, ...used];
}

/** Every expression that is evaluated over the slots of result rows. */
export function rowExpressions({ final, series }: LogicalPlan): readonly Expression[] {
  const used = [
    ...(series?.groupBy ?? []),
    ...(series?.functions ?? []).map((spec) => spec.arg),
    ...final.columns.map((column) => column.expression),
    ...final.arrangeBy,
    ...final.orderBy.map((key) => key.expression),
  ];
  return final.having === null ? used : [...used, final.having];
}

function specExpressions(spec: AggregateSpec): readonly Expression[] {
  return [spec.arg, spec.filter].filter((node) => node !== null);
}
