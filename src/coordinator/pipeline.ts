/**
 * One running query, shared by everybody who asks it: wires the parts that close windows
 * (`window-cycle.ts`), ask shards (`pane-rounds.ts`), account for what was seen
 * (`completeness-account.ts`) and hand on results (`audience.ts`), and passes on rows as they come.
 */
import type { Config } from '../config.ts';
import { joinsStreams } from '../ir/join.ts';
import type { QueryPlan } from '../ir/plan.ts';
import { sampleOf } from '../ir/source-stage.ts';
import { isViewStream } from '../ir/view-stream.ts';
import type { EdgeChoice } from '../plan/edge-aggregation.ts';
import { compileFinal } from '../operator/final.ts';
import type { Finish, SlotRows } from '../operator/final.ts';
import { seriesStageOf } from '../operator/series-stage.ts';
import type { SeriesStageRun } from '../operator/series-stage.ts';
import type {
  HomeWindowsMessage,
  PanesMessage,
  RowsOutput,
  StageCountsMessage,
} from '../shard/messages.ts';
import type { OpenCount } from '../window/home-partial.ts';
import type { PanePartial } from '../window/pane-partial.ts';
import type { Completeness, SchemaMessage } from '../wire/results.ts';
import { Audience } from './audience.ts';
import type { Counts } from './counts.ts';
import type { ClientRows } from './client-rows.ts';
import { ColumnNotes } from './column-notes.ts';
import { CompletenessAccount } from './completeness-account.ts';
import { homeShard } from './home-shard.ts';
import { HomeWindows } from './home-windows.ts';
import type { KeylessMerges } from './keyless-merges.ts';
import { Listeners } from './listeners.ts';
import type { CoordinatorEffect } from './messages.ts';
import { PaneRounds } from './pane-rounds.ts';
import { ProgressTeller } from './progress-teller.ts';
import type { ProgressNow } from './progress-teller.ts';
import { QueryMeter } from './query-meter.ts';
import type { RingSpace } from './ring-space.ts';
import type { RosterAgent } from './roster.ts';
import { SecondBudget } from '../core/second-budget.ts';
import type { TableStandings } from './join-truth.ts';
import type { SourceGroup } from './source-group.ts';
import { isRunning } from './subscription.ts';
import { byEventOrder } from './window-assembler.ts';
import type { ViewFeed } from './view-feed.ts';
import type { ToldWindow } from './window-cycle.ts';
import { WindowCycle } from './window-cycle.ts';

export interface PipelineParts {
  readonly plan: QueryPlan;
  /** Where it is aggregated, and why. */
  readonly edge: EdgeChoice;
  readonly schema: SchemaMessage;
  readonly group: SourceGroup;
  readonly config: Config;
  readonly incarnation: string;
  readonly nowMs: number;
  /** What functions over series remember of an earlier run; empty: nothing. */
  readonly seriesStates: ReadonlyMap<string, Float64Array>;
  readonly engineStartedMs: number;
  readonly tables: TableStandings;
  readonly isRosterComplete: () => boolean;
  readonly emit: (effect: CoordinatorEffect) => void;
  readonly shardsUp: () => Iterable<number>;
  readonly clientRows: ClientRows;
  readonly merges: KeylessMerges;
  readonly ringSpace: RingSpace;
  readonly isLive: (agent: RosterAgent, nowMs: number) => boolean;
  readonly isUnread: (agent: RosterAgent, nowMs: number) => boolean;
}

export class Pipeline {
  readonly id: string;
  /**
   * What shards and agents call it. A query that is stopped and asked again has another name, so
   * that nobody goes on with what he had of the old one.
   */
  readonly stage: string;
  readonly plan: QueryPlan;
  readonly edge: EdgeChoice;
  readonly group: SourceGroup;
  startedAtMs: number;
  readonly schema: SchemaMessage;
  readonly audience: Audience;
  /** Readers inside the engine. */
  readonly listeners: Listeners;
  readonly meter: QueryMeter;
  /** Who asked first; null: the engine itself, for a view or a rule. */
  owner: string | null = null;
  /** How many look on with EXPLAIN ANALYZE. */
  watchers = 0;
  late = 0;
  /** Set while other queries read this one as a view. */
  feed: ViewFeed | null = null;
  /** The shard that runs the plan's home stage; null: the plan has none, or no shard is up. */
  home: number | null = null;
  /** What each sender may take of a sample of so many events a second; null: there is none. */
  share: number | null = null;
  lastStatus: Completeness['status'] | 'waiting' = 'waiting';
  readonly #config: Config;
  readonly #account: CompletenessAccount;
  readonly #rounds: PaneRounds;
  readonly #windows: WindowCycle;
  readonly #homeWindows: HomeWindows;
  #open: OpenCount | null = null;
  readonly #budget: SecondBudget;
  readonly #told: SecondBudget;
  /** Result rows beyond `queryRowsPerSecondMax` or `tailRowsPerSecondMax`. */
  refusedRows = 0;
  /** Of rows as they come; windows finish their own. Made for the first. */
  #finish: Finish | null = null;
  readonly #series: SeriesStageRun | null;
  readonly #progress: ProgressTeller;

  constructor(parts: PipelineParts) {
    const { plan, config, group, incarnation, nowMs, emit } = parts;
    this.id = plan.fingerprint;
    this.stage = `${plan.fingerprint}.${incarnation}`;
    this.plan = plan;
    this.edge = parts.edge;
    this.group = group;
    this.schema = parts.schema;
    this.startedAtMs = nowMs;
    this.meter = new QueryMeter(nowMs);
    this.#config = config;
    const sinceMs = (): number => this.startedAtMs;
    const { stage } = this;
    const columnNotes = new ColumnNotes(plan);
    const tell = (window: ToldWindow, now: number): void => this.#tell(window, now);
    const { engineStartedMs, isLive, isRosterComplete, isUnread, tables } = parts;
    const isStanding = (): boolean => this.isStanding;
    const told = { engineStartedMs, isLive, isRosterComplete, isStanding, isUnread, tables };
    this.audience = new Audience(incarnation, config, parts);
    this.listeners = new Listeners(emit);
    const { isEdge } = this.edge;
    const account = new CompletenessAccount({
      ...{ stage, plan, group, config, sinceMs, isEdge, ...told },
    });
    const { audience, listeners } = this;
    this.#account = account;
    this.#progress = new ProgressTeller({ plan, config, group, account, audience, listeners });
    this.#rounds = new PaneRounds({
      stage,
      shardsUp: parts.shardsUp,
      home: () => this.home,
      emit,
      onClosed: (panes, throughMs, now) => this.#closed(panes, throughMs, now),
      onPeeked: (panes, beforeMs, now) => this.#windows.peeked(panes, beforeMs, now),
    });
    const { merges } = parts;
    const rounds = this.#rounds;
    // Without spreads: an object that begins with one has a shape of its own, a kilobyte a query.
    const cycle = { plan, config, account, columnNotes, tell, group, sinceMs, merges, rounds };
    this.#windows = new WindowCycle(cycle, nowMs);
    const refuse = (count: number): void =>
      audience.tellAll({ type: 'drop', reason: 'rows-per-second', count });
    this.#homeWindows = new HomeWindows({ plan, config, account, columnNotes, tell, refuse });
    this.series?.restore(parts.seriesStates);
    this.#series = this.isWindowed ? null : seriesStageOf(plan, config);
    this.#budget = new SecondBudget(config.tailRowsPerSecondMax);
    this.#told = new SecondBudget(config.queryRowsPerSecondMax);
  }

  /** Events looked at, wherever, and those of them that passed WHERE. */
  get seen(): number {
    return this.meter.total.seen;
  }

  get matched(): number {
    return this.meter.total.matched;
  }

  /** What functions over the series of its windows remember; null: it has none. */
  get series(): SeriesStageRun | null {
    return this.#windows.series;
  }

  get groups(): number {
    return this.#windows.groups;
  }

  /** Panes that end at or before this were taken from the shards. */
  get closedThroughMs(): number {
    return this.#windows.closedThroughMs;
  }

  /** Windows that end at or before this were told. */
  get toldThroughMs(): number {
    return this.#windows.toldThroughMs;
  }

  /** Shards are asked to close what the streams have passed: windows, or what a join holds. */
  get isWindowed(): boolean {
    const { aggregate, join, window } = this.plan;
    if (joinsStreams(join)) return true;
    if (window.kind === 'none') return aggregate !== null;
    return window.kind !== 'count';
  }

  /** What FROM names, with views by their names. */
  sourceNames(views: readonly string[]): readonly string[] {
    const streams = this.plan.sources.filter(({ pattern }) => !isViewStream(pattern));
    return [...streams.map(({ pattern }) => pattern), ...views];
  }

  /** What listeners hold has changed: those groups emit zeros until they are let go. */
  holdGroups(): void {
    this.#windows.hold(this.listeners.held());
  }

  /** Engine clock at which there is something to do, whatever the streams reach. */
  get dueMs(): number {
    const dueMs = Math.min(this.#progress.dueMs, this.endsAtMs);
    return this.isWindowed ? Math.min(dueMs, this.#windows.dueMs) : dueMs;
  }

  /** Time that the streams must reach before there is. */
  get reachMs(): number {
    return this.isWindowed ? this.#windows.reachMs : Infinity;
  }

  /** When nobody will have read it for `lingerMs`; Infinity: somebody does. */
  get endsAtMs(): number {
    if (this.listeners.size + this.watchers > 0 || this.feed !== null) return Infinity;
    return (this.audience.idleSinceMs ?? Infinity) + this.#config.lingerMs;
  }

  /**
   * To be called when `dueMs` has come or the streams have reached `reachMs`; oftener is no harm.
   */
  tick(nowMs: number): void {
    if (this.isWindowed) this.#windows.tick(nowMs);
    if (nowMs >= this.#progress.dueMs) this.#progress.tell(this.#progressAt(nowMs));
  }

  /** Shards lost what they held of open panes; windows that overlap them will say so. */
  shardLost(shard: number, nowMs: number): void {
    this.#account.shardLost(shard, nowMs);
    this.#rounds.lose(shard, nowMs);
  }

  panes(shard: number, message: PanesMessage, nowMs: number): void {
    this.late += this.#account.update(shard, message);
    const { sessions, throughMs } = message;
    if (sessions !== undefined) {
      const { seen, matched } = sessions;
      this.meter.add({ seen, matched, merged: 0 }, nowMs);
      this.#homeWindows.sessionsEnded(sessions, throughMs, nowMs);
    }
    this.#rounds.answer(shard, message, nowMs);
  }

  /**
   * Finds a shard for the home stage if the plan has one and its shard is not up. True: the shards
   * must hear of it.
   */
  settleHome(shardsUp: ReadonlySet<number>): boolean {
    if (this.plan.home === null) return false;
    if (this.home !== null && shardsUp.has(this.home)) return false;
    const before = this.home;
    this.home = homeShard(this.id, shardsUp);
    if (before !== null) {
      this.#homeWindows.moved();
      this.#open = null;
      this.#account.stagesReplaced(shardsUp);
    }
    return this.home !== before;
  }

  /** Deals a sample of so many events a second to who sends now. True: it changed. */
  dealShares(shardsUp: ReadonlySet<number>, nowMs: number): boolean {
    const sample = sampleOf(this.plan);
    if (sample?.kind !== 'rps') return false;
    const { ingested, liveAgents } = this.group.standing(nowMs);
    const senders = liveAgents + (ingested ? shardsUp.size : 0);
    const before = this.share;
    this.share = Math.ceil(sample.perSecond / Math.max(1, senders));
    return this.share !== before;
  }

  /** Windows that ended by arrival; those of a shard that is home no more come too late. */
  homeWindows(shard: number, { open, windows }: HomeWindowsMessage, nowMs: number): void {
    if (shard !== this.home) return;
    for (const { seen, matched } of windows) this.meter.add({ seen, matched, merged: 1 }, nowMs);
    this.#open = open;
    this.#homeWindows.ended(windows, nowMs);
  }

  counted(shard: number, message: StageCountsMessage): void {
    const before = { ...this.lost };
    this.late += this.#account.update(shard, message);
    if (this.isWindowed) return;
    // Rows as they come have no completeness of their own to say it with.
    for (const reason of ['shed', 'quota']) {
      const count = (this.lost[reason] ?? 0) - (before[reason] ?? 0);
      if (count > 0) this.audience.tellAll({ type: 'drop', reason, count });
    }
  }

  /** What shards lost of it since it began, by reason. */
  get lost(): Counts {
    return this.#account.lost;
  }

  /**
   * Others are shed before it: an alert rule listens, or it runs whether somebody watches or not.
   */
  get isStanding(): boolean {
    return this.listeners.size > 0 || this.feed !== null;
  }

  /** Rows of an unwindowed plain select. */
  rows(message: RowsOutput, nowMs: number): void {
    const { matched, seen } = message;
    this.meter.add({ seen, matched, merged: message.rows.length }, nowMs);
    const admitted = this.#budget.admit(message.rows.length, nowMs);
    const refused = message.rows.length - admitted;
    this.#refuse(refused);
    if (admitted === 0) return;
    const slots = message.rows.slice(0, admitted).sort(byEventOrder);
    const finish = (this.#finish ??= compileFinal(this.plan.final));
    const rows = finish(this.#compared(slots.map((row) => row.slots)));
    if (rows.length === 0) return;
    this.meter.gave(rows.length);
    const span = { startMs: this.startedAtMs, endMs: nowMs, final: false };
    const completeness = this.#account.of(span, nowMs, message);
    this.audience.rows(rows, { window: null, revision: 0, provisional: false, completeness });
  }

  /** Rows as they come are one series each group, without windows. */
  #compared(rows: SlotRows): SlotRows {
    const look = { telling: 'first', teaches: true } as const;
    return this.#series?.extend(rows, { number: 0, startMs: 0 }, look) ?? rows;
  }

  #closed(panes: readonly PanePartial[], throughMs: number, nowMs: number): void {
    this.meter.closed(panes, nowMs);
    this.#windows.closed(panes, throughMs, nowMs);
    if (isRunning(this.plan)) this.#tellRunning(panes, nowMs);
  }

  /** The one place that windows come past on their way out. */
  #tell(window: ToldWindow, nowMs: number): void {
    const { append = false, provisional, revision } = window;
    if (!provisional) this.lastStatus = window.completeness.status;
    if (!provisional && revision === 0) this.meter.told(window.rows.length);
    this.feed?.told(window, nowMs);
    const shown = append ? null : window;
    const { completeness, rows } = this.#withinBudget(window, nowMs);
    this.audience.rows(rows, { window: shown, revision, provisional, completeness });
    if (provisional) return;
    this.#progress.windowTold(this.#progressAt(nowMs));
    if (this.listeners.size === 0) return;
    this.listeners.window(window, this.#windows.quietGroups(window.startMs));
  }

  /** Who subscribes gets so many rows a second; views and rules inside the engine get them all. */
  #withinBudget(
    { completeness, rows }: ToldWindow,
    nowMs: number,
  ): Pick<ToldWindow, 'completeness' | 'rows'> {
    if (this.audience.subscriptions.size === 0) return { completeness, rows };
    const admitted = this.#told.admit(rows.length, nowMs);
    if (admitted === rows.length) return { completeness, rows };
    this.#refuse(rows.length - admitted);
    const reasons = [...completeness.reasons, 'rows-per-second'];
    return {
      completeness: { ...completeness, status: 'degraded', reasons },
      rows: rows.slice(0, admitted),
    };
  }

  #refuse(count: number): void {
    if (count === 0) return;
    this.refusedRows += count;
    this.audience.tellAll({ type: 'drop', reason: 'rows-per-second', count });
  }

  #tellRunning(panes: readonly PanePartial[], nowMs: number): void {
    for (const subscription of this.audience.subscriptions.values()) {
      const { running, startedAtMs } = subscription;
      if (running === null) continue;
      running.add(panes);
      const span = { startMs: startedAtMs, endMs: nowMs, final: false };
      const rows = running.rows(Math.max(1, nowMs - startedAtMs));
      const completeness = running.noted(this.#account.of(span, nowMs, running));
      this.lastStatus = completeness.status;
      this.meter.gave(rows.length);
      this.audience.running(subscription.id, rows, completeness);
    }
  }

  #progressAt(nowMs: number): ProgressNow {
    const { startedAtMs, seen, matched } = this;
    return { nowMs, startedAtMs, seen, matched, open: this.#open };
  }
}
