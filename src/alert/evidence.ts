/**
 * What a window can prove: how much of the truth its result saw, and why. A rule acts on windows
 * that are evidence and on no others.
 */
import type { Completeness } from '../wire/results.ts';
import type { DegradedPolicy } from './rule.ts';

export interface Grade {
  readonly isEvidence: boolean;
  /** Share of agents and events that the result saw, 0 … 1. */
  readonly share: number;
  /** Agents are missing, more than the rule bears with. */
  readonly isShort: boolean;
  /** For people; empty if the window is evidence. */
  readonly why: string;
}

/** Windows that began before anybody could have seen all of them. */
const UNSEEN: ReadonlySet<string> = new Set([
  'starting',
  'first-window',
  'open-window',
  'join-start',
  'shard-restart',
]);

/** The name of the stream follows. */
const SILENT_SOURCE = 'silent-source:';

export function gradeOf(completeness: Completeness, policy: DegradedPolicy): Grade {
  const agents = agentShare(completeness);
  const share = agents * eventShare(completeness);
  const { engine, source } = completeness;
  const isFew = source === 'silent' || (agents < policy.below && source !== 'none');
  // Whom an engine that is behind has not read yet is not missing; that it lags is told apart.
  const isUnread = isFew && source !== 'silent' && engine === 'behind';
  const isShort = isFew && !isUnread;
  const unseen = completeness.reasons.find((reason) => UNSEEN.has(reason));
  if (unseen !== undefined) return { isEvidence: false, share, isShort, why: unseen };
  // Where one side of a join is not fed, that nothing was met says nothing.
  const unfed = completeness.reasons.find((reason) => reason.startsWith(SILENT_SOURCE));
  if (unfed !== undefined) {
    const why = `nobody feeds ${unfed.slice(SILENT_SOURCE.length)}`;
    return { isEvidence: false, share, isShort: true, why };
  }
  if (source === 'none') {
    return { isEvidence: false, share, isShort, why: 'nobody offers the stream' };
  }
  if (isUnread) return { isEvidence: false, share, isShort, why: 'the engine is behind' };
  if (isShort) return { isEvidence: false, share, isShort, why: shortage(completeness) };
  if (share < policy.below) {
    const why = `only ${percent(share)} of the events were seen`;
    return { isEvidence: false, share, isShort, why };
  }
  return { isEvidence: true, share, isShort, why: '' };
}

/** Streams without agents (plain HTTP) have none to miss. */
function agentShare({ agents }: Completeness): number {
  return agents.expected === 0 ? 1 : agents.reporting / agents.expected;
}

function eventShare({ events }: Completeness): number {
  let lost = events.late;
  for (const count of Object.values(events.dropped)) lost += count;
  return lost === 0 ? 1 : events.seen / (events.seen + lost);
}

function shortage({ agents, source }: Completeness): string {
  if (source === 'silent') return 'no agent reports';
  const { expected, reporting } = agents;
  return `${reporting} of ${expected} agents report`;
}

function percent(share: number): string {
  return `${Math.floor(share * 1_000) / 10} %`;
}
