/**
 * Joins by nested loops over complete lists, as section "Joins" of docs/language.md tells them.
 * Shares no code with the join operators, which are tested against it.
 */
import type { JoinStage, JoinStep, StreamJoin, TableJoin } from '../ir/join.ts';
import type { ValueObject } from '../model/value.ts';
import { compareEvents } from './reference-event.ts';
import type { Evaluate, ReferenceEvent } from './reference-event.ts';
import { sampled } from './reference-sample.ts';
import { readsStream } from './reference-sources.ts';
import { equal, isTrue } from './reference-values.ts';

/** Rows by their key; the last of several with one key counts. */
export interface ReferenceTable {
  readonly keyColumn: string;
  readonly rows: readonly ValueObject[];
}

export type ReferenceTables = ReadonlyMap<string, ReferenceTable>;

/** The joined rows of all events, in order of time and then of the events they come from. */
export function joinedRows(
  stage: JoinStage,
  given: readonly ReferenceEvent[],
  tables: ReferenceTables,
  evaluate: Evaluate,
): readonly ReferenceEvent[] {
  const { alias, source } = stage.first;
  // So many events a second are those of all sides together.
  const events = source.sample?.kind === 'rps' ? sampled(source.sample, given) : given;
  let rows = sideEvents(stage.first, events, evaluate).map((one): ReferenceEvent => {
    return { ...one, event: { [alias]: one.event }, parts: [one] };
  });
  for (const step of stage.steps) {
    rows =
      step.kind === 'table'
        ? rows.flatMap((row) => withTableRow(step, row, tables, evaluate))
        : withStream(step, rows, events, evaluate);
  }
  return rows.toSorted(compareEvents);
}

function sideEvents(
  { pattern, source }: StreamJoin['side'],
  events: readonly ReferenceEvent[],
  evaluate: Evaluate,
): ReferenceEvent[] {
  const own = events.filter(({ stream }) => stream === undefined || readsStream(pattern, stream));
  const { sample, where } = source;
  const taken = sample?.kind === 'rps' ? own : sampled(sample, own);
  return taken.filter((one) => where === null || isTrue(evaluate(where, one, [])));
}

function withStream(
  step: StreamJoin,
  rows: readonly ReferenceEvent[],
  events: readonly ReferenceEvent[],
  evaluate: Evaluate,
): ReferenceEvent[] {
  const others = sideEvents(step.side, events, evaluate).map((one) => {
    return { one, keys: step.keys.map(({ event }) => evaluate(event, one, [])) };
  });
  return rows.flatMap((row) => {
    const keys = step.keys.map((key) => evaluate(key.row, row, []));
    const met = others
      .filter(({ one }) => Math.abs(one.timeMs - row.timeMs) < step.withinMs)
      .filter((other) => keys.every((key, i) => key !== null && equal(key, other.keys[i] ?? null)))
      .map(({ one }): ReferenceEvent => ({
        ...row,
        event: { ...row.event, [step.side.alias]: one.event },
        timeMs: Math.max(row.timeMs, one.timeMs),
        parts: [...(row.parts ?? []), one],
      }));
    return keptRows(step, row, met, evaluate);
  });
}

function withTableRow(
  step: TableJoin,
  row: ReferenceEvent,
  tables: ReferenceTables,
  evaluate: Evaluate,
): ReferenceEvent[] {
  const table = tables.get(step.table);
  const key = evaluate(step.key, row, []);
  const found = table?.rows.findLast((one) => {
    return key !== null && equal(one[table.keyColumn] ?? null, key);
  });
  const met = found === undefined ? [] : [{ ...row, event: { ...row.event, [step.alias]: found } }];
  return keptRows(step, row, met, evaluate);
}

function keptRows(
  { kind, on, type }: JoinStep,
  row: ReferenceEvent,
  met: readonly ReferenceEvent[],
  evaluate: Evaluate,
): ReferenceEvent[] {
  const kept = met.filter((one) => on === null || isTrue(evaluate(on, one, [])));
  return kept.length === 0 && type === 'left' ? [{ ...row, parts: withGap(kind, row) }] : kept;
}

/** A place for the event that was not met, so that the parts of all rows stand for the same. */
function withGap(
  kind: JoinStep['kind'],
  { parts = [] }: ReferenceEvent,
): readonly (ReferenceEvent | null)[] {
  return kind === 'table' ? parts : [...parts, null];
}
