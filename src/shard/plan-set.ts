/**
 * The queries a shard evaluates now, under the epoch of the set. The whole set comes once, changes
 * after that; pipelines that stay keep their state. Which queries read a stream is worked out when
 * its first event comes and kept through changes.
 */
import type { Config } from '../config.ts';
import { globMatches } from '../ir/glob.ts';
import type { EventBatch } from '../model/batch.ts';
import type { PaneCohort } from '../operator/pane-cohort.ts';
import { Cohorts } from './cohorts.ts';
import type { ShardEffect } from './effects.ts';
import type { PlanChanges, PlannedQuery } from './messages.ts';
import { createStage } from './pipeline-stage.ts';
import type { PipelineStage } from './pipeline-stage.ts';

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
}

export class PlanSet {
  readonly #config: Config;
  readonly #emit: (effect: ShardEffect) => void;
  readonly #byStream = new Map<string, StreamStages>();
  readonly #cohorts: Cohorts;
  readonly #stages = new Map<string, PipelineStage>();
  /** Those that pass rows at once. */
  readonly #passing = new Set<PipelineStage>();
  #epoch = 0;
  /** The coordinator was asked for the whole set. */
  #wanting = false;

  constructor(config: Config, emit: (effect: ShardEffect) => void) {
    this.#config = config;
    this.#cohorts = new Cohorts(config);
    this.#emit = emit;
  }

  get epoch(): number {
    return this.#epoch;
  }

  replace(epoch: number, plans: readonly PlannedQuery[]): PlanNews {
    const wanted = new Set(plans.map(({ pipeline }) => pipeline));
    for (const pipeline of this.#stages.keys()) if (!wanted.has(pipeline)) this.#remove(pipeline);
    for (const planned of plans) this.#add(planned);
    this.#epoch = epoch;
    this.#wanting = false;
    return { base: null, epoch, added: plans, removed: [] };
  }

  /** Null: the changes are of another set than this one; the whole set is asked for. */
  change({ epoch, base, added, removed }: PlanChanges): PlanNews | null {
    if (base !== this.#epoch) {
      if (!this.#wanting) this.#emit({ type: 'to-coordinator', message: { type: 'plans-wanted' } });
      this.#wanting = true;
      return null;
    }
    this.#epoch = epoch;
    const gone = removed.flatMap((pipeline) => this.#remove(pipeline));
    const begun = added.filter((planned) => this.#add(planned));
    return { base, epoch, added: begun, removed: gone };
  }

  ofStream(stream: string): readonly PlannedQuery[] {
    return Array.from(this.#reading(stream).stages, (stage) => stage.planned);
  }

  /**
   * Evaluates a batch for every query that reads its stream. Returns the rows beyond `latestMs`.
   */
  evaluate(
    batch: EventBatch,
    clock: { readonly nowMs: number; readonly latestMs: number },
  ): number {
    const { cohorts, alone } = this.#reading(batch.stream);
    for (const cohort of cohorts) cohort.addBatch(batch, clock);
    for (const stage of alone) stage.addBatch(batch, clock);
    if (batch.span.maxMs <= clock.latestMs) return 0;
    return rowsBeyond(batch.times, batch.rows, clock.latestMs);
  }

  /**
   * Events an agent looked at and did not ship, in the window that ends at `atMs` at the latest.
   */
  filtered(stream: string, count: number, atMs: number): void {
    const { cohorts, alone } = this.#reading(stream);
    for (const cohort of cohorts) cohort.addFiltered(atMs - 1, count);
    for (const stage of alone) stage.addFiltered(atMs - 1, count);
  }

  close(pipeline: string, throughMs: number): void {
    const message = this.#stages.get(pipeline)?.close(throughMs) ?? null;
    if (message !== null) this.#emit({ type: 'to-coordinator', message });
  }

  peek(pipeline: string, beforeMs: number): void {
    const message = this.#stages.get(pipeline)?.peek(beforeMs) ?? null;
    if (message !== null) this.#emit({ type: 'to-coordinator', message });
  }

  /** Posts the rows of plain selects that have come since the last call. */
  flushRows(): void {
    for (const stage of this.#passing) {
      const message = stage.takeRows();
      if (message !== null) this.#emit({ type: 'to-coordinator', message });
    }
  }

  *usedIds(): Iterable<number> {
    for (const stage of this.#stages.values()) yield* stage.stringIds();
  }

  #add(planned: PlannedQuery): boolean {
    if (this.#stages.has(planned.pipeline)) return false;
    const stage = this.#cohorts.join(planned) ?? createStage(planned, this.#config);
    this.#stages.set(planned.pipeline, stage);
    if (stage.passes) this.#passing.add(stage);
    for (const [stream, reading] of this.#byStream) {
      if (reads(stage, stream)) addTo(reading, stage, this.#cohorts.of(stage));
    }
    return true;
  }

  #remove(pipeline: string): PlannedQuery[] {
    const stage = this.#stages.get(pipeline);
    if (stage === undefined) return [];
    this.#stages.delete(pipeline);
    this.#passing.delete(stage);
    const emptied = this.#cohorts.leave(stage);
    for (const { stages, alone, cohorts } of this.#byStream.values()) {
      stages.delete(stage);
      alone.delete(stage);
      if (emptied !== null) cohorts.delete(emptied);
    }
    return [stage.planned];
  }

  #reading(stream: string): StreamStages {
    const known = this.#byStream.get(stream);
    if (known !== undefined) return known;
    const reading = {
      stages: new Set<PipelineStage>(),
      cohorts: new Set<PaneCohort>(),
      alone: new Set<PipelineStage>(),
    };
    for (const stage of this.#stages.values()) {
      if (reads(stage, stream)) addTo(reading, stage, this.#cohorts.of(stage));
    }
    this.#byStream.set(stream, reading);
    return reading;
  }
}

function addTo(
  { stages, cohorts, alone }: StreamStages,
  stage: PipelineStage,
  cohort: PaneCohort | null,
): void {
  stages.add(stage);
  if (cohort === null) alone.add(stage);
  else cohorts.add(cohort);
}

function reads({ planned }: PipelineStage, stream: string): boolean {
  return planned.plan.sources.some((source) => globMatches(source, stream));
}

function rowsBeyond(times: Float64Array, rows: number, latestMs: number): number {
  let beyond = 0;
  for (let i = 0; i < rows; i++) if (times[i]! > latestMs) beyond++;
  return beyond;
}
