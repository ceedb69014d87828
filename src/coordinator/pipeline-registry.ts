/**
 * The pipelines that run now, by fingerprint and by the name that shards know, with the source
 * groups they share and the epochs in which shards are told of them. Queries with equal plans share
 * one pipeline.
 */
import type { Config } from '../config.ts';
import { EngineError } from '../core/errors.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import { schemaMessage } from '../plan/schema.ts';
import type { ShardInput } from '../shard/messages.ts';
import type { CoordinatorEffect } from './messages.ts';
import { Pipeline } from './pipeline.ts';
import type { Roster } from './roster.ts';
import { shippingFault } from './shipped-fields.ts';
import { warningsOf } from './single-answers.ts';
import { SourceGroup, sourceKey } from './source-group.ts';
import type { StreamCatalogue } from './stream-catalogue.ts';

export interface RegistryParts {
  readonly config: Config;
  readonly incarnation: string;
  readonly engineStartedMs: number;
  readonly roster: Roster;
  readonly catalogue: StreamCatalogue;
  readonly shards: ReadonlySet<number>;
  readonly emit: (effect: CoordinatorEffect) => void;
}

export class PipelineRegistry {
  readonly pipelines = new Map<string, Pipeline>();
  readonly #parts: RegistryParts;
  /** The same ones by the name that shards and agents know them by. */
  readonly #byStage = new Map<string, Pipeline>();
  readonly #groups = new Map<string, SourceGroup>();
  #epoch = 0;
  #isDirty = false;
  /** Pipelines that no epoch has told the shards of. */
  readonly #unsent = new Set<Pipeline>();
  #count = 0;
  #retiredLate = 0;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Events behind a closed window, over all pipelines that ever ran. */
  get lateTotal(): number {
    let late = this.#retiredLate;
    for (const pipeline of this.pipelines.values()) late += pipeline.late;
    return late;
  }

  ofStage(stage: string): Pipeline | undefined {
    return this.#byStage.get(stage);
  }

  /** The running pipeline of the plan, started if there is none. */
  open(plan: QueryPlan, outcome: PlannedQuery, nowMs: number): Pipeline | EngineError {
    const { config } = this.#parts;
    const known = this.pipelines.get(plan.fingerprint);
    if (known !== undefined) return known;
    if (this.pipelines.size >= config.queriesMax) {
      return new EngineError('LIMIT_QUERIES', `${config.queriesMax} queries are running`);
    }
    const plans = [...this.pipelines.values()].map((running) => running.plan);
    const fault = shippingFault(plan, plans, config);
    if (fault !== null) return fault;
    const pipeline = this.#create(plan, outcome, nowMs);
    this.pipelines.set(plan.fingerprint, pipeline);
    this.#byStage.set(pipeline.stage, pipeline);
    this.#unsent.add(pipeline);
    this.#isDirty = true;
    return pipeline;
  }

  remove(pipeline: Pipeline): void {
    this.#retiredLate += pipeline.late;
    this.pipelines.delete(pipeline.id);
    this.#byStage.delete(pipeline.stage);
    this.#unsent.delete(pipeline);
    this.#isDirty = true;
    const key = sourceKey(pipeline.plan.sources);
    const isShared = [...this.pipelines.values()].some((p) => p.group === pipeline.group);
    if (!isShared) this.#groups.delete(key);
  }

  /** Pipelines that nobody has read for `lingerMs` are let go. */
  removeIdle(nowMs: number): void {
    for (const pipeline of this.pipelines.values()) {
      if (pipeline.listeners.size > 0) continue;
      const idleMs = nowMs - (pipeline.audience.idleSinceMs ?? nowMs);
      if (idleMs > this.#parts.config.lingerMs) this.remove(pipeline);
    }
  }

  /** Streams have appeared or gone: patterns match others now. */
  refreshGroups(): void {
    for (const group of this.#groups.values()) group.refresh();
  }

  // ---- Plans -----------------------------------------------------------------------------------

  /** A new epoch for all shards, if the set of queries has changed since the last. */
  sendPlans(nowMs: number): void {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    this.#epoch++;
    this.#parts.emit({ type: 'to-all-shards', message: this.plans() });
    // Before its plan was sent nobody evaluated a query, whatever its windows would like to claim.
    for (const pipeline of this.#unsent) pipeline.startedAtMs = nowMs;
    this.#unsent.clear();
  }

  /** Everything that a shard has to run. */
  plans(): ShardInput {
    const plans = [...this.pipelines.values()].map((pipeline) => ({
      pipeline: pipeline.stage,
      plan: pipeline.plan,
      closedThroughMs: pipeline.closedThroughMs,
    }));
    return { type: 'plans', epoch: this.#epoch, plans };
  }

  #create(plan: QueryPlan, outcome: PlannedQuery, nowMs: number): Pipeline {
    const { config, emit, engineStartedMs, incarnation, roster, shards } = this.#parts;
    return new Pipeline({
      plan,
      schema: schemaMessage(plan, plan.fingerprint, warningsOf(outcome)),
      group: this.#groupFor(plan),
      config,
      incarnation: `${incarnation}.${(this.#count++).toString(36)}`,
      nowMs,
      engineStartedMs,
      emit,
      shardsUp: () => shards,
      isLive: (agent, atMs) => roster.state(agent, atMs) === 'live',
    });
  }

  #groupFor(plan: QueryPlan): SourceGroup {
    const key = sourceKey(plan.sources);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const { config, roster, catalogue } = this.#parts;
    const group = new SourceGroup(plan.sources, { config, roster, catalogue });
    this.#groups.set(key, group);
    return group;
  }
}
