/**
 * Properties of one source of several (`from plays p, errors x`: `p.title`). In a plan such a path
 * begins with the streams of its source. Where one stream is meant the step is gone: what agents
 * are asked for knows the path itself, or null where their stream is another.
 */
import type { Expression, FieldPath } from './expression.ts';
import { globMatches } from './glob.ts';
import { mapFields } from './map-fields.ts';
import type { AggregateStage, SourcePattern, SourceStage } from './plan.ts';

/** `path` of events of the source's streams. */
export function pathOfSource({ pattern, glob }: SourcePattern, path: FieldPath): FieldPath {
  return [{ by: 'stream', pattern, glob }, ...path];
}

/** Without its streams, whichever they are. */
export function pathOfAny(path: FieldPath): FieldPath {
  return path[0]?.by === 'stream' ? path.slice(1) : path;
}

/** What the path reads of an event of `stream`; null: nothing. */
export function pathIn(stream: string, path: FieldPath): FieldPath | null {
  const [first] = path;
  if (first?.by !== 'stream') return path;
  return globMatches(first, stream) ? path.slice(1) : null;
}

/** Whether some path is read of some of the streams only. */
export function hasStreams(paths: readonly FieldPath[]): boolean {
  return paths.some(([first]) => first?.by === 'stream');
}

/** The stage for events of one stream. */
export function sourceStageIn(stream: string, source: SourceStage): SourceStage {
  const paths = pathsIn(source.fields, (path) => pathIn(stream, path));
  const { where } = source;
  return {
    ...source,
    where: where === null ? null : expressionIn(stream, where),
    fields: paths.fields,
    allFields: source.allFields || paths.whole,
  };
}

/** The stage for all streams together. */
export function sourceStageOfAll(source: SourceStage): SourceStage {
  if (!hasStreams(source.fields)) return source;
  const paths = pathsIn(source.fields, pathOfAny);
  return { ...source, fields: paths.fields, allFields: source.allFields || paths.whole };
}

/** The stage for events of one stream. */
export function aggregateStageIn(stream: string, stage: AggregateStage): AggregateStage {
  const optional = (node: Expression | null): Expression | null =>
    node === null ? null : expressionIn(stream, node);
  return {
    ...stage,
    keys: stage.keys.map((key) => expressionIn(stream, key)),
    aggregates: stage.aggregates.map((spec) => {
      return { ...spec, arg: optional(spec.arg), filter: optional(spec.filter) };
    }),
  };
}

/** The paths that one stream has, each once. */
export function fieldsIn(stream: string, fields: readonly FieldPath[]): readonly FieldPath[] {
  return hasStreams(fields) ? pathsIn(fields, (path) => pathIn(stream, path)).fields : fields;
}

function expressionIn(stream: string, expression: Expression): Expression {
  return mapFields(expression, (given) => {
    const path = pathIn(stream, given);
    return path === null ? { op: 'literal', value: null } : { op: 'field', path };
  });
}

function pathsIn(
  fields: readonly FieldPath[],
  read: (path: FieldPath) => FieldPath | null,
): { readonly fields: readonly FieldPath[]; readonly whole: boolean } {
  const found = new Map<string, FieldPath>();
  let whole = false;
  for (const field of fields) {
    const path = read(field);
    if (path?.length === 0) whole = true;
    else if (path !== null) found.set(JSON.stringify(path), path);
  }
  return { fields: [...found.values()], whole };
}
