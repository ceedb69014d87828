/**
 * The queries a shard evaluates now. A new epoch replaces the set; pipelines that stay keep their
 * state. Which queries read a stream is worked out once per stream and epoch.
 */
import type { Config } from '../config.ts';
import { globMatches } from '../ir/glob.ts';
import type { EventBatch } from '../model/batch.ts';
import type { ShardEffect } from './effects.ts';
import type { PlannedQuery } from './messages.ts';
import { createStage } from './pipeline-stage.ts';
import type { PipelineStage } from './pipeline-stage.ts';

export class PlanSet {
  readonly #config: Config;
  readonly #emit: (effect: ShardEffect) => void;
  readonly #byStream = new Map<string, readonly PipelineStage[]>();
  #stages = new Map<string, PipelineStage>();
  #epoch = 0;

  constructor(config: Config, emit: (effect: ShardEffect) => void) {
    this.#config = config;
    this.#emit = emit;
  }

  get epoch(): number {
    return this.#epoch;
  }

  replace(epoch: number, plans: readonly PlannedQuery[]): void {
    const stages = new Map<string, PipelineStage>();
    for (const planned of plans) {
      const known = this.#stages.get(planned.pipeline);
      stages.set(planned.pipeline, known ?? createStage(planned, this.#config));
    }
    this.#epoch = epoch;
    this.#stages = stages;
    this.#byStream.clear();
  }

  ofStream(stream: string): readonly PlannedQuery[] {
    return this.#reading(stream).map((stage) => stage.planned);
  }

  /**
   * Evaluates a batch for every query that reads its stream. Returns the rows beyond `latestMs`.
   */
  evaluate(
    batch: EventBatch,
    clock: { readonly nowMs: number; readonly latestMs: number },
  ): number {
    for (const stage of this.#reading(batch.stream)) stage.addBatch(batch, clock);
    if (batch.span.maxMs <= clock.latestMs) return 0;
    return rowsBeyond(batch.times, batch.rows, clock.latestMs);
  }

  /**
   * Events an agent looked at and did not ship, in the window that ends at `atMs` at the latest.
   */
  filtered(stream: string, count: number, atMs: number): void {
    for (const stage of this.#reading(stream)) stage.addFiltered(atMs - 1, count);
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
    for (const stage of this.#stages.values()) {
      const message = stage.takeRows();
      if (message !== null) this.#emit({ type: 'to-coordinator', message });
    }
  }

  *usedIds(): Iterable<number> {
    for (const stage of this.#stages.values()) yield* stage.stringIds();
  }

  #reading(stream: string): readonly PipelineStage[] {
    const known = this.#byStream.get(stream);
    if (known !== undefined) return known;
    const reading = [...this.#stages.values()].filter(({ planned }) =>
      planned.plan.sources.some((source) => globMatches(source, stream)),
    );
    this.#byStream.set(stream, reading);
    return reading;
  }
}

function rowsBeyond(times: Float64Array, rows: number, latestMs: number): number {
  let beyond = 0;
  for (let i = 0; i < rows; i++) if (times[i]! > latestMs) beyond++;
  return beyond;
}
