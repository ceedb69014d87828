/** What a plan reads of joined rows, by the source that holds it. */
import type { Expression, FieldPath } from '../ir/expression.ts';
import { joinedPath, pathWithin } from '../ir/join.ts';
import type { QueryPlan } from '../ir/plan.ts';
import { pathText } from '../ir/path-text.ts';
import { mapFields, pathsOf } from '../ir/map-fields.ts';
import type { BatchField } from '../model/batch.ts';

/** Columns of one source as joined rows have them. */
export interface AliasFields {
  /** The source's own paths. */
  readonly paths: readonly FieldPath[];
  /** The columns' names in joined rows, in the same order. */
  readonly fields: readonly BatchField[];
}

/** What is read of the events of `alias`, each path once. */
export function aliasFields(plan: QueryPlan, alias: string): AliasFields {
  const found = new Map<string, FieldPath>();
  for (const path of joinedPaths(plan)) {
    const within = pathWithin(alias, path);
    if (within !== null) found.set(pathText(path), within);
  }
  return {
    paths: [...found.values()],
    fields: [...found.keys()].map((text) => ({ text, key: false })),
  };
}

/** An expression over a source's own event, over joined rows. */
export function overJoined(alias: string, expression: Expression): Expression {
  return mapFields(expression, (path) => ({ op: 'field', path: joinedPath(alias, path) }));
}

function joinedPaths({ aggregate, join, project, source }: QueryPlan): readonly FieldPath[] {
  const read: (Expression | null)[] = [source.where, ...project, ...(aggregate?.keys ?? [])];
  for (const { arg, filter } of aggregate?.aggregates ?? []) read.push(arg, filter);
  for (const step of join?.steps ?? []) {
    read.push(step.on);
    if (step.kind === 'table') read.push(step.key);
    else {
      const { alias } = step.side;
      for (const key of step.keys) read.push(key.row, overJoined(alias, key.event));
    }
  }
  return read.flatMap((expression) => (expression === null ? [] : pathsOf(expression)));
}
