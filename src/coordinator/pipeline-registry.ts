/**
 * The pipelines that run now, by fingerprint and by the name that shards know, with the source
 * groups they share and the epochs in which shards are told of them. Queries with equal plans share
 * one pipeline.
 */
import type { Config } from '../config.ts';
import { EngineError } from '../core/errors.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { EdgeChoice } from '../plan/edge-aggregation.ts';
import { allViews } from '../plan/plan-views.ts';
import type { PlannedView } from '../plan/plan-views.ts';
import { schemaMessage } from '../plan/schema.ts';
import type { ShardLoad, ShedQuery } from '../shard/messages.ts';
import type { CoordinatorEffect } from './messages.ts';
import { Pipeline } from './pipeline.ts';
import type { PipelineParts } from './pipeline.ts';
import { RingSpace } from './ring-space.ts';
import type { Roster } from './roster.ts';
import { Agenda } from './agenda.ts';
import { Budgets } from './budgets.ts';
import { ClientRows } from './client-rows.ts';
import { KeylessMerges } from './keyless-merges.ts';
import { chooseEdge } from './edge-choice.ts';
import type { EdgeBounds } from './edge-choice.ts';
import { GroupMemory } from './group-memory.ts';
import { PlanBook } from './plan-book.ts';
import { Shedder } from './shedder.ts';
import { ShippedFields } from './shipped-fields.ts';
import { warningsOf } from './single-answers.ts';
import { SourceGroups } from './source-groups.ts';
import type { StreamCatalogue } from './stream-catalogue.ts';
import type { TableDesk } from './table-desk.ts';
import { ViewFeed } from './view-feed.ts';
import { ViewFeeds } from './view-feeds.ts';

export interface RegistryParts {
  readonly config: Config;
  readonly incarnation: string;
  readonly engineStartedMs: number;
  readonly roster: Roster;
  readonly catalogue: StreamCatalogue;
  readonly shards: ReadonlySet<number>;
  readonly tables: TableDesk;
  readonly emit: (effect: CoordinatorEffect) => void;
  /** What functions over series of the query remember of an earlier run. */
  readonly seriesStates: SeriesStatesOf | undefined;
}

/** Evaluations that were not made, by reason, and rows that were not sent. */
export interface Unevaluated {
  readonly shed: number;
  readonly quota: number;
  readonly rows: number;
}

type SeriesStatesOf = (plan: QueryPlan) => ReadonlyMap<string, Float64Array>;

export class PipelineRegistry {
  readonly pipelines = new Map<string, Pipeline>();
  readonly #parts: RegistryParts;
  /** The same ones by the name that shards and agents know them by. */
  readonly #byStage = new Map<string, Pipeline>();
  readonly #groups: SourceGroups;
  readonly #shipped: ShippedFields;
  readonly #feeds: ViewFeeds;
  readonly #book = new PlanBook<Pipeline>();
  readonly #agenda = new Agenda<Pipeline>();
  /** Those that sample so many events a second, dealt to whoever sends. */
  readonly #rated = new Set<Pipeline>();
  readonly #shedder: Shedder<Pipeline>;
  readonly budgets: Budgets<Pipeline>;
  readonly #common: CommonParts;
  readonly #loads = new Map<number, ShardLoad>();
  readonly #groupMemory: GroupMemory;
  readonly #edgeBounds: EdgeBounds;
  #count = 0;
  #retiredLate = 0;
  readonly #retiredUnevaluated = { shed: 0, quota: 0 };
  #retiredRefused = 0;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
    this.#groups = new SourceGroups(parts);
    this.#shipped = new ShippedFields(parts.config);
    this.#shedder = new Shedder(parts.config);
    this.budgets = new Budgets(parts.config, (stage) => this.#byStage.get(stage));
    this.#common = commonParts(parts);
    const { edgeQueriesMax, queriesMax } = parts.config;
    const memory = new GroupMemory(queriesMax);
    this.#groupMemory = memory;
    this.#edgeBounds = { edgeQueriesMax, hasMany: (plan) => memory.hasMany(plan) };
    const { config, emit, shards } = parts;
    this.#feeds = new ViewFeeds({
      start: (pipeline) => new ViewFeed({ pipeline, config, emit, shardsUp: () => shards }),
      onChange: (pipeline) => {
        this.renew(pipeline);
        this.standingChanged(pipeline);
      },
    });
  }

  /** A pipeline may have begun or ceased to stand: agents hear of it. */
  standingChanged(pipeline: Pipeline): void {
    if (this.#byStage.get(pipeline.stage) === pipeline) this.#book.move(pipeline);
  }

  get epoch(): number {
    return this.#book.epoch;
  }

  /** Events behind a closed window, over all pipelines that ever ran. */
  get lateTotal(): number {
    let late = this.#retiredLate;
    for (const pipeline of this.pipelines.values()) late += pipeline.late;
    return late;
  }

  /** What queries went without, over all that ever ran. */
  get unevaluated(): Unevaluated {
    let { shed, quota } = this.#retiredUnevaluated;
    let rows = this.#retiredRefused + this.#common.clientRows.refused;
    for (const { lost, refusedRows } of this.pipelines.values()) {
      shed += lost['shed'] ?? 0;
      quota += lost['quota'] ?? 0;
      rows += refusedRows;
    }
    return { shed, quota, rows };
  }

  /** Queries that are not evaluated now because the engine cannot keep up. */
  get shed(): readonly Pipeline[] {
    return this.#shedder.queries;
  }

  isShed(pipeline: Pipeline): boolean {
    return this.#shedder.isShed(pipeline);
  }

  ofStage(stage: string): Pipeline | undefined {
    return this.#byStage.get(stage);
  }

  /**
   * The running pipeline of the plan, started if there is none. `by`: who asks; absent: the engine
   * itself, which no client's budget is for.
   */
  open(plan: QueryPlan, outcome: PlannedQuery, nowMs: number, by?: string): Pipeline | EngineError {
    const { config } = this.#parts;
    const known = this.pipelines.get(plan.fingerprint);
    if (known !== undefined) return known;
    const refused = by === undefined ? null : this.budgets.refusal(by);
    if (refused !== null) return new EngineError('LIMIT_CLIENT_BUDGET', refused);
    const views = allViews(outcome.views).filter(
      ({ planned }) => !this.pipelines.has(planned.plan.fingerprint),
    );
    const room = config.queriesMax - views.length - 1;
    if (this.pipelines.size > room) this.#letGo(this.pipelines.size - room, outcome, nowMs);
    if (this.pipelines.size > room) {
      return new EngineError('LIMIT_QUERIES', tooMany(config.queriesMax, views));
    }
    const fault = this.#shipped.fault(plan) ?? this.#openViews(outcome, nowMs);
    if (fault !== null) return fault;
    const pipeline = this.#create(plan, outcome, nowMs);
    this.#feeds.join(outcome.views, pipeline);
    this.pipelines.set(plan.fingerprint, pipeline);
    this.#byStage.set(pipeline.stage, pipeline);
    this.#shipped.add(plan);
    pipeline.settleHome(this.#parts.shards);
    if (pipeline.dealShares(this.#parts.shards, nowMs)) this.#rated.add(pipeline);
    this.#book.add(pipeline);
    this.renew(pipeline);
    return pipeline;
  }

  /**
   * What nobody reads makes room before anybody is refused, longest unread first: whoever begins
   * and ends queries fast would otherwise leave none for others until `lingerMs` have passed.
   */
  #letGo(count: number, { views }: PlannedQuery, nowMs: number): void {
    const needed = new Set(allViews(views).map(({ planned }) => planned.plan.fingerprint));
    const unread = [...this.pipelines.values()]
      .filter(({ endsAtMs, id }) => endsAtMs < Infinity && !needed.has(id))
      .toSorted((a, b) => a.endsAtMs - b.endsAtMs);
    if (unread.length < count) return;
    for (const pipeline of unread.slice(0, count)) this.remove(pipeline, nowMs);
  }

  /** Where the plan is aggregated, if it were asked now; what runs stays where it is. */
  edgeChoice(plan: QueryPlan): EdgeChoice {
    const known = this.pipelines.get(plan.fingerprint);
    return known?.edge ?? chooseEdge(plan, this.pipelines.values(), this.#edgeBounds);
  }

  /** Who reads the pipeline as a view, and what they call it. */
  readersOf(pipeline: Pipeline): readonly (readonly [Pipeline, string])[] {
    return this.#feeds.readersOf(pipeline);
  }

  /** Names of the views that the pipeline reads. */
  viewsOf(pipeline: Pipeline): readonly string[] {
    return this.#feeds.namesOf(pipeline);
  }

  remove(pipeline: Pipeline, nowMs: number): void {
    this.#feeds.leave(pipeline, nowMs);
    if (pipeline.edge.isEdge) this.#groupMemory.ended(pipeline.id, pipeline.meter.total);
    this.#retiredLate += pipeline.late;
    this.pipelines.delete(pipeline.id);
    pipeline.audience.close();
    this.#byStage.delete(pipeline.stage);
    this.#shipped.remove(pipeline.plan);
    this.#book.remove(pipeline);
    this.#rated.delete(pipeline);
    this.#groups.release(pipeline.group);
    this.#agenda.forget(pipeline);
    this.#retiredUnevaluated.shed += pipeline.lost['shed'] ?? 0;
    this.#retiredUnevaluated.quota += pipeline.lost['quota'] ?? 0;
    this.#retiredRefused += pipeline.refusedRows;
    this.#shedder.forget(pipeline);
    this.budgets.forget(pipeline);
    for (const agent of this.#parts.roster.agents()) agent.activeSinceMs.delete(pipeline.stage);
  }

  /** Streams have appeared or gone: patterns match others now. */
  refreshGroups(): void {
    this.#groups.refresh();
  }

  // ---- Time ------------------------------------------------------------------------------------

  /** To be called when a pipeline was told something that it may act upon later. */
  renew(pipeline: Pipeline): void {
    if (this.pipelines.get(pipeline.id) === pipeline) this.#agenda.renew(pipeline);
  }

  renewAll(): void {
    for (const pipeline of this.pipelines.values()) this.#agenda.renew(pipeline);
  }

  /** Pipelines that nobody has read for `lingerMs` are let go; others do what is due. */
  tick(nowMs: number): void {
    const due = this.#agenda.take(nowMs);
    for (const pipeline of due) {
      if (nowMs <= pipeline.endsAtMs) continue;
      due.delete(pipeline);
      this.remove(pipeline, nowMs);
    }
    for (const pipeline of this.#rated) {
      if (pipeline.dealShares(this.#parts.shards, nowMs)) this.#book.move(pipeline);
    }
    // A shard that is asked to close a window of a query it does not know would never answer.
    this.#sendChanges(nowMs);
    for (const pipeline of due) {
      pipeline.tick(nowMs);
      this.#agenda.renew(pipeline);
    }
  }

  /** Shards came or went: home stages that have lost theirs get another, in a new epoch. */
  settleHomes(nowMs: number): void {
    for (const pipeline of this.pipelines.values()) {
      if (pipeline.settleHome(this.#parts.shards)) this.#book.move(pipeline);
    }
    this.#sendChanges(nowMs);
  }

  // ---- Shedding --------------------------------------------------------------------------------

  loaded(shard: number, load: ShardLoad, nowMs: number): void {
    this.#parts.roster.pulse.report(shard, load, nowMs);
    this.#shedder.report(shard, load);
    this.budgets.report(shard, load.states);
    this.#loads.set(shard, load);
  }

  shardLost(shard: number): void {
    this.#parts.roster.pulse.lost(shard);
    this.#shedder.lost(shard);
    this.budgets.lost(shard);
    this.#loads.delete(shard);
  }

  /** What the query takes of the time of all shards, in percent of one; over the last second. */
  busyPercent(stage: string): number {
    let busy = 0;
    for (const load of this.#loads.values()) {
      const cost = load.costs.find(({ pipeline }) => pipeline === stage);
      busy += load.busy * (cost?.share ?? 0);
    }
    return Math.round(busy * 1_000) / 10;
  }

  /** Sheds while a shard cannot keep up, and tries what was shed again when all is calm. */
  shedOrResume(nowMs: number): void {
    const decisions = this.#shedder.decide(nowMs, (stage) => this.#byStage.get(stage));
    const isChanged = this.budgets.decide(nowMs);
    if (decisions.length === 0 && !isChanged) return;
    for (const shard of this.#parts.shards) this.#tellShed(shard);
  }

  #tellShed(shard: number): void {
    const queries: ShedQuery[] = [];
    for (const { stage } of this.budgets.queries)
      queries.push({ pipeline: stage, reason: 'quota' });
    for (const query of this.#shedder.queries) {
      if (this.budgets.why(query) !== null) continue;
      queries.push({ pipeline: query.stage, reason: 'shed' });
    }
    this.#parts.emit({ type: 'to-shard', shard, message: { type: 'shed', queries } });
  }

  // ---- Plans -----------------------------------------------------------------------------------

  /** Everything, to a shard that has nothing; it must not hear of any of it again as a change. */
  sendAll(shard: number, nowMs: number): void {
    this.#sendChanges(nowMs);
    const message = this.#book.whole(this.pipelines.values());
    this.#parts.emit({ type: 'to-shard', shard, message });
    if (this.#shedder.queries.length + this.budgets.size > 0) this.#tellShed(shard);
  }

  /** A new epoch for the shards that are up, if the set of queries has changed since the last. */
  #sendChanges(nowMs: number): void {
    const change = this.#book.advance();
    if (change === null) return;
    const { message, begun } = change;
    for (const shard of this.#parts.shards) this.#parts.emit({ type: 'to-shard', shard, message });
    // Before its plan was sent nobody evaluated a query, whatever its windows would like to claim.
    for (const pipeline of begun) pipeline.startedAtMs = nowMs;
  }

  /** The views that a query reads run before it does. Null: all do. */
  #openViews({ views }: PlannedQuery, nowMs: number): EngineError | null {
    for (const view of views) {
      const pipeline = this.open(view.planned.plan, view.planned, nowMs);
      if (pipeline instanceof EngineError) {
        this.#feeds.abandon(views, nowMs);
        const detail = `the view ${view.name} cannot run: ${pipeline.detail}`;
        return new EngineError(pipeline.code, detail, { cause: pipeline });
      }
      this.#feeds.begin(view, pipeline);
    }
    return null;
  }

  #create(plan: QueryPlan, outcome: PlannedQuery, nowMs: number): Pipeline {
    const { incarnation, seriesStates } = this.#parts;
    return new Pipeline({
      ...this.#common,
      plan,
      edge: this.edgeChoice(plan),
      schema: schemaMessage(plan, plan.fingerprint, warningsOf(outcome)),
      group: this.#groups.take(plan.sources, this.#feeds),
      incarnation: `${incarnation}.${(this.#count++).toString(36)}`,
      nowMs,
      seriesStates: plan.series === null ? new Map() : (seriesStates?.(plan) ?? new Map()),
    });
  }
}

type CommonParts = Omit<
  PipelineParts,
  'edge' | 'group' | 'incarnation' | 'nowMs' | 'plan' | 'schema' | 'seriesStates'
>;

/** What all pipelines have in common, once. */
function commonParts({
  config,
  emit,
  engineStartedMs,
  roster,
  shards,
  tables,
}: RegistryParts): CommonParts {
  return {
    ...{ config, emit, engineStartedMs, tables },
    shardsUp: () => shards,
    clientRows: new ClientRows(config.clientRowsPerSecondMax),
    ringSpace: new RingSpace(config.resultBytesKeptByAll),
    merges: new KeylessMerges(),
    isRosterComplete: () => roster.isComplete,
    isLive: (agent, atMs) => roster.state(agent, atMs) === 'live',
    isUnread: (agent, atMs) => roster.isUnread(agent, atMs),
  };
}

function tooMany(max: number, views: readonly PlannedView[]): string {
  if (views.length === 0) return `${max} queries may run`;
  const names = views.map(({ name }) => name).join(', ');
  return `${max} queries may run, and this one needs its views, too: ${names}`;
}
