/** Changes of a join stage's expressions and of its sides, for the optimizer's rules. */
import type { Expression } from '../ir/expression.ts';
import type { JoinStage, JoinStep, StreamSide } from '../ir/join.ts';

/** Changes one expression into an equal one. */
export type Rewrite = (expression: Expression) => Expression;

/**
 * How an expression is used: only the truth of a condition counts (null and false are false, all
 * else is true), so a condition may become another value of the same truth.
 */
export interface Rewrites {
  readonly value: Rewrite;
  readonly condition: Rewrite;
}

/** The stage with every expression rewritten. */
export function rewriteJoin(stage: JoinStage, { value, condition }: Rewrites): JoinStage {
  const optional = (node: Expression | null): Expression | null =>
    node === null ? null : condition(node);
  const steps = stage.steps.map((step): JoinStep => {
    const on = optional(step.on);
    if (step.kind === 'table') return { ...step, on, key: value(step.key) };
    const keys = step.keys.map(({ row, event }) => ({ row: value(row), event: value(event) }));
    return { ...step, on, keys };
  });
  return mapSides({ ...stage, steps }, (side) => {
    return { ...side, source: { ...side.source, where: optional(side.source.where) } };
  });
}

/** The stage with each of its streams changed. */
export function mapSides(stage: JoinStage, change: (side: StreamSide) => StreamSide): JoinStage {
  return {
    first: change(stage.first),
    steps: stage.steps.map((step) => {
      return step.kind === 'table' ? step : { ...step, side: change(step.side) };
    }),
  };
}

/** Every expression over joined rows that the join itself evaluates. */
export function rowsRead(stage: JoinStage): readonly Expression[] {
  return stage.steps.flatMap((step) => {
    const keys = step.kind === 'table' ? [step.key] : step.keys.map(({ row }) => row);
    return step.on === null ? keys : [...keys, step.on];
  });
}
