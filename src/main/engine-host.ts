/**
 * Runs the coordinator on this thread: feeds it ticks, clients and shards, carries out its effects,
 * and is the {@link EnginePort} the gateway talks to.
 */
import { format } from '../../grammar/format.ts';
import type { Formatted } from '../../grammar/format.ts';
import type { AlertService } from '../alert/alert-service.ts';
import type { QueryParams } from '../alert/rule-scope.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { EngineError } from '../core/errors.ts';
import type { FieldCatalogue } from '../analyze/field-catalogue.ts';
import { Engine } from '../coordinator/engine.ts';
import type { RosterKeeper } from '../coordinator/roster-keeper.ts';
import type { SeriesKeeper } from '../coordinator/series-keeper.ts';
import type { StandingQueries } from '../coordinator/standing-queries.ts';
import type { CoordinatorEffect, CoordinatorInput } from '../coordinator/messages.ts';
import type { FiledQueries } from '../coordinator/filed-queries.ts';
import type { QueryFileMistake } from '../store/query-file.ts';
import { SavedDesk } from '../coordinator/saved-desk.ts';
import { knownForExplain } from '../coordinator/stream-estimates.ts';
import {
  agentViews,
  ledgerView,
  queryViews,
  shardViews,
  streamViews,
} from '../coordinator/read-views.ts';
import type {
  DemoPort,
  EnginePort,
  IngestBody,
  QueryCheck,
  ResultSink,
  SavedPort,
  SubscribeRequest,
} from '../gateway/engine-port.ts';
import type { BoardPort } from '../gateway/board-port.ts';
import type { NotifyPort } from '../gateway/notify-port.ts';
import type { Logger } from '../observe/logger.ts';
import type { AuditTrail } from '../observe/audit-trail.ts';
import { processMemory } from '../observe/process-memory.ts';
import type { TablePort } from '../gateway/table-port.ts';
import type { Value } from '../model/value.ts';
import { isRunnable } from '../plan/plan-views.ts';
import type { DropReason } from '../telemetry/signals.ts';
import { explainPlan } from '../plan/explain.ts';
import { languageView } from '../plan/language-view.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { IngestVerdict, ShardInput, ShardOutput } from '../shard/messages.ts';
import { auditedSaved } from './audited-saved.ts';
import { exchangeHttp } from '../outbound/http-exchange.ts';
import { JoinTables } from '../store/join-tables.ts';
import type { Sql } from '../store/sql.ts';
import { TableService } from './table-service.ts';
import type { TableServiceParts } from './table-service.ts';
import { EngineMetrics } from './engine-metrics.ts';
import { WaitingBodies } from './waiting-bodies.ts';
import { LongPlans } from './long-plans.ts';
import { BacktestDesk } from './backtest-desk.ts';
import { HostRules } from './host-rules.ts';
import { PlanPool } from './plan-pool.ts';
import { POOL_TEXT_LENGTH } from './plan-task.ts';
import { QueryFiles } from './query-files.ts';
import { ResultSinks } from './result-sinks.ts';
import { seriesStatus } from './series-metrics.ts';

export interface ShardPort {
  readonly count: number;
  send(shard: number, message: ShardInput): void;
  sendToAll(message: ShardInput): void;
}

export interface EngineHostOptions {
  readonly config: Config;
  readonly clock: Clock;
  /** Facts for `/status` that the host does not know: version, transport, ports. */
  readonly facts: () => Readonly<Record<string, unknown>>;
  readonly demo: DemoPort | null;
  readonly saved: FiledQueries;
  readonly audit: AuditTrail;
  readonly roster: RosterKeeper;
}

/** Where tables come from that nobody puts there by hand. */
export type TableSources = Pick<TableServiceParts, 'log' | 'configured' | 'allowPrivate'>;

export class EngineHost implements EnginePort {
  readonly engine: Engine;
  readonly demo?: DemoPort;
  /** Set before any query runs. */
  tables?: TablePort;
  /** Set before any query runs. */
  alerts?: AlertService;
  notify?: NotifyPort;
  boards?: BoardPort;
  series?: SeriesKeeper;
  standing?: StandingQueries;
  readonly metrics: EngineMetrics;
  readonly saved: SavedPort;
  readonly #options: EngineHostOptions;
  readonly #sinks = new ResultSinks();
  readonly #bodies = new WaitingBodies();
  readonly backtests: BacktestDesk;
  readonly rules: HostRules;
  readonly #plans = new PlanPool();
  readonly #longPlans: LongPlans;
  #shards: ShardPort | null = null;
  #ticker: NodeJS.Timeout | null = null;
  readonly #desk: SavedDesk;
  #queryFiles: QueryFiles | null = null;

  constructor(options: EngineHostOptions) {
    const { config, clock, demo, saved, audit, roster } = options;
    const nowMs = clock.now();
    const incarnation = Math.floor(nowMs).toString(36);
    this.#options = options;
    this.engine = new Engine({
      ...{ config, nowMs, incarnation, views: saved },
      seriesStates: (plan) => this.series?.remembered(plan) ?? new Map(),
      knownAgents: roster.recalled(),
    });
    const planning = {
      ...{ config, pool: this.#plans, known: () => this.engine.known() },
      planHere: (query: string, params: QueryParams) => this.engine.check(query, params),
    };
    this.#longPlans = new LongPlans({ ...planning, clock });
    this.rules = new HostRules({ ...planning, longPlans: this.#longPlans });
    const catalogue = (): FieldCatalogue => this.engine.catalogue.asFieldCatalogue();
    const changed = (): void => {
      this.standing?.sync();
      this.alerts?.savedChanged();
    };
    this.#desk = new SavedDesk({ saved, config, catalogue, changed });
    const mistakes = (): readonly QueryFileMistake[] => this.#queryFiles?.mistakes ?? [];
    this.saved = auditedSaved(this.#desk, mistakes, { audit, clock });
    this.metrics = new EngineMetrics(this.engine, clock);
    this.backtests = new BacktestDesk({
      ...{ config, pool: this.#plans },
      now: () => clock.now(),
      saved: () => saved,
      series: () => this.series,
    });
    if (demo !== null) this.demo = demo;
  }

  /** Ticks begin; `shards` may still be starting. */
  start(shards: ShardPort): void {
    this.#shards = shards;
    const { tickMs } = this.#options.config;
    this.#ticker = setInterval(() => this.#tick(), tickMs);
  }

  /** What files define is there from here on. @throws EngineError `ENGINE_BAD_QUERY_FILES` */
  openQueryFiles(directory: string | null, log: Logger): void {
    const { clock, config } = this.#options;
    this.#queryFiles = new QueryFiles({ directory, config, clock, log, desk: this.#desk });
  }

  /** Tables of the store are there from here on. */
  openTables(sql: Sql, sources: TableSources): TableService {
    const { clock, config } = this.#options;
    const parts = { ...sources, config, clock, engine: this.engine, http: exchangeHttp };
    const handle = (input: CoordinatorInput): void => this.handle(input);
    const tables = new TableService({ ...parts, handle, store: new JoinTables(sql) });
    this.tables = tables;
    return tables;
  }

  async stop(): Promise<void> {
    if (this.#ticker !== null) clearInterval(this.#ticker);
    this.#ticker = null;
    this.#bodies.reject();
    await this.#plans.close();
    await this.backtests.close();
  }

  handle(input: CoordinatorInput): void {
    this.#carryOut(this.engine.handle(input, this.#options.clock.now()));
  }

  shardOutputs(shard: number, outputs: readonly ShardOutput[]): void {
    for (const message of outputs) {
      if (message.type === 'ingested') this.#bodies.answer(message);
      else this.handle({ type: 'shard', shard, message });
    }
  }

  /** The shard failed, or ended because it was told to drain. */
  shardDown(shard: number, reason: string): void {
    this.#bodies.reject(shard);
    // Agents and windows have been told of the drain.
    if (this.engine.isDraining) return;
    this.handle({ type: 'shard-down', shard, reason });
  }

  // ---- EnginePort -------------------------------------------------------------------------------

  subscribe(input: SubscribeRequest, sink: ResultSink): void {
    this.#sinks.open(input.subscription, sink);
    this.metrics.subscribed();
    this.#audit(input);
    if (input.query.length <= POOL_TEXT_LENGTH) {
      this.handle({ type: 'subscribe', ...input, planned: null });
      return;
    }
    void this.#longPlans.plan(input.query, input.params).then((planned) => {
      // The client may have gone while its text was planned.
      if (!this.#sinks.has(input.subscription)) return;
      this.handle({ type: 'subscribe', ...input, planned });
    });
  }

  unsubscribe(subscription: string): void {
    if (this.#sinks.close(subscription)) this.handle({ type: 'unsubscribe', subscription });
  }

  stopQuery(query: string, by: string): boolean {
    const pipeline = this.engine.pipelines.get(query);
    if (pipeline === undefined) return false;
    const text = pipeline.plan.canonical;
    this.#options.audit.record({ action: 'stop', by, target: query, text });
    this.handle({ type: 'stop-query', query, reason: `stopped by ${by}` });
    return true;
  }

  check(query: string, params: Readonly<Record<string, Value>>): QueryCheck | Promise<QueryCheck> {
    if (query.length > POOL_TEXT_LENGTH)
      return this.#longPlans.plan(query, params).then((planned) => this.#checkFrom(planned));
    return this.#checkFrom(this.engine.check(query, params));
  }

  format(query: string): Formatted | Promise<Formatted> {
    if (query.length <= POOL_TEXT_LENGTH) return format(query);
    // As with plans: a full pool leaves the work to this thread.
    return this.#plans.format(query).catch(() => format(query));
  }

  recent(query: string): ReturnType<EnginePort['recent']> {
    return this.engine.pipelines.get(query)?.audience.recent() ?? [];
  }

  prepare(queries: readonly string[]): Promise<void> {
    return this.#longPlans.prepare(queries);
  }

  plan(query: string): PlannedQuery {
    return this.#longPlans.prepared(query) ?? this.engine.check(query);
  }

  ingest(body: IngestBody): Promise<IngestVerdict> {
    if (this.engine.isDraining) {
      return Promise.reject(new EngineError('ENGINE_STOPPING', 'no new events are taken'));
    }
    const shards = this.#shards;
    const up = [...this.engine.shardsUp];
    if (shards === null || up.length === 0) {
      return Promise.reject(new EngineError('ENGINE_STARTING', 'no shard is up'));
    }
    const { request, shard } = this.#bodies.deal(up);
    const verdict = this.#bodies.wait(request, shard);
    shards.send(shard, { type: 'ingest', request, ...body });
    return verdict;
  }

  lost(stream: string, reason: DropReason, count: number): void {
    const [shard] = this.engine.shardsUp;
    if (shard === undefined) return;
    this.#shards?.send(shard, { type: 'ingest-loss', stream, reason, count });
  }

  streams(): ReturnType<EnginePort['streams']> {
    return streamViews(this.engine, this.saved.list(), this.#options.clock.now());
  }

  agents(): ReturnType<EnginePort['agents']> {
    return agentViews(this.engine, this.#options.clock.now());
  }

  queries(id: string | null): ReturnType<EnginePort['queries']> {
    return queryViews(this.engine, this.#options.clock.now(), id);
  }

  ledger(): ReturnType<EnginePort['ledger']> {
    return ledgerView(this.engine);
  }

  status(): object {
    const nowMs = this.#options.clock.now();
    const agents = this.agents();
    return {
      ...this.#options.facts(),
      ready: this.ready(),
      demo: this.demo !== undefined,
      startedAt: Math.floor(this.engine.startedAtMs),
      uptimeMs: Math.round(nowMs - this.engine.startedAtMs),
      epoch: this.engine.epoch,
      shards: shardViews(this.engine, this.#shards?.count ?? 0),
      agents: {
        live: agents.filter((agent) => agent.state === 'live').length,
        silent: agents.filter((agent) => agent.state === 'silent').length,
      },
      streams: this.streams().length,
      queries: this.engine.pipelines.size,
      shedQueries: this.engine.shed.length,
      tables: this.tables?.summary() ?? { count: 0, failing: [] },
      ...(this.series !== undefined && { series: seriesStatus(this.series) }),
      rosterProblem: this.#options.roster.problem?.detail ?? null,
      overBudgetQueries: this.engine.registry.budgets.size,
      subscriptions: this.engine.subscriptionCount,
      ledgerCloses: this.ledger().closes,
      memory: { residentBytes: processMemory().residentBytes },
    };
  }

  metricsText(): string {
    return this.metrics.text();
  }

  language(): object {
    return languageView();
  }

  ready(): boolean {
    return this.engine.shardsUp.size > 0 && !this.engine.isDraining;
  }

  // ---- Effects ----------------------------------------------------------------------------------

  #checkFrom(planned: PlannedQuery): QueryCheck {
    const { canonical, diagnostics, columns, rules, views, parameters, replay } = planned;
    if (!isRunnable(planned)) return { canonical: null, diagnostics, columns, parameters };
    const known = knownForExplain(planned, this.engine);
    const explain = explainPlan(planned.plan, { rules, views, ...known, replay });
    return { canonical, diagnostics, columns, parameters, explain };
  }

  #audit({ by, query, params }: SubscribeRequest): void {
    // What the engine asks of itself is no news.
    if (by === undefined) return;
    const names = Object.keys(params);
    this.#options.audit.record({ action: 'run', by, target: null, text: query, params: names });
  }

  #tick(): void {
    this.metrics.time('squilla_tick_ms', () => this.handle({ type: 'tick' }));
    const nowMs = this.#options.clock.now();
    this.series?.tick(nowMs);
    this.standing?.tick(nowMs);
    this.#queryFiles?.tick();
    this.#options.roster.tick(this.engine.roster, nowMs);
  }

  #carryOut(effects: readonly CoordinatorEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'to-shard':
          this.#shards?.send(effect.shard, effect.message);
          break;
        case 'to-all-shards':
          this.#shards?.sendToAll(effect.message);
          break;
        case 'deliver':
          this.metrics.delivered(effect);
          this.#sinks.deliver(effect);
          break;
        case 'window':
        case 'source':
        case 'listening':
        case 'deaf':
          this.alerts?.hear(effect);
          this.series?.hear(effect);
          this.standing?.hear(effect, this.#options.clock.now());
          break;
        case 'closed':
          this.#sinks.end(effect);
          break;
      }
    }
  }
}
