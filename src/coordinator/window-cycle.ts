/**
 * The life of a pipeline's windows: when their panes are asked for, when they are told, and how
 * they are amended or shown while open.
 *
 * Invariants: windows close in order and once; what is told of a window always replaces what was
 * told before; a window closes on clocks alone, whether data came or not.
 */
import type { Config } from '../config.ts';
import { joinDelayMs } from '../ir/join.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { Value, ValueObject } from '../model/value.ts';
import type { SeriesLook, SeriesStageRun } from '../operator/series-stage.ts';
import type { PanePartial } from '../window/pane-partial.ts';
import { lastEndedStart } from '../window/window-starts.ts';
import type { WindowShape } from '../window/window-starts.ts';
import { keptShare } from './completeness.ts';
import type { Completeness } from '../wire/results.ts';
import type { ColumnNotes } from './column-notes.ts';
import type { CompletenessAccount } from './completeness-account.ts';
import type { KeylessMerges } from './keyless-merges.ts';
import type { PaneRounds } from './pane-rounds.ts';
import type { SourceGroup } from './source-group.ts';
import { teaches } from './teaches.ts';
import { WindowAssembler } from './window-assembler.ts';

/** The whole answer of one window as it is told; `revision` counts from 0. */
export interface ToldWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly revision: number;
  /** The window is still open: the answer so far. */
  readonly provisional: boolean;
  /** It is added to what came before, also where that had the same span; else it replaces it. */
  readonly append?: boolean;
  readonly rows: readonly ValueObject[];
  readonly completeness: Completeness;
}

export interface WindowCycleParts {
  readonly plan: QueryPlan;
  readonly group: SourceGroup;
  readonly config: Config;
  readonly rounds: PaneRounds;
  readonly account: CompletenessAccount;
  readonly columnNotes: ColumnNotes;
  readonly merges: KeylessMerges;
  readonly sinceMs: () => number;
  /** Everything that is told of windows passes here, in order. */
  readonly tell: (window: ToldWindow, nowMs: number) => void;
}

interface Amendable {
  seen: number;
  revision: number;
}

interface EmitHow {
  readonly isFinal: boolean;
  readonly provisional: boolean;
  readonly revision: number;
  /** Every window that ends by then is told now. */
  readonly throughMs: number;
  readonly nowMs: number;
}

/** A join ahead of windows that no time ends hears this often how far its streams are. */
const JOIN_STEP_MS = 100;

export class WindowCycle {
  /** Panes that end at or before this were taken from the shards. */
  closedThroughMs: number;
  readonly #parts: WindowCycleParts;
  readonly #assembler: WindowAssembler;
  readonly #columnNotes: ColumnNotes;
  readonly #slideMs: number;
  readonly #sizeMs: number;
  /** Shards are asked to close at multiples of this. */
  readonly #stepMs: number;
  /** Windows end so long after the streams have passed them: a join gives rows later. */
  readonly #delayMs: number;
  /** Windows that end at or before this were told. */
  #toldThroughMs: number;
  /** Windows still amendable, by end; only kept with LATENESS. */
  readonly #amendable = new Map<number, Amendable>();
  #nextPeekMs: number;
  #nextRevisitMs = 0;

  constructor(parts: WindowCycleParts, nowMs: number) {
    const { plan, config, group } = parts;
    const { window } = plan;
    this.#parts = parts;
    this.#delayMs = joinDelayMs(plan.join);
    this.#stepMs = window.paneMs === 0 ? JOIN_STEP_MS : window.paneMs;
    this.#sizeMs = window.kind === 'time' ? window.sizeMs : window.paneMs;
    this.#slideMs = window.kind === 'time' ? window.slideMs : window.paneMs;
    this.closedThroughMs = floorTo(nowMs - group.standing(nowMs).slackMs, window.paneMs);
    this.#toldThroughMs = lastEndedStart(this.closedThroughMs, this.#shape) + this.#sizeMs;
    this.#nextPeekMs = nowMs + (plan.final.emitEveryMs ?? Infinity);
    this.#assembler = new WindowAssembler(plan, config, parts.merges);
    this.#columnNotes = parts.columnNotes;
  }

  /** Windows that end at or before this were told. */
  get toldThroughMs(): number {
    return this.#toldThroughMs;
  }

  /** What functions over series remember; null: the query has none. */
  get series(): SeriesStageRun | null {
    return this.#assembler.series;
  }

  get groups(): number {
    return this.#assembler.groups;
  }

  /** Texts of remembered groups that had no event in the window just told. */
  quietGroups(startMs: number): ReadonlySet<string> {
    return this.#assembler.quietGroups(startMs);
  }

  /** Groups by text that are not forgotten; replaces those held before. */
  hold(groups: ReadonlyMap<string, readonly Value[]>): void {
    this.#assembler.hold(groups);
  }

  /** Engine clock at which `tick` has something to do, whatever the streams reach. */
  get dueMs(): number {
    const { plan, rounds } = this.#parts;
    const revisitMs = this.#amendable.size > 0 ? this.#nextRevisitMs : Infinity;
    const shows = plan.final.emitEveryMs !== null && plan.window.kind !== 'none';
    return shows && !rounds.isPeeking ? Math.min(this.#nextPeekMs, revisitMs) : revisitMs;
  }

  /** Time that the streams must reach for `tick` to have something to do. */
  get reachMs(): number {
    const { plan, rounds } = this.#parts;
    const { latenessMs } = plan.final;
    const paneMs = this.#stepMs;
    const closeMs = Math.ceil((this.closedThroughMs + paneMs + latenessMs) / paneMs) * paneMs;
    const tellsEarly = plan.window.kind === 'time' && latenessMs > 0 && !rounds.isPeeking;
    const tellMs = tellsEarly ? this.#toldThroughMs + this.#slideMs : closeMs;
    return rounds.isClosing ? Infinity : Math.min(closeMs, tellMs) + this.#delayMs;
  }

  get #shape(): WindowShape {
    return { sizeMs: this.#sizeMs, slideMs: this.#slideMs };
  }

  /** Asks for panes that are due. */
  tick(nowMs: number): void {
    this.#advance(nowMs);
    this.#peek(nowMs);
    if (nowMs >= this.#nextRevisitMs) this.#nextRevisitMs = nowMs + this.#parts.config.progressMs;
  }

  /** A closing round is over. What has no windows of time has no panes for here. */
  closed(panes: readonly PanePartial[], throughMs: number, nowMs: number): void {
    this.closedThroughMs = throughMs;
    this.#parts.account.panesClosed(throughMs, nowMs);
    if (this.#parts.plan.window.kind !== 'time') return;
    this.#assembler.addClosed(panes);
    this.#tellThrough(throughMs, true, nowMs);
    for (const endMs of this.#amendable.keys()) {
      if (endMs > throughMs) continue;
      this.#reviseIfChanged(endMs, true, nowMs);
      this.#amendable.delete(endMs);
    }
    this.#assembler.forgetBefore(lastEndedStart(throughMs, this.#shape) + this.#slideMs);
  }

  /** A peeking round is over. */
  peeked(panes: readonly PanePartial[], beforeMs: number, nowMs: number): void {
    const { final } = this.#parts.plan;
    this.#assembler.setOpen(panes);
    if (final.latenessMs > 0) {
      const reachedMs = Math.min(beforeMs, this.#parts.group.reachedMs(nowMs) - this.#delayMs);
      for (const endMs of this.#amendable.keys()) this.#reviseIfChanged(endMs, false, nowMs);
      this.#tellThrough(reachedMs, false, nowMs);
    }
    if (final.emitEveryMs === null) return;
    const how = { isFinal: false, provisional: true, revision: 0, throughMs: beforeMs, nowMs };
    for (let end = this.#toldThroughMs + this.#slideMs; ; end += this.#slideMs) {
      if (end - this.#sizeMs >= nowMs) return;
      this.#tellWindow(end, how);
      if (this.#slideMs < this.#sizeMs) return;
    }
  }

  // ---- Asking ----------------------------------------------------------------------------------

  #advance(nowMs: number): void {
    const { config, plan, rounds } = this.#parts;
    if (rounds.isClosing) return;
    const paneMs = this.#stepMs;
    const reachedMs = floorTo(this.#parts.group.reachedMs(nowMs) - this.#delayMs, paneMs);
    const lateness = plan.final.latenessMs;
    if (lateness > 0 && plan.window.kind === 'time') this.#amend(reachedMs, nowMs);
    const wantedMs = floorTo(reachedMs - lateness, paneMs);
    if (wantedMs <= this.closedThroughMs) return;
    // After a long sleep windows are closed in steps, so that no single round grows without bound.
    const stepMs = config.openPanesMax * paneMs;
    rounds.close(Math.min(wantedMs, this.closedThroughMs + stepMs), nowMs);
  }

  /** With LATENESS windows are told from copies of panes, which stay open for amendment. */
  #amend(reachedMs: number, nowMs: number): void {
    const { rounds } = this.#parts;
    if (rounds.isPeeking) return;
    const due = reachedMs >= this.#toldThroughMs + this.#slideMs;
    const revisit = this.#amendable.size > 0 && nowMs >= this.#nextRevisitMs;
    if (due || revisit) rounds.peek(Math.max(reachedMs, this.#toldThroughMs), nowMs);
  }

  #peek(nowMs: number): void {
    const { plan, rounds } = this.#parts;
    const every = plan.final.emitEveryMs;
    if (every === null || plan.window.kind === 'none') return;
    if (nowMs < this.#nextPeekMs || rounds.isPeeking) return;
    this.#nextPeekMs = Math.max(this.#nextPeekMs + every, nowMs);
    rounds.peek(Math.ceil(nowMs / plan.window.paneMs) * plan.window.paneMs, nowMs);
  }

  // ---- Telling ---------------------------------------------------------------------------------

  /** Tells every window that ends in (told, throughMs]. */
  #tellThrough(throughMs: number, isFinal: boolean, nowMs: number): void {
    for (;;) {
      const endMs = this.#toldThroughMs + this.#slideMs;
      if (endMs > throughMs) return;
      this.#toldThroughMs = endMs;
      this.#tellWindow(endMs, { isFinal, provisional: false, revision: 0, throughMs, nowMs });
    }
  }

  #tellWindow(endMs: number, how: EmitHow): void {
    const { account, plan, sinceMs, tell } = this.#parts;
    const { nowMs, provisional, revision, throughMs } = how;
    const startMs = endMs - this.#sizeMs;
    const span = {
      startMs,
      endMs: Math.min(endMs, nowMs),
      final: !provisional,
      isOpen: provisional,
    };
    const base = account.of(span, nowMs, { seen: 0, matched: 0 });
    if (base.coveredMs <= 0 && startMs < sinceMs()) return;
    const answer = this.#assembler.window(endMs, {
      coveredMs: base.coveredMs,
      isFinal: how.isFinal,
      series: { telling: tellingOf(how), teaches: teaches(base) },
    });
    const looked = account.seenOf(answer);
    const seen: Completeness = {
      ...base,
      events: { ...base.events, seen: looked, matched: answer.matched },
      sampleFactor: base.sampleFactor * keptShare(looked, base.events.dropped),
      traffic: answer.seen > 0 ? 'flowing' : 'zero',
      ...(plan.series === null ? {} : { warming: answer.warming }),
    };
    const completeness = this.#columnNotes.completed(seen, answer.notes);
    if (plan.final.latenessMs > 0 && !provisional) {
      this.#amendable.set(endMs, { seen: answer.seen, revision });
    }
    if (!provisional) account.windowTold(throughMs, completeness);
    tell({ startMs, endMs, revision, provisional, rows: answer.rows, completeness }, nowMs);
  }

  #reviseIfChanged(endMs: number, isFinal: boolean, nowMs: number): void {
    const told = this.#amendable.get(endMs);
    if (told === undefined) return;
    const answer = this.#assembler.window(endMs, {
      coveredMs: this.#sizeMs,
      isFinal,
      series: { telling: 'again', teaches: false },
    });
    if (answer.seen === told.seen) return;
    const revision = told.revision + 1;
    this.#tellWindow(endMs, { isFinal, provisional: false, revision, throughMs: endMs, nowMs });
  }
}

/** Functions over series learn when a window is told for the first time, and only then. */
function tellingOf({ provisional, revision }: EmitHow): SeriesLook['telling'] {
  if (provisional) return 'open';
  return revision === 0 ? 'first' : 'again';
}

/** Without a step every moment stands for itself. */
function floorTo(ms: number, stepMs: number): number {
  if (stepMs === 0) return Math.floor(ms);
  return Math.floor(ms / stepMs) * stepMs;
}
