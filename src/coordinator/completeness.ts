/**
 * How much of the truth a result saw. The three ways a number can be low are kept apart: nothing
 * happened (`traffic: zero`), those who would know are missing (`source: silent | partly | none`),
 * or the engine itself lags (`engine: behind`).
 */
import type { Completeness } from '../wire/results.ts';
import { NO_LOSSES } from './counts.ts';
import type { Counts } from './counts.ts';
import type { RosterAgent } from './roster.ts';
import type { Standing } from './source-group.ts';

const MISSING_NAMES_MAX = 10;

export interface CompletenessFacts {
  readonly pipeline: string;
  readonly standing: Standing;
  /** As clients are told: it never goes back. */
  readonly watermark: number;
  /** The window; running results pass their start and now. */
  readonly startMs: number;
  readonly endMs: number;
  /** False: a running value or rows as they come, which begin when they are asked for. */
  readonly isWindow: boolean;
  /** An agent reports if its watermark has reached this: the window's end. */
  readonly passedMs: number;
  readonly nowMs: number;
  /** The earliest event time this pipeline evaluates at all. */
  readonly pipelineSinceMs: number;
  /** What went wrong with earlier parts of a window that overlaps the one before. */
  readonly inherited: readonly string[];
  /** Reasons that hold whatever the agents say: `starting`, `shard-restart`. */
  readonly partialReasons: readonly string[];
  /** A window's result leaves later than agents could make it. */
  readonly isOverdue: boolean;
  /** The share of events that the query's sample takes, 0 … 1. */
  readonly sampleFactor: number;
  readonly seen: number;
  readonly matched: number;
  readonly late: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly isLive: (agent: RosterAgent) => boolean;
  /** What it said waits in the engine. */
  readonly isUnread: (agent: RosterAgent) => boolean;
  readonly streams: readonly string[];
}

export function completenessFrom(facts: CompletenessFacts): Completeness {
  const { standing, startMs, endMs } = facts;
  const missing: string[] = [];
  let reporting = 0;
  let live = 0;
  let isBehind = facts.isOverdue;
  let sinceMs = facts.pipelineSinceMs;
  for (const agent of standing.expected) {
    if (facts.isLive(agent)) live++;
    const activeMs = agent.activeSinceMs.get(facts.pipeline);
    if (!hasPassed(agent, facts.streams, facts.passedMs) || activeMs === undefined) {
      missing.push(agent.identity.id);
      isBehind ||= facts.isUnread(agent);
      continue;
    }
    reporting++;
    // A process that began after the window's start was asked from its first event on. It dates
    // itself by its own clock.
    const isNewProcess = agent.identity.incarnation - agent.offsetMs >= startMs;
    if (!isNewProcess) sinceMs = Math.max(sinceMs, activeMs);
  }
  const coveredMs = Math.max(0, Math.min(endMs - startMs, endMs - sinceMs));
  const reasons = degradingReasons(facts, missing.length > 0, isBehind);
  const isDegraded = reasons.length > 0;
  reasons.push(...facts.partialReasons);
  if (facts.isWindow && coveredMs < endMs - startMs) reasons.push('first-window');
  return {
    status: isDegraded ? 'degraded' : reasons.length > 0 ? 'partial' : 'complete',
    reasons,
    agents: {
      expected: standing.expected.length,
      reporting,
      missing: missing.slice(0, MISSING_NAMES_MAX),
    },
    events: { seen: facts.seen, matched: facts.matched, late: facts.late, dropped: facts.dropped },
    sampleFactor: facts.sampleFactor * keptShare(facts.seen, facts.dropped),
    coveredMs,
    traffic: facts.seen > 0 ? 'flowing' : 'zero',
    source: sourceState(standing, live, missing.length),
    engine: isBehind ? 'behind' : 'current',
    watermark: facts.watermark,
    emittedAt: Math.floor(facts.nowMs),
  };
}

function degradingReasons(
  facts: CompletenessFacts,
  isMissing: boolean,
  isBehind: boolean,
): string[] {
  const { startMs, endMs, standing } = facts;
  const reasons = [...facts.inherited];
  if (isMissing) addReason(reasons, 'agents-missing');
  if (facts.dropped !== NO_LOSSES) addDropped(reasons, facts.dropped);
  if (facts.late > 0) addReason(reasons, 'late');
  if (standing.crashes.some(({ fromMs, toMs }) => fromMs < endMs && toMs > startMs)) {
    addReason(reasons, 'agent-restarted');
  }
  if (isBehind) addReason(reasons, 'behind');
  return reasons;
}

function addDropped(reasons: string[], dropped: Counts): void {
  if (Object.keys(dropped).length > 0) addReason(reasons, 'dropped');
  for (const reason of ['shed', 'quota']) {
    if ((dropped[reason] ?? 0) > 0) addReason(reasons, reason);
  }
  if ((dropped['agent_shed'] ?? 0) > 0) addReason(reasons, 'agent-shed');
}

/** Each once; they are few. */
function addReason(reasons: string[], reason: string): void {
  if (!reasons.includes(reason)) reasons.push(reason);
}

/**
 * Of what agents were given, the share that they looked at: a budget may make them leave out some.
 * 1 while nothing is known to have been seen.
 */
export function keptShare(seen: number, dropped: Readonly<Record<string, number>>): number {
  const shed = dropped['agent_shed'] ?? 0;
  return shed === 0 || seen === 0 ? 1 : seen / (seen + shed);
}

/** Some agent that is expected to has not passed `ms`. */
export function someMissing(standing: Standing, streams: readonly string[], ms: number): boolean {
  return standing.expected.some((agent) => !hasPassed(agent, streams, ms));
}

function hasPassed(agent: RosterAgent, streams: readonly string[], endMs: number): boolean {
  if (agent.lostAtMs !== null) return false;
  for (const name of streams) {
    const stream = agent.streams.get(name);
    if (stream !== undefined && stream.watermarkMs < endMs) return false;
  }
  return true;
}

function sourceState(standing: Standing, live: number, missing: number): Completeness['source'] {
  if (!standing.offered) return 'none';
  if (standing.expected.length === 0) return standing.ingested ? 'live' : 'silent';
  if (live === 0) return standing.ingested ? 'partly' : 'silent';
  return missing > 0 ? 'partly' : 'live';
}
