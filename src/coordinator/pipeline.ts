/**
 * One running query, shared by everybody who asks it: decides when windows close, collects the
 * shards' panes, stamps completeness and hands results to its subscriptions.
 *
 * Invariants: windows close in order and once; what a client is told of a window always replaces
 * what it was told before; a window closes on clocks alone, whether data came or not.
 */
import type { Config } from '../config.ts';
import type { QueryPlan } from '../ir/plan.ts';
import { sampleShare } from '../ir/sample.ts';
import { compileFinal } from '../operator/final.ts';
import type { Finish } from '../operator/final.ts';
import type { PanesMessage, RowsOutput } from '../shard/messages.ts';
import type { Completeness, SchemaMessage } from '../wire/results.ts';
import { Audience } from './audience.ts';
import { completenessFrom, someMissing } from './completeness.ts';
import { LossWatch } from './loss-watch.ts';
import type { CoordinatorEffect } from './messages.ts';
import { PaneCollector } from './pane-collector.ts';
import type { RosterAgent } from './roster.ts';
import { RowBudget } from './row-budget.ts';
import type { SourceGroup } from './source-group.ts';
import { isRunning } from './subscription.ts';
import type { PanePartial } from '../window/pane-partial.ts';
import { byEventOrder, WindowAssembler } from './window-assembler.ts';

export interface PipelineParts {
  readonly plan: QueryPlan;
  readonly schema: SchemaMessage;
  readonly group: SourceGroup;
  readonly config: Config;
  readonly incarnation: string;
  readonly nowMs: number;
  /** When the engine started: nobody is called silent before its agents had time to come. */
  readonly engineStartedMs: number;
  readonly emit: (effect: CoordinatorEffect) => void;
  readonly shardsUp: () => Iterable<number>;
  readonly isLive: (agent: RosterAgent) => boolean;
}

interface EmittedWindow {
  seen: number;
  revision: number;
}

export class Pipeline {
  readonly id: string;
  /**
   * What shards and agents call it. A query that is stopped and asked again has another name, so
   * that nobody goes on with what he had of the old one.
   */
  readonly stage: string;
  readonly plan: QueryPlan;
  readonly group: SourceGroup;
  startedAtMs: number;
  readonly schema: SchemaMessage;
  readonly audience: Audience;
  /** Panes that end at or before this were taken from the shards. */
  closedThroughMs: number;
  seen = 0;
  matched = 0;
  late = 0;
  lastStatus: Completeness['status'] | 'waiting' = 'waiting';
  readonly #parts: PipelineParts;
  readonly #assembler: WindowAssembler;
  readonly #closing = new PaneCollector();
  readonly #peeking = new PaneCollector();
  readonly #budget: RowBudget;
  readonly #finish: Finish;
  readonly #slideMs: number;
  readonly #sizeMs: number;
  /** Windows that end at or before this were emitted. */
  #emittedThroughMs: number;
  /** Windows still amendable, by end; only kept with LATENESS. */
  readonly #amendable = new Map<number, EmittedWindow>();
  readonly #losses: LossWatch;
  /** Degrading reason → windows that start before this time (ms) have it. */
  readonly #damageMs = new Map<string, number>();
  /** Windows that start before this lost state with a shard. */
  #shardLossMs = -Infinity;
  #nextPeekMs: number;
  #nextProgressMs = 0;
  #toldWatermark = 0;
  #lastSource: Completeness['source'] | null = null;

  constructor(parts: PipelineParts) {
    const { plan, config, nowMs } = parts;
    const { window } = plan;
    this.id = plan.fingerprint;
    this.stage = `${plan.fingerprint}.${parts.incarnation}`;
    this.plan = plan;
    this.group = parts.group;
    this.schema = parts.schema;
    this.startedAtMs = nowMs;
    this.#parts = parts;
    this.#sizeMs = window.kind === 'time' ? window.sizeMs : window.paneMs;
    this.#slideMs = window.kind === 'time' ? window.slideMs : window.paneMs;
    const slackMs = parts.group.standing(nowMs).slackMs;
    this.closedThroughMs = floorTo(nowMs - slackMs, window.paneMs);
    this.#emittedThroughMs = floorTo(this.closedThroughMs, this.#slideMs);
    this.#losses = new LossWatch(parts.group);
    this.#nextPeekMs = nowMs + (plan.final.emitEveryMs ?? Infinity);
    this.audience = new Audience(parts.incarnation, config, parts.emit);
    this.#assembler = new WindowAssembler(plan, config);
    this.#finish = compileFinal(plan.final);
    this.#budget = new RowBudget(config.tailRowsPerSecondMax);
  }

  get groups(): number {
    return this.#assembler.groups;
  }

  get isWindowed(): boolean {
    return this.plan.window.kind === 'time' || this.plan.aggregate !== null;
  }

  // ---- Time ------------------------------------------------------------------------------------

  tick(nowMs: number): void {
    if (this.isWindowed) {
      this.#advance(nowMs);
      this.#peek(nowMs);
    }
    if (nowMs >= this.#nextProgressMs) this.#progress(nowMs);
  }

  /** Shards lost what they held of open panes; windows that overlap them will say so. */
  shardLost(shard: number, nowMs: number): void {
    this.#shardLossMs = nowMs + this.group.aheadMs;
    this.#losses.lose(shard);
    if (this.#closing.lose(shard)) this.#closed(nowMs);
    if (this.#peeking.lose(shard)) this.#peeked(nowMs);
  }

  // ---- From shards -----------------------------------------------------------------------------

  panes(shard: number, message: PanesMessage, nowMs: number): void {
    this.late += this.#losses.update(shard, message);
    const round = message.closed ? this.#closing : this.#peeking;
    if (!round.answer(shard, message.throughMs, message.panes)) return;
    if (message.closed) this.#closed(nowMs);
    else this.#peeked(nowMs);
  }

  rows(message: RowsOutput, nowMs: number): void {
    this.seen += message.seen;
    this.matched += message.matched;
    const admitted = this.#budget.admit(message.rows.length, nowMs);
    const refused = message.rows.length - admitted;
    if (refused > 0) {
      this.audience.tellAll({ type: 'drop', reason: 'rows-per-second', count: refused });
    }
    if (admitted === 0) return;
    const slots = message.rows.slice(0, admitted).sort(byEventOrder);
    const rows = this.#finish(slots.map((row) => row.slots));
    if (rows.length === 0) return;
    const facts = { startMs: this.startedAtMs, endMs: nowMs, final: false };
    const completeness = this.#completeness(facts, nowMs, message);
    this.audience.rows(rows, { window: null, revision: 0, provisional: false, completeness });
  }

  // ---- Closing ---------------------------------------------------------------------------------

  #advance(nowMs: number): void {
    if (this.#closing.isOpen) return;
    const { paneMs } = this.plan.window;
    const standing = this.group.standing(nowMs);
    const forcedMs = nowMs - standing.slackMs - this.#parts.config.closeWaitMs;
    const reachedMs = floorTo(Math.max(standing.watermarkMs, forcedMs), paneMs);
    const lateness = this.plan.final.latenessMs;
    if (lateness > 0) this.#amend(reachedMs, nowMs);
    const wantedMs = floorTo(reachedMs - lateness, paneMs);
    if (wantedMs <= this.closedThroughMs) return;
    // After a long sleep windows are closed in steps, so that no single round grows without bound.
    const stepMs = this.#parts.config.openPanesMax * paneMs;
    const throughMs = Math.min(wantedMs, this.closedThroughMs + stepMs);
    const shards = [...this.#parts.shardsUp()];
    this.#closing.begin(shards, throughMs);
    if (shards.length === 0) this.#closed(nowMs);
    const message = { type: 'close', pipeline: this.stage, throughMs } as const;
    for (const shard of shards) this.#parts.emit({ type: 'to-shard', shard, message });
  }

  #closed(nowMs: number): void {
    const panes = this.#closing.take();
    this.closedThroughMs = this.#closing.throughMs;
    // A pane that closes without some agent taints every sliding window that it is part of.
    if (someMissing(this.group.standing(nowMs), this.group.streams, this.closedThroughMs)) {
      this.#damageMs.set('agents-missing', this.closedThroughMs);
    }
    for (const pane of panes) {
      this.seen += pane.seen;
      this.matched += pane.matched;
    }
    if (isRunning(this.plan)) {
      this.#emitRunning(panes, nowMs);
      return;
    }
    this.#assembler.addClosed(panes);
    this.#emitThrough(this.closedThroughMs, true, nowMs);
    for (const endMs of this.#amendable.keys()) {
      if (endMs > this.closedThroughMs) continue;
      this.#reviseIfChanged(endMs, true, nowMs);
      this.#amendable.delete(endMs);
    }
    this.#assembler.forgetBefore(this.closedThroughMs - this.#sizeMs + this.#slideMs);
  }

  /** Emits every window that ends in (emitted, throughMs]. */
  #emitThrough(throughMs: number, isFinal: boolean, nowMs: number): void {
    for (;;) {
      const endMs = this.#emittedThroughMs + this.#slideMs;
      if (endMs > throughMs) return;
      this.#emittedThroughMs = endMs;
      this.#emitWindow(endMs, { isFinal, provisional: false, revision: 0, nowMs });
    }
  }

  #emitWindow(
    endMs: number,
    how: { isFinal: boolean; provisional: boolean; revision: number; nowMs: number },
  ): void {
    const { nowMs } = how;
    const startMs = endMs - this.#sizeMs;
    const facts = {
      startMs,
      endMs: Math.min(endMs, nowMs),
      final: !how.provisional,
      isOpen: how.provisional,
    };
    const base = this.#completeness(facts, nowMs, { seen: 0, matched: 0 });
    if (base.coveredMs <= 0 && startMs < this.startedAtMs) return;
    const answer = this.#assembler.window(endMs, {
      coveredMs: base.coveredMs,
      isFinal: how.isFinal,
    });
    const completeness: Completeness = {
      ...base,
      events: { ...base.events, seen: answer.seen, matched: answer.matched },
      traffic: answer.seen > 0 ? 'flowing' : 'zero',
    };
    if (this.plan.final.latenessMs > 0 && !how.provisional) {
      this.#amendable.set(endMs, { seen: answer.seen, revision: how.revision });
    }
    if (!how.provisional) {
      this.lastStatus = completeness.status;
      const { late, dropped } = completeness.events;
      if (late > 0) this.#damageMs.set('late', endMs);
      if (Object.keys(dropped).length > 0) this.#damageMs.set('dropped', endMs);
    }
    const { revision, provisional } = how;
    const window = { startMs, endMs };
    this.audience.rows(answer.rows, { window, revision, provisional, completeness });
  }

  #emitRunning(panes: readonly PanePartial[], nowMs: number): void {
    for (const subscription of this.audience.subscriptions.values()) {
      const { running, startedAtMs } = subscription;
      if (running === null) continue;
      running.add(panes);
      const facts = { startMs: startedAtMs, endMs: nowMs, final: false };
      const completeness = this.#completeness(facts, nowMs, running);
      this.lastStatus = completeness.status;
      const rows = running.rows(Math.max(1, nowMs - startedAtMs));
      this.audience.running(subscription.id, rows, completeness);
    }
  }

  // ---- Amending and peeking --------------------------------------------------------------------

  /** With LATENESS windows are emitted from copies of panes, which stay open for amendment. */
  #amend(reachedMs: number, nowMs: number): void {
    if (this.#peeking.isOpen) return;
    const due = reachedMs >= this.#emittedThroughMs + this.#slideMs;
    const revisit = this.#amendable.size > 0 && nowMs >= this.#nextProgressMs;
    if (due || revisit) this.#askPeek(Math.max(reachedMs, this.#emittedThroughMs), nowMs);
  }

  #peek(nowMs: number): void {
    const every = this.plan.final.emitEveryMs;
    if (every === null || this.plan.window.kind === 'none') return;
    if (nowMs < this.#nextPeekMs || this.#peeking.isOpen) return;
    this.#nextPeekMs = Math.max(this.#nextPeekMs + every, nowMs);
    this.#askPeek(Math.ceil(nowMs / this.plan.window.paneMs) * this.plan.window.paneMs, nowMs);
  }

  #askPeek(beforeMs: number, nowMs: number): void {
    const shards = [...this.#parts.shardsUp()];
    this.#peeking.begin(shards, beforeMs);
    if (shards.length === 0) this.#peeked(nowMs);
    const message = { type: 'peek', pipeline: this.stage, beforeMs } as const;
    for (const shard of shards) this.#parts.emit({ type: 'to-shard', shard, message });
  }

  #peeked(nowMs: number): void {
    this.#assembler.setOpen(this.#peeking.take());
    const beforeMs = this.#peeking.throughMs;
    if (this.plan.final.latenessMs > 0) {
      const standing = this.group.standing(nowMs);
      const forcedMs = nowMs - standing.slackMs - this.#parts.config.closeWaitMs;
      const reachedMs = Math.min(beforeMs, Math.max(standing.watermarkMs, forcedMs));
      for (const endMs of this.#amendable.keys()) this.#reviseIfChanged(endMs, false, nowMs);
      this.#emitThrough(reachedMs, false, nowMs);
    }
    if (this.plan.final.emitEveryMs === null) return;
    const how = { isFinal: false, provisional: true, revision: 0, nowMs };
    for (let end = this.#emittedThroughMs + this.#slideMs; ; end += this.#slideMs) {
      if (end - this.#sizeMs >= nowMs) return;
      this.#emitWindow(end, how);
      if (this.#slideMs < this.#sizeMs) return;
    }
  }

  #reviseIfChanged(endMs: number, isFinal: boolean, nowMs: number): void {
    const emitted = this.#amendable.get(endMs);
    if (emitted === undefined) return;
    const answer = this.#assembler.window(endMs, { coveredMs: this.#sizeMs, isFinal });
    if (answer.seen === emitted.seen) return;
    const revision = emitted.revision + 1;
    this.#emitWindow(endMs, { isFinal, provisional: false, revision, nowMs });
  }

  // ---- Telling ---------------------------------------------------------------------------------

  #progress(nowMs: number): void {
    this.#nextProgressMs = nowMs + this.#parts.config.progressMs;
    if (this.audience.subscriptions.size === 0) return;
    const standing = this.group.standing(nowMs);
    const watermark = this.#told(standing.watermarkMs);
    const lagMs = watermark === 0 ? 0 : Math.max(0, Math.round(nowMs - watermark));
    this.audience.tellAll({ type: 'progress', watermark, lagMs });
    const facts = { startMs: this.startedAtMs, endMs: nowMs, final: false };
    const completeness = this.#completeness(facts, nowMs, this);
    if (this.#lastSource !== null && this.#lastSource !== completeness.source) {
      this.audience.tellAll({ type: 'completeness', completeness });
    }
    this.#lastSource = completeness.source;
  }

  /** An agent that joins may stand behind what clients were told, which is never taken back. */
  #told(watermarkMs: number): number {
    this.#toldWatermark = Math.max(this.#toldWatermark, Math.floor(watermarkMs));
    return this.#toldWatermark;
  }

  #inherited(startMs: number): string[] {
    return [...this.#damageMs].filter(([, untilMs]) => startMs < untilMs).map(([reason]) => reason);
  }

  #completeness(
    span: {
      readonly startMs: number;
      readonly endMs: number;
      readonly final: boolean;
      readonly isOpen?: boolean;
    },
    nowMs: number,
    counts: { readonly seen: number; readonly matched: number },
  ): Completeness {
    const { config, engineStartedMs, isLive } = this.#parts;
    const standing = this.group.standing(nowMs);
    const reasons: string[] = [];
    // Agents of an engine that was restarted are still on their way: nobody is missed yet, and
    // nothing can be called complete.
    if (nowMs - engineStartedMs < config.startupMs) reasons.push('starting');
    if (span.startMs < this.#shardLossMs) reasons.push('shard-restart');
    if (span.isOpen === true) reasons.push('open-window');
    const losses = span.final ? this.#losses.losses() : {};
    const dueMs = span.endMs + standing.slackMs + config.closeWaitMs;
    // Results that are not windows (rows as they come) have no end to be late for, and may be
    // ahead of the agents' next heartbeat: they are held against the present less the lease.
    const isWindow = span.final;
    return completenessFrom({
      pipeline: this.stage,
      standing,
      watermark: this.#told(standing.watermarkMs),
      startMs: span.startMs,
      endMs: span.endMs,
      isWindow,
      passedMs: isWindow ? span.endMs : nowMs - config.leaseMs,
      nowMs,
      pipelineSinceMs: this.startedAtMs,
      inherited: isWindow ? this.#inherited(span.startMs) : [],
      partialReasons: reasons,
      engineBehind: isWindow && nowMs > dueMs + config.behindMs,
      sampleFactor: sampleShare(this.plan.source.sample),
      seen: counts.seen,
      matched: counts.matched,
      late: span.final ? this.#losses.late() : 0,
      dropped: losses,
      isLive,
      streams: this.group.streams,
    });
  }
}

function floorTo(ms: number, stepMs: number): number {
  return Math.floor(ms / stepMs) * stepMs;
}
