/**
 * The queries a shard evaluates now, under the epoch of the set. The whole set comes once, changes
 * after that; pipelines that stay keep their state. Which queries read a stream is worked out when
 * its first event comes and kept through changes.
 */
import { globMatches } from '../ir/glob.ts';
import type { EventBatch } from '../model/batch.ts';
import type { PaneCohort } from '../operator/pane-cohort.ts';
import type { DeltaShape, QueryDelta } from '../wire/partials-frame.ts';
import { Cohorts } from './cohorts.ts';
import { DeltaStage } from './delta-stage.ts';
import { HomeStage } from './home-stage.ts';
import type {
  CloseMessage,
  ExchangedRows,
  ExchangeMark,
  PlanChanges,
  PlannedQuery,
  QueryState,
  ShardLoad,
  ShedQuery,
} from './messages.ts';
import { createStage } from './pipeline-stage.ts';
import type { PipelineStage } from './pipeline-stage.ts';
import { ShedStages } from './shed-stages.ts';
import type { ShedStage } from './shed-stages.ts';
import type { StageContext } from './stage-context.ts';
import { StageCosts } from './stage-costs.ts';

/** What takes less is not told of. */
const STATE_TOLD_BYTES = 64 * 1024;

/** What an epoch changed, for those who have followed so far. */
export interface PlanNews {
  /** Null: whoever listens must hear of the whole set. */
  readonly base: number | null;
  readonly epoch: number;
  readonly added: readonly PlannedQuery[];
  readonly removed: readonly PlannedQuery[];
}

/** The queries that read one stream: all of them, and how they are evaluated. */
interface StreamStages {
  readonly stages: Set<PipelineStage>;
  readonly cohorts: Set<PaneCohort>;
  readonly alone: Set<PipelineStage>;
  /** Of the stages, those that are not evaluated now. */
  readonly shed: Set<ShedStage>;
}

export class PlanSet {
  readonly #context: StageContext;
  readonly #byStream = new Map<string, StreamStages>();
  readonly #cohorts: Cohorts;
  readonly #stages = new Map<string, PipelineStage>();
  /** Those that tell of themselves. */
  readonly #speaking = new Set<PipelineStage>();
  readonly #shed = new ShedStages();
  readonly #costs = new StageCosts();
  /** What agents are told of queries that changed since they came, by pipeline. */
  readonly #changed = new Map<string, PlannedQuery>();
  #epoch = 0;
  /** The coordinator was asked for the whole set. */
  #wanting = false;

  constructor(context: StageContext) {
    this.#context = context;
    this.#cohorts = new Cohorts(context.config);
  }

  get epoch(): number {
    return this.#epoch;
  }

  replace(epoch: number, plans: readonly PlannedQuery[]): PlanNews {
    const wanted = new Set(plans.map(({ pipeline }) => pipeline));
    for (const pipeline of this.#stages.keys()) if (!wanted.has(pipeline)) this.#remove(pipeline);
    for (const planned of plans) this.#move(planned);
    this.#epoch = epoch;
    this.#wanting = false;
    return { base: null, epoch, added: plans, removed: [] };
  }

  /** Null: the changes are of another set than this one; the whole set is asked for. */
  change({ epoch, base, added, removed, moved }: PlanChanges): PlanNews | null {
    if (base !== this.#epoch) {
      if (!this.#wanting) this.#context.tell({ type: 'plans-wanted' });
      this.#wanting = true;
      return null;
    }
    this.#epoch = epoch;
    const gone = removed.flatMap((pipeline) => this.#remove(pipeline));
    const begun = added.filter((planned) => this.#add(planned));
    const dealt = moved.filter((planned) => this.#move(planned) === 'dealt');
    return { base, epoch, added: [...begun, ...dealt], removed: gone };
  }

  /** Whether some query reads the stream. */
  isRead(stream: string): boolean {
    const known = this.#byStream.get(stream);
    if (known !== undefined) return known.stages.size > 0;
    for (const stage of this.#stages.values()) if (reads(stage, stream)) return true;
    return false;
  }

  ofStream(stream: string): readonly PlannedQuery[] {
    return Array.from(this.#reading(stream).stages, ({ planned }) => {
      return this.#changed.get(planned.pipeline) ?? planned;
    });
  }

  /**
   * Evaluates a batch for every query that reads its stream. Returns the rows beyond `latestMs`.
   */
  evaluate(
    batch: EventBatch,
    clock: { readonly nowMs: number; readonly latestMs: number },
  ): number {
    const { cohorts, alone, shed } = this.#reading(batch.stream);
    for (const cohort of cohorts) {
      if (batch.isAggregated !== true || !this.#cohorts.isEdge(cohort)) {
        cohort.addBatch(batch, clock);
      }
    }
    for (const stage of alone) stage.addBatch(batch, clock);
    for (const one of shed) {
      if (batch.isAggregated === true && one.stage instanceof DeltaStage) continue;
      this.#shed.count(one, batch.rows, batch.span.maxMs);
    }
    if (batch.span.maxMs <= clock.latestMs) return 0;
    return rowsBeyond(batch.times, batch.rows, clock.latestMs);
  }

  /**
   * Events an agent looked at and did not ship, in the window that ends at `atMs` at the latest.
   * If it aggregates by itself, its deltas say so of the queries for which it does.
   */
  filtered(
    stream: string,
    {
      atMs,
      count,
      isAggregated,
    }: Readonly<Record<'atMs' | 'count', number>> & {
      readonly isAggregated: boolean;
    },
  ): void {
    const { cohorts, alone, shed } = this.#reading(stream);
    const isTold = (stage: PipelineStage): boolean => isAggregated && stage instanceof DeltaStage;
    for (const cohort of cohorts) {
      if (!isAggregated || !this.#cohorts.isEdge(cohort)) cohort.addFiltered(atMs - 1, count);
    }
    for (const stage of alone) if (!isTold(stage)) stage.addFiltered(atMs - 1, count);
    for (const { isAlone, stage } of shed) {
      if (isAlone && !isTold(stage)) stage.addFiltered(atMs - 1, count);
    }
  }

  /** What an agent's delta of the query consists of; null: none is expected. */
  deltaShape(query: string): DeltaShape | null {
    const stage = this.#stages.get(query);
    return stage instanceof DeltaStage ? stage.shape : null;
  }

  addDelta(delta: QueryDelta, latestMs: number): void {
    const stage = this.#stages.get(delta.query);
    if (!(stage instanceof DeltaStage)) return;
    const shed = this.#shed.get(stage);
    // What is over its budget must not hold more; what an agent counted costs the shard little.
    const isOver = shed?.reason === 'quota';
    stage.addDelta(isOver ? withoutGroups(delta) : delta, latestMs);
    if (!isOver) return;
    const matched = delta.panes.reduce((sum, pane) => sum + pane.matched, 0);
    this.#shed.count({ ...shed, isAlone: false }, matched, latestMs);
  }

  close({ awaits, pipeline, throughMs }: CloseMessage): void {
    const stage = this.#stages.get(pipeline);
    // A window should know what it did not see.
    if (stage !== undefined) this.#tellShed(stage);
    const message = stage?.close(throughMs, awaits) ?? null;
    if (message !== null) this.#context.tell(message);
  }

  /** What other shards send to this one. */
  receive(from: number, message: ExchangedRows | ExchangeMark, nowMs: number): void {
    const stage = this.#stages.get(message.pipeline);
    if (stage instanceof HomeStage) stage.receive(from, message, nowMs);
  }

  peerLost(shard: number): void {
    for (const stage of this.#speaking) if (stage instanceof HomeStage) stage.peerLost(shard);
  }

  tick(nowMs: number): void {
    for (const stage of this.#speaking) stage.tick(nowMs);
  }

  /** Tells what shed queries did not see; their windows hear of it by themselves. */
  tellShed(): void {
    for (const { stage } of this.#shed.all()) this.#tellShed(stage);
  }

  /** These are not evaluated from here on, all others are. */
  shed(queries: readonly ShedQuery[]): void {
    const wanted = new Map(queries.map(({ pipeline, reason }) => [pipeline, reason]));
    for (const { stage, reason } of this.#shed.all()) {
      if (wanted.get(stage.planned.pipeline) !== reason) this.#resume(stage);
    }
    for (const [pipeline, reason] of wanted) {
      const stage = this.#stages.get(pipeline);
      if (stage === undefined || this.#shed.has(stage)) continue;
      this.#shed.add({ stage, reason, isAlone: !this.#cohorts.attend(stage, false) });
      this.#renewStreams(stage);
    }
  }

  /** What queries hold, of those that hold more than a little. */
  states(): readonly QueryState[] {
    const states: QueryState[] = [];
    for (const [pipeline, stage] of this.#stages) {
      const state = stage.state;
      if (state !== null && state.bytes >= STATE_TOLD_BYTES) states.push({ pipeline, ...state });
    }
    return states;
  }

  /** Shares of the work since the last call, the costliest first. */
  costs(): ShardLoad['costs'] {
    return this.#costs.take(this.#stages.values());
  }

  peek(pipeline: string, beforeMs: number): void {
    const message = this.#stages.get(pipeline)?.peek(beforeMs) ?? null;
    if (message !== null) this.#context.tell(message);
  }

  /** Posts what is to be told without being asked: rows of plain selects, windows that ended. */
  flushOutputs(): void {
    for (const stage of this.#speaking) {
      for (const message of stage.takeOutputs()) this.#context.tell(message);
    }
  }

  *usedIds(): Iterable<number> {
    for (const stage of this.#stages.values()) yield* stage.stringIds();
  }

  #resume(stage: PipelineStage): void {
    this.#tellShed(stage);
    this.#shed.resume(stage);
    this.#cohorts.attend(stage, true);
    this.#renewStreams(stage);
  }

  #tellShed(stage: PipelineStage): void {
    const news = this.#shed.news(stage);
    if (news === null) return;
    const { pipeline } = stage.planned;
    this.#context.tell({ type: 'stage-counts', pipeline, late: 0, dropped: news });
  }

  /** How the stage is evaluated has changed. */
  #renewStreams(stage: PipelineStage): void {
    for (const [stream, { stages }] of this.#byStream) {
      if (stages.has(stage)) this.#byStream.delete(stream);
    }
  }

  #add(planned: PlannedQuery): boolean {
    if (this.#stages.has(planned.pipeline)) return false;
    const stage = this.#cohorts.join(planned) ?? createStage(planned, this.#context);
    this.#stages.set(planned.pipeline, stage);
    if (stage.speaks) this.#speaking.add(stage);
    for (const [stream, reading] of this.#byStream) {
      if (reads(stage, stream)) this.#addTo(reading, stage);
    }
    return true;
  }

  /** A query that is known and has another home begins anew; else only agents are concerned. */
  #move(planned: PlannedQuery): 'dealt' | 'begun' {
    const known = this.#stages.get(planned.pipeline);
    if (known?.planned.home === planned.home) {
      this.#changed.set(planned.pipeline, planned);
      return 'dealt';
    }
    if (known !== undefined) this.#remove(planned.pipeline);
    this.#add(planned);
    return 'begun';
  }

  #remove(pipeline: string): PlannedQuery[] {
    const stage = this.#stages.get(pipeline);
    if (stage === undefined) return [];
    this.#stages.delete(pipeline);
    this.#speaking.delete(stage);
    this.#changed.delete(pipeline);
    const emptied = this.#cohorts.leave(stage);
    for (const { stages, alone, cohorts } of this.#byStream.values()) {
      stages.delete(stage);
      alone.delete(stage);
      if (emptied !== null) cohorts.delete(emptied);
    }
    if (this.#shed.has(stage)) this.#byStream.clear();
    this.#shed.forget(stage);
    return [stage.planned];
  }

  #reading(stream: string): StreamStages {
    const known = this.#byStream.get(stream);
    if (known !== undefined) return known;
    const reading = {
      stages: new Set<PipelineStage>(),
      cohorts: new Set<PaneCohort>(),
      alone: new Set<PipelineStage>(),
      shed: new Set<ShedStage>(),
    };
    for (const stage of this.#stages.values()) {
      if (reads(stage, stream)) this.#addTo(reading, stage);
    }
    this.#byStream.set(stream, reading);
    return reading;
  }

  #addTo({ stages, cohorts, alone, shed }: StreamStages, stage: PipelineStage): void {
    stages.add(stage);
    const cohort = this.#cohorts.of(stage);
    const one = this.#shed.get(stage);
    if (one !== undefined) shed.add(one);
    // A cohort counts what its shed members see.
    if (cohort !== null) cohorts.add(cohort);
    else if (one === undefined) alone.add(stage);
  }
}

function reads({ planned }: PipelineStage, stream: string): boolean {
  return planned.plan.sources.some((source) => globMatches(source, stream));
}

function rowsBeyond(times: Float64Array, rows: number, latestMs: number): number {
  let beyond = 0;
  for (let i = 0; i < rows; i++) if (times[i]! > latestMs) beyond++;
  return beyond;
}

/** Its events count as seen and no more. */
function withoutGroups({ panes, ...delta }: QueryDelta): QueryDelta {
  return { ...delta, panes: panes.map((pane) => ({ ...pane, matched: 0, groups: null })) };
}
