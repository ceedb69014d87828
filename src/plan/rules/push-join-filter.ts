/**
 * Moves conditions that read one source of a join to where its events are made: of WHERE those that
 * read the first source or one that is joined by INNER; of ON those that read the new source only.
 * What a LEFT JOIN may leave out cannot move there from WHERE: `x.a IS NULL` holds for rows that
 * met nothing, too. Conditions that read a clock, and those over tables, stay.
 */
import type { Expression } from '../../ir/expression.ts';
import { pathWithin } from '../../ir/join.ts';
import type { JoinStage, StreamSide } from '../../ir/join.ts';
import { isPure, mapFields, pathsOf } from '../../ir/map-fields.ts';
import { conjunction, conjuncts } from '../conjuncts.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';
import { mapSides } from '../rewrite-join.ts';

export const pushJoinFilter: OptimizerRule = {
  name: 'push-join-filter',
  summary: 'moves conditions on one source of a join to that source',
  apply(plan) {
    if (plan.join === null) return plan;
    const moved = new Map<string, Expression[]>();
    const steps = plan.join.steps.map((step) => {
      if (step.kind === 'table' || step.on === null) return step;
      const { alias } = step.side;
      return { ...step, on: keepOthers(step.on, new Set([alias]), moved) };
    });
    const fixed = new Set([plan.join.first.alias, ...innerAliases(plan.join)]);
    const { where } = plan.source;
    const kept = where === null ? null : keepOthers(where, fixed, moved);
    return {
      ...plan,
      source: { ...plan.source, where: kept },
      join: mapSides({ ...plan.join, steps }, (side) => narrowed(side, moved)),
    };
  },
};

function innerAliases({ steps }: JoinStage): readonly string[] {
  return steps.flatMap((step) =>
    step.kind === 'stream' && step.type === 'inner' ? [step.side.alias] : [],
  );
}

/** What is left of a condition; the parts over one of the aliases are put to `moved`. */
function keepOthers(
  condition: Expression,
  aliases: ReadonlySet<string>,
  moved: Map<string, Expression[]>,
): Expression | null {
  const kept: Expression[] = [];
  for (const part of conjuncts(condition)) {
    const alias = onlyAlias(part, aliases);
    if (alias === null) {
      kept.push(part);
      continue;
    }
    const own = mapFields(part, (path) => ({ op: 'field', path: pathWithin(alias, path) ?? path }));
    const parts = moved.get(alias);
    if (parts === undefined) moved.set(alias, [own]);
    else parts.push(own);
  }
  return conjunction(kept);
}

function onlyAlias(part: Expression, aliases: ReadonlySet<string>): string | null {
  const paths = pathsOf(part);
  if (paths.length === 0 || !isPure(part)) return null;
  for (const alias of aliases) {
    if (paths.every((path) => pathWithin(alias, path) !== null)) return alias;
  }
  return null;
}

function narrowed(side: StreamSide, moved: ReadonlyMap<string, readonly Expression[]>): StreamSide {
  const parts = moved.get(side.alias);
  if (parts === undefined) return side;
  const before = side.source.where === null ? [] : conjuncts(side.source.where);
  return { ...side, source: { ...side.source, where: conjunction([...before, ...parts]) } };
}
