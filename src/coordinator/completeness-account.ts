/**
 * What a pipeline knows of how much of the truth its results saw: losses since the last one, damage
 * that sliding windows inherit, state that went with a shard, and the watermark as clients know it.
 * `completeness.ts` makes the statement; this keeps what has to be remembered for it.
 */
import type { Config } from '../config.ts';
import { joinDelayMs, joinReachMs } from '../ir/join.ts';
import { takenShare } from '../ir/sample.ts';
import { sampleOf } from '../ir/source-stage.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { PanesMessage } from '../shard/messages.ts';
import type { Completeness } from '../wire/results.ts';
import { completenessFrom, someMissing } from './completeness.ts';
import { NO_LOSSES } from './counts.ts';
import type { Counts } from './counts.ts';
import { withSides, withTables } from './join-truth.ts';
import type { TableStandings } from './join-truth.ts';
import { LossWatch } from './loss-watch.ts';
import type { RosterAgent } from './roster.ts';
import type { SourceGroup } from './source-group.ts';
import { isRunning } from './subscription.ts';
import { handDown } from './view-truth.ts';

export interface AccountParts {
  /** The pipeline as agents know it. */
  readonly stage: string;
  readonly plan: QueryPlan;
  readonly group: SourceGroup;
  readonly config: Config;
  /** When the engine started: nobody is called silent before its agents had time to come. */
  readonly engineStartedMs: number;
  /** Everybody who was there before the engine started is back. */
  readonly isRosterComplete: () => boolean;
  readonly isLive: (agent: RosterAgent, nowMs: number) => boolean;
  readonly isUnread: (agent: RosterAgent, nowMs: number) => boolean;
  readonly tables: TableStandings;
  /** Whether agents leave out others before it. */
  readonly isStanding: () => boolean;
  /** Agents say of each query what it saw, and not only what some query saw. */
  readonly isEdge: boolean;
  /** The earliest event time that the pipeline evaluates at all. */
  readonly sinceMs: () => number;
}

/** What a result speaks of. */
export interface ResultSpan {
  readonly startMs: number;
  readonly endMs: number;
  /** True: a window for good; it takes the losses since the one before. */
  readonly final: boolean;
  /** True: the window is still open. */
  readonly isOpen?: boolean;
  /** True: its events are those that arrived, whatever their times; no agent can be behind it. */
  readonly byArrival?: boolean;
  /** True: some of it went with a shard. */
  readonly isBroken?: boolean;
}

const NO_REASONS: readonly string[] = [];
/** What was not evaluated for want of time or budget is a reason by its own name as well. */
const OWN_WORD = ['shed', 'quota'] as const;

export class CompletenessAccount {
  readonly #parts: AccountParts;
  readonly #losses: LossWatch;
  /** Degrading reason → windows that start before this time (ms) have it. */
  readonly #damageMs = new Map<string, number>();
  /** Windows that start before this lost state with a shard. */
  #shardLossMs = -Infinity;
  #toldWatermark = 0;
  #forOthers = 0;

  constructor(parts: AccountParts) {
    this.#parts = parts;
    this.#losses = new LossWatch(parts.group, parts.isStanding);
  }

  /** What a shard counted so far; returns how many more events were late. */
  update(shard: number, message: Pick<PanesMessage, 'late' | 'dropped'>): number {
    return this.#losses.update(shard, message);
  }

  /** What shards lost of the pipeline since it began, by reason. */
  get lost(): Counts {
    return this.#losses.total;
  }

  /** Shards lost what they held of open panes; windows that overlap them will say so. */
  shardLost(shard: number, nowMs: number): void {
    this.#shardLossMs = nowMs + this.#parts.group.aheadMs;
    this.#losses.lose(shard);
  }

  /** The query's stages are other ones from here on, and count from zero. */
  stagesReplaced(shards: Iterable<number>): void {
    for (const shard of shards) this.#losses.lose(shard);
  }

  /** A pane that closes without some agent taints every sliding window that it is part of. */
  panesClosed(throughMs: number, nowMs: number): void {
    const { group } = this.#parts;
    if (someMissing(group.standing(nowMs), group.streams, throughMs)) {
      this.#damageMs.set('agents-missing', throughMs);
    }
  }

  /**
   * A window has taken all losses since the one before. Which of the windows up to `throughMs`,
   * that are told with it, they were of nobody knows, so they all have them; and later ones that
   * overlap.
   */
  windowTold(throughMs: number, { events }: Completeness): void {
    if (events.late > 0) this.#damageMs.set('late', throughMs);
    if (events.dropped === NO_LOSSES) return;
    const reasons = Object.keys(events.dropped);
    if (reasons.length > 0) this.#damageMs.set('dropped', throughMs);
    for (const reason of OWN_WORD) {
      if (reasons.includes(reason)) this.#damageMs.set(reason, throughMs);
    }
  }

  /** An agent that joins may stand behind what clients were told, which is never taken back. */
  told(watermarkMs: number): number {
    this.#toldWatermark = Math.max(this.#toldWatermark, Math.floor(watermarkMs));
    return this.#toldWatermark;
  }

  /**
   * Of the events that shards heard of, those that were looked at for this query, in the span that
   * was asked for last: agents may have looked at some for others only.
   */
  seenOf({ matched, seen }: { readonly seen: number; readonly matched: number }): number {
    return Math.max(matched, seen - this.#forOthers);
  }

  of(
    span: ResultSpan,
    nowMs: number,
    counts: { readonly seen: number; readonly matched: number },
  ): Completeness {
    const { config, group, isEdge, isLive, isUnread, plan, sinceMs, stage } = this.#parts;
    const standing = group.standing(nowMs);
    const losses = span.final ? this.#losses.losses() : NO_LOSSES;
    this.#forOthers = span.final && !isEdge ? this.#losses.shedAdHoc : 0;
    const delayMs = joinDelayMs(plan.join);
    const dueMs = span.endMs + standing.slackMs + config.closeWaitMs + delayMs;
    // Results that are not windows of time (rows as they come) have no end to be late for, and may
    // be ahead of the agents' next heartbeat: they are held against the present less the lease.
    const isWindow = span.final && span.byArrival !== true;
    const own = completenessFrom({
      pipeline: stage,
      standing,
      watermark: this.told(standing.watermarkMs),
      startMs: span.startMs,
      endMs: span.endMs,
      isWindow,
      passedMs: isWindow ? span.endMs : nowMs - config.leaseMs,
      nowMs,
      pipelineSinceMs: sinceMs(),
      inherited: isWindow && this.#damageMs.size > 0 ? this.#inherited(span.startMs) : NO_REASONS,
      partialReasons: this.#partialReasons(span, nowMs),
      isOverdue: isWindow && nowMs > dueMs + config.behindMs,
      sampleFactor: takenShare(plan, sampleOf(plan), {
        seen: counts.seen,
        matched: counts.matched,
        lengthMs: span.endMs - span.startMs,
      }),
      seen: this.seenOf(counts),
      matched: counts.matched,
      late: span.final ? this.#losses.late() : 0,
      dropped: losses,
      isLive: (agent) => isLive(agent, nowMs),
      isUnread: (agent) => isUnread(agent, nowMs),
      streams: group.streams,
    });
    if (plan.join === null && group.views.length === 0) return own;
    const joined = withSides(own, plan.join, group, nowMs);
    const told = withTables(joined, plan.join, this.#parts.tables, {
      ...{ nowMs, affectedMs: span.startMs - group.aheadMs },
    });
    return this.#withViews(told, span, nowMs);
  }

  /** A view hands down what its windows saw: the worse of both wins. */
  #withViews(own: Completeness, span: ResultSpan, nowMs: number): Completeness {
    const { config, group, plan } = this.#parts;
    // A window and a running value are made of all rows in them; rows as they come of the newest.
    const isWhole = span.final || span.isOpen === true || isRunning(plan);
    let handed = own;
    for (const view of group.views) {
      const truth = isWhole
        ? view.within(span.startMs, span.endMs)
        : view.toldSince(nowMs - config.progressMs);
      if (truth !== null) handed = handDown(handed, truth);
    }
    return handed;
  }

  #partialReasons(span: ResultSpan, nowMs: number): readonly string[] {
    const { config, engineStartedMs, plan, sinceMs } = this.#parts;
    const reasons: string[] = [];
    // Agents of an engine that was restarted are still on their way: nobody is missed yet, and
    // nothing can be called complete.
    const isStarting = nowMs - engineStartedMs < config.startupMs;
    if (isStarting && !this.#parts.isRosterComplete()) reasons.push('starting');
    const isBroken = span.isBroken === true || span.startMs < this.#shardLossMs;
    if (isBroken) reasons.push('shard-restart');
    if (span.isOpen === true) reasons.push('open-window');
    // What came before the query was asked was not kept, and cannot be met.
    const reachMs = joinReachMs(plan.join);
    if (span.final && reachMs > 0 && span.startMs - reachMs < sinceMs()) reasons.push('join-start');
    return reasons;
  }

  #inherited(startMs: number): string[] {
    return [...this.#damageMs].filter(([, untilMs]) => startMs < untilMs).map(([reason]) => reason);
  }
}
