/**
 * A join is worth as much as the worse of its sources: where nobody feeds one of them, hardly
 * anything can meet, however well the others are. Such a source is named.
 */
import { streamSides } from '../ir/join.ts';
import type { JoinStage } from '../ir/join.ts';
import type { Completeness } from '../wire/results.ts';
import type { SourceGroup } from './source-group.ts';

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
