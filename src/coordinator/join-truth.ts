/**
 * A join is worth as much as the worse of its sources: where nobody feeds one of them, hardly
 * anything can meet, however well the others are. Such a source is named.
 */
import { streamSides, tablesOf } from '../ir/join.ts';
import type { JoinStage } from '../ir/join.ts';
import type { Completeness } from '../wire/results.ts';
import type { SourceGroup } from './source-group.ts';
import type { TableDesk } from './table-desk.ts';

export type TableStandings = Pick<TableDesk, 'standing'>;

export function withSides(
  own: Completeness,
  join: JoinStage | null,
  group: Pick<SourceGroup, 'unfed'>,
  nowMs: number,
): Completeness {
  // Agents of an engine that has just started are still on their way.
  if (join === null || own.reasons.includes('starting')) return own;
  const unfed = group.unfed(
    streamSides(join).map(({ pattern }) => pattern),
    nowMs,
  );
  if (unfed.length === 0) return own;
  const names = [...new Set(unfed)].map((name) => `silent-source:${name}`);
  return {
    ...own,
    status: 'degraded',
    reasons: [...names, ...own.reasons],
    source: own.source === 'live' ? 'partly' : own.source,
  };
}

/**
 * Names the versions of the tables that a join looks up. Events from `affectedMs` on are evaluated
 * for the result; if some shard may have found another version then or later, it says that too.
 */
export function withTables(
  own: Completeness,
  join: JoinStage | null,
  tables: TableStandings,
  { affectedMs, nowMs }: { readonly affectedMs: number; readonly nowMs: number },
): Completeness {
  const names = tablesOf(join);
  if (names.length === 0) return own;
  const standings = names.map((name) => ({ name, ...tables.standing(name, nowMs) }));
  const versions = Object.fromEntries(standings.map(({ name, version = 0 }) => [name, version]));
  const isMixed = standings.some(({ settledMs = -Infinity }) => affectedMs <= settledMs);
  if (!isMixed) return { ...own, tables: versions };
  return {
    ...{ ...own, tables: versions, reasons: [...own.reasons, 'table-changed'] },
    status: own.status === 'complete' ? 'partial' : own.status,
  };
}
