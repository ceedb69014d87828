/**
 * Joins as data. A joined row is an event whose top-level keys are the aliases of the sources it
 * came from, each holding that source's event: `{p: {…}, x: {…}}`. So every stage behind a join
 * reads paths that begin with the exact key of an alias, and needs to know nothing else of joins.
 *
 * Steps are taken in order, each between the rows so far and one more source. The time of a joined
 * row is the later of its two times; a row of a LEFT JOIN that met nothing keeps its own.
 */
import type { Expression, FieldPath } from './expression.ts';
import type { SourcePattern, SourceStage } from './plan.ts';

export interface JoinStage {
  readonly first: StreamSide;
  /** At least one. */
  readonly steps: readonly JoinStep[];
}

/** One stream of a join and what is asked of its events where they are made. */
export interface StreamSide {
  /** The key of joined rows that holds the event; unique within the stage. */
  readonly alias: string;
  readonly pattern: SourcePattern;
  /** Paths are the event's own, without the alias. */
  readonly source: SourceStage;
}

export type JoinStep = StreamJoin | TableJoin;

interface JoinBase {
  /** `left`: a row that meets nothing passes once, without this alias. */
  readonly type: 'inner' | 'left';
  /** Over the joined row, this step's alias included; decides besides the keys. Null: nothing. */
  readonly on: Expression | null;
}

/** Events of two streams whose keys are equal and whose times are less than `withinMs` apart. */
export interface StreamJoin extends JoinBase {
  readonly kind: 'stream';
  readonly side: StreamSide;
  /** Above 0. */
  readonly withinMs: number;
  /** At least one. Null equals nothing here: an event without a key meets no other. */
  readonly keys: readonly JoinKey[];
}

export interface JoinKey {
  /** Over the rows so far. */
  readonly row: Expression;
  /** Over an event of the new source, paths without its alias. */
  readonly event: Expression;
}

/** The row of a table whose key column equals `key`; at most one. */
export interface TableJoin extends JoinBase {
  readonly kind: 'table';
  readonly alias: string;
  readonly table: string;
  /** Over the rows so far. */
  readonly key: Expression;
  readonly keyColumn: string;
}

export function aliasOf(step: JoinStep): string {
  return step.kind === 'stream' ? step.side.alias : step.alias;
}

/** Every stream that a join reads, in the order they are written. */
export function streamSides(stage: JoinStage): readonly StreamSide[] {
  return [
    stage.first,
    ...stage.steps.flatMap((step) => (step.kind === 'stream' ? [step.side] : [])),
  ];
}

/** Names of the tables that a join looks up, each once. */
export function tablesOf(stage: JoinStage | null): readonly string[] {
  const names = (stage?.steps ?? []).flatMap((step) => (step.kind === 'table' ? [step.table] : []));
  return [...new Set(names)];
}

/** Some step matches events of two streams, which needs all of both in one place. */
export function joinsStreams(stage: JoinStage | null): boolean {
  return stage !== null && stage.steps.some((step) => step.kind === 'stream');
}

/**
 * How long after its own time a row may come out of the join: rows of LEFT JOINs are only known to
 * meet nothing once everything near them has come.
 */
export function joinDelayMs(stage: JoinStage | null): number {
  let delayMs = 0;
  for (const step of stage?.steps ?? []) {
    if (step.kind === 'stream' && step.type === 'left') delayMs = Math.max(delayMs, step.withinMs);
  }
  return delayMs;
}

/** Events that lie so far apart never come into one row. */
export function joinReachMs(stage: JoinStage | null): number {
  let reachMs = 0;
  for (const step of stage?.steps ?? []) if (step.kind === 'stream') reachMs += step.withinMs;
  return reachMs;
}

/** The path of a source's event, seen from a joined row. */
export function joinedPath(alias: string, path: FieldPath): FieldPath {
  return [{ by: 'key', key: alias }, ...path];
}

/** The rest of a joined row's path that lies in the event of `alias`; null: it is another's. */
export function pathWithin(alias: string, path: FieldPath): FieldPath | null {
  const [first, ...rest] = path;
  return first?.by === 'key' && first.key === alias ? rest : null;
}
