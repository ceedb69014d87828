/** Which parts of the events of each side a join and the stages behind it read. */
import type { FieldPath } from '../ir/expression.ts';
import { pathWithin } from '../ir/join.ts';
import type { JoinStage, StreamSide } from '../ir/join.ts';
import { pathsOf } from '../ir/map-fields.ts';
import { eventExpressions } from './logical-plan.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { mapSides, rowsRead } from './rewrite-join.ts';

/** The join with each side's fields, each once, in order of first use. */
export function withJoinFields(plan: LogicalPlan, join: JoinStage): JoinStage {
  const joined = joinedPaths(plan, join);
  return mapSides(join, (side) => {
    const fields = new Map<string, FieldPath>();
    for (const path of pathsOfSide(side, joined, join)) {
      if (path.length > 0) fields.set(JSON.stringify(path), path);
    }
    return { ...side, source: { ...side.source, fields: [...fields.values()] } };
  });
}

/** The join with `allFields` only where something reads the whole event of a side. */
export function withWholeSides(plan: LogicalPlan, join: JoinStage): JoinStage {
  const joined = joinedPaths(plan, join);
  return mapSides(join, (side) => {
    const allFields = pathsOfSide(side, joined, join).some((path) => path.length === 0);
    return { ...side, source: { ...side.source, allFields } };
  });
}

function joinedPaths(plan: LogicalPlan, join: JoinStage): readonly FieldPath[] {
  return [...eventExpressions(plan), ...rowsRead(join)].flatMap(pathsOf);
}

/** Paths of the side's own events that anything reads. */
function pathsOfSide(
  { alias, source }: StreamSide,
  joined: readonly FieldPath[],
  { steps }: JoinStage,
): readonly FieldPath[] {
  const own = steps.flatMap((step) =>
    step.kind === 'stream' && step.side.alias === alias ? step.keys.map(({ event }) => event) : [],
  );
  if (source.where !== null) own.push(source.where);
  const within = joined.map((path) => pathWithin(alias, path)).filter((path) => path !== null);
  return [...own.flatMap(pathsOf), ...within];
}
