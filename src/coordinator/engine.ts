/**
 * The coordinator: a pure state machine over what clients, shards and the clock say. It owns the
 * roster, the stream catalogue, the plan set with its epoch, and every pipeline. It never touches
 * sockets, threads or raw events; `handle` returns what the shells must do.
 *
 * Invariant: effects are in causal order, and a message to a shard precedes any that relies on it.
 */
import type { Config } from '../config.ts';
import { unreachable } from '../core/assert.ts';
import { EngineError } from '../core/errors.ts';
import type { QueryPlan } from '../ir/plan.ts';
import { planQuery } from '../plan/plan-query.ts';
import type { FieldCatalogue } from '../analyze/field-catalogue.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import { isRunnable } from '../plan/plan-views.ts';
import type { ViewDefinitions } from '../plan/plan-views.ts';
import type { PanesMessage, ShardOutput } from '../shard/messages.ts';
import { AgentDesk } from './agent-desk.ts';
import { AnalysisDesk } from './analysis-desk.ts';
import type { EngineLedger } from './ledger.ts';
import { createLedger } from './ledger.ts';
import { ListenDesk } from './listen-desk.ts';
import type { CoordinatorEffect, CoordinatorInput, SubscribeInput } from './messages.ts';
import type { Pipeline } from './pipeline.ts';
import { PipelineRegistry } from './pipeline-registry.ts';
import { explanation, refusal } from './single-answers.ts';
import { knownForExplain } from './stream-estimates.ts';
import { Roster } from './roster.ts';
import { RunningAggregate } from './running-aggregate.ts';
import type { EngineOptions } from './engine-options.ts';
import { StreamCatalogue } from './stream-catalogue.ts';
import { TableDesk } from './table-desk.ts';
import { StreamRates } from './stream-rates.ts';
import { isRunning } from './subscription.ts';

/** Whether to shed is asked this often; shards say how they fare a little less often. */
const SHED_MS = 200;

export class Engine {
  readonly config: Config;
  readonly roster: Roster;
  readonly catalogue: StreamCatalogue;
  readonly tables = new TableDesk();
  readonly ledger: EngineLedger;
  readonly incarnation: string;
  readonly startedAtMs: number;
  readonly shardRestarts = new Map<number, number>();
  readonly rates: StreamRates = new StreamRates();
  readonly #views: ViewDefinitions;
  readonly registry: PipelineRegistry;
  readonly #bySubscription = new Map<string, Pipeline>();
  readonly #shards = new Set<number>();
  readonly #desk: AgentDesk;
  readonly #analysis: AnalysisDesk;
  readonly #listening: ListenDesk;
  #effects: CoordinatorEffect[] = [];
  #draining = false;
  #nextExpiryMs = 0;
  #nextShedMs = 0;
  #nowMs: number;

  constructor(options: EngineOptions) {
    this.config = options.config;
    this.incarnation = options.incarnation;
    this.startedAtMs = options.nowMs;
    this.#nowMs = options.nowMs;
    this.#views = options.views ?? { names: () => [], get: () => undefined };
    this.roster = new Roster(options.config);
    this.catalogue = new StreamCatalogue(options.config, () => this.#nowMs);
    this.ledger = createLedger(this.roster, options.config.streamsMax);
    const { config, roster, catalogue, ledger, incarnation } = this;
    const emit = (effect: CoordinatorEffect): void => void this.#effects.push(effect);
    this.registry = new PipelineRegistry({
      ...{ config, roster, catalogue, incarnation, emit },
      engineStartedMs: options.nowMs,
      ...{ shards: this.#shards, tables: this.tables, seriesStates: options.seriesStates },
    });
    const { rates, registry } = this;
    this.#analysis = new AnalysisDesk({ roster, ledger, rates, registry, emit });
    this.#desk = new AgentDesk({
      ...{ config, roster, catalogue, ledger, emit },
      onNewStream: () => this.registry.refreshGroups(),
      isRunning: (stage) => this.registry.ofStage(stage) !== undefined,
    });
    this.#desk.recall(options.knownAgents ?? [], options.nowMs);
    this.#listening = new ListenDesk({
      emit,
      check: (query, params) => this.check(query, params),
      open: (plan, outcome) => this.registry.open(plan, outcome, this.#nowMs),
      onStanding: (pipeline) => this.registry.standingChanged(pipeline),
    });
  }

  get pipelines(): ReadonlyMap<string, Pipeline> {
    return this.registry.pipelines;
  }

  get epoch(): number {
    return this.registry.epoch;
  }

  get subscriptionCount(): number {
    return this.#bySubscription.size + this.#analysis.size;
  }

  /** Events behind a closed window, over all queries that ever ran. */
  get lateTotal(): number {
    return this.registry.lateTotal;
  }

  /** Queries that are not evaluated now because the engine cannot keep up. */
  get shed(): readonly Pipeline[] {
    return this.registry.shed;
  }

  get shardsUp(): ReadonlySet<number> {
    return this.#shards;
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** Plans a query against what streams are known to carry, without running it. */
  check(query: string, params: SubscribeInput['params'] = {}): PlannedQuery {
    const { config } = this;
    return planQuery(query, { mode: 'live', params, config, ...this.known() });
  }

  /** What a query may name: streams with their fields, tables, and views. */
  known(): { readonly catalogue: FieldCatalogue; readonly views: ViewDefinitions } {
    const catalogue = { ...this.catalogue.asFieldCatalogue(), ...this.tables.asCatalogue() };
    return { catalogue, views: this.#views };
  }

  handle(input: CoordinatorInput, nowMs: number): CoordinatorEffect[] {
    this.#nowMs = nowMs;
    switch (input.type) {
      case 'subscribe':
        this.#subscribe(input);
        break;
      case 'unsubscribe':
        this.#unsubscribe(input.subscription);
        break;
      case 'listen':
        this.#listening.listen(input, nowMs);
        break;
      case 'unlisten':
        this.#listening.unlisten(input.listener, nowMs);
        break;
      case 'hold-groups':
        this.#listening.hold(input.listener, input.groups);
        break;
      case 'stop-query':
        this.#stop(input.query, input.reason);
        break;
      case 'shard':
        this.#fromShard(input.shard, input.message);
        break;
      case 'put-table':
      case 'remove-table':
        this.#effects.push(this.tables.change(input, this.#shards, this.#nowMs));
        break;
      case 'shard-up':
        this.#shardUp(input.shard);
        break;
      case 'shard-down':
        this.#shardDown(input.shard);
        break;
      case 'tick':
        this.#tick();
        break;
      case 'drain':
        this.#drain(input.reason);
        break;
      default:
        unreachable(input);
    }
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  // ---- Subscriptions ---------------------------------------------------------------------------

  #subscribe(input: SubscribeInput): void {
    const outcome = input.planned ?? this.check(input.query, input.params);
    if (!isRunnable(outcome)) {
      const error = new EngineError('ENGINE_BAD_QUERY', 'the query cannot run', {
        data: { diagnostics: outcome.diagnostics, query: input.query },
      });
      this.#effects.push(...refusal(input.subscription, error));
      return;
    }
    if (outcome.explain === 'plan') {
      this.#effects.push(
        ...explanation(input.subscription, outcome, knownForExplain(outcome, this), this.#nowMs),
      );
      return;
    }
    const pipeline = this.#pipelineFor(outcome, outcome.plan, input.by);
    if (pipeline instanceof EngineError) {
      this.#effects.push(...refusal(input.subscription, pipeline));
      return;
    }
    pipeline.owner ??= input.by ?? null;
    if (outcome.explain === 'analyze') {
      const { schema } = pipeline;
      this.#analysis.open(input.subscription, outcome, { pipeline, schema }, this.#nowMs);
      return;
    }
    const { plan } = outcome;
    const subscription = {
      id: input.subscription,
      client: input.client,
      pipeline: pipeline.id,
      remaining: plan.final.endAfter,
      running: isRunning(plan) ? new RunningAggregate(plan) : null,
      // The first panes that a running value takes began before whoever joins a running pipeline.
      startedAtMs: Math.max(pipeline.startedAtMs, pipeline.closedThroughMs),
    };
    this.#bySubscription.set(input.subscription, pipeline);
    pipeline.audience.join(subscription, pipeline.schema, input);
    this.#settleClosed();
    this.registry.renew(pipeline);
  }

  #pipelineFor(outcome: PlannedQuery, plan: QueryPlan, by?: string): Pipeline | EngineError {
    if (this.#draining) return new EngineError('ENGINE_STOPPING', 'no new queries are taken');
    if (this.subscriptionCount >= this.config.subscriptionsMax) {
      const detail = `${this.config.subscriptionsMax} subscriptions are open`;
      return new EngineError('LIMIT_SUBSCRIPTIONS', detail);
    }
    return this.registry.open(plan, outcome, this.#nowMs, by);
  }

  #unsubscribe(subscription: string): void {
    const pipeline = this.#bySubscription.get(subscription);
    if (pipeline === undefined) {
      this.#analysis.close(subscription, this.#nowMs);
      return;
    }
    pipeline.audience.leave(subscription, this.#nowMs);
    this.#bySubscription.delete(subscription);
    this.registry.renew(pipeline);
  }

  /** Subscriptions that ended by themselves (LIMIT) are let go. */
  #settleClosed(): void {
    for (const effect of this.#effects) {
      if (effect.type === 'closed') this.#unsubscribe(effect.subscription);
    }
  }

  #stop(query: string, reason: string): void {
    const pipeline = this.pipelines.get(query);
    if (pipeline === undefined) return;
    // Who reads it as a view has no more rows to come.
    for (const [reader, name] of this.registry.readersOf(pipeline)) {
      this.#stop(reader.id, `its view ${name} was ${reason}`);
    }
    pipeline.audience.end(reason);
    pipeline.listeners.end(reason);
    this.#analysis.end(pipeline, reason);
    this.#settleClosed();
    this.registry.remove(pipeline, this.#nowMs);
  }

  // ---- Time ------------------------------------------------------------------------------------

  #tick(): void {
    if (this.#nowMs >= this.#nextExpiryMs) {
      this.#nextExpiryMs = this.#nowMs + 1_000;
      for (const agent of this.roster.expire(this.#nowMs)) this.ledger.retire(agent);
      this.#forgetStreams();
      this.rates.tick(this.#nowMs, () => this.ledger.offered());
    }
    if (this.#nowMs >= this.#nextShedMs) {
      this.#nextShedMs = this.#nowMs + SHED_MS;
      this.registry.shedOrResume(this.#nowMs);
    }
    this.registry.tick(this.#nowMs);
    this.#analysis.tick(this.#nowMs);
    this.#settleClosed();
  }

  #forgetStreams(): void {
    const ingested = this.ledger.ingestedStreams();
    const isOffered = (name: string): boolean => this.roster.offers(name) || ingested.has(name);
    if (this.catalogue.forget(this.#nowMs, isOffered)) this.registry.refreshGroups();
  }

  #drain(reason: string): void {
    this.#draining = true;
    for (const pipeline of this.pipelines.values()) pipeline.audience.end(reason);
    this.#analysis.end(null, reason);
    this.#settleClosed();
    this.#effects.push({ type: 'to-all-shards', message: { type: 'drain', reason } });
  }

  // ---- Shards ----------------------------------------------------------------------------------

  #shardUp(shard: number): void {
    this.#effects.push(...this.tables.greet(shard));
    this.registry.sendAll(shard, this.#nowMs);
    this.#shards.add(shard);
    this.registry.settleHomes(this.#nowMs);
  }

  #shardDown(shard: number): void {
    this.#shards.delete(shard);
    this.shardRestarts.set(shard, (this.shardRestarts.get(shard) ?? 0) + 1);
    this.#desk.shardLost(shard, this.#nowMs);
    this.tables.lost(shard, this.#nowMs);
    this.registry.shardLost(shard);
    // Nobody waits for rows of a shard that is gone.
    const lost = { type: 'peer-lost', shard } as const;
    for (const other of this.#shards) {
      this.#effects.push({ type: 'to-shard', shard: other, message: lost });
    }
    for (const pipeline of this.pipelines.values()) pipeline.shardLost(shard, this.#nowMs);
    this.registry.settleHomes(this.#nowMs);
    this.registry.renewAll();
    this.#settleClosed();
  }

  #fromShard(shard: number, message: ShardOutput): void {
    switch (message.type) {
      case 'claim':
        this.#desk.claim(shard, message, this.#nowMs);
        break;
      case 'agent-gone':
        this.#desk.gone(shard, message, this.#nowMs);
        break;
      case 'agent-offer':
        this.#desk.offer(message);
        break;
      case 'agent-active':
        this.#desk.active(message);
        break;
      case 'agent-report':
        this.#desk.report(shard, message, this.#nowMs);
        break;
      case 'panes':
        this.#panes(shard, message);
        break;
      case 'rows':
        this.registry.ofStage(message.pipeline)?.rows(message, this.#nowMs);
        this.#settleClosed();
        break;
      case 'home-windows':
        this.registry.ofStage(message.pipeline)?.homeWindows(shard, message, this.#nowMs);
        this.#settleClosed();
        break;
      case 'stage-counts':
        this.registry.ofStage(message.pipeline)?.counted(shard, message);
        break;
      case 'stream-fields':
        this.catalogue.learn(message.stream, message.fields);
        break;
      case 'stream-values':
        this.catalogue.suggest(message.stream, message.fields);
        break;
      case 'stream-via':
        this.catalogue.came(message.stream, message.via);
        break;
      case 'stream-time':
        this.#desk.streamTime(shard, message);
        break;
      case 'table-held':
        this.tables.held(shard, message, this.#nowMs);
        break;
      case 'load':
        this.registry.loaded(shard, message, this.#nowMs);
        this.#desk.loaded(shard, message, this.#nowMs);
        break;
      case 'plans-wanted':
        this.registry.sendAll(shard, this.#nowMs);
        break;
      case 'ingested':
      case 'failed':
        // The shells answer the HTTP request and restart the thread.
        break;
      default:
        unreachable(message);
    }
  }

  #panes(shard: number, message: PanesMessage): void {
    const pipeline = this.registry.ofStage(message.pipeline);
    if (pipeline === undefined) return;
    pipeline.panes(shard, message, this.#nowMs);
    this.registry.renew(pipeline);
    this.#settleClosed();
  }
}
