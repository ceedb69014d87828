/**
 * The stages that are not evaluated because the engine cannot keep up. Their windows go on: events
 * count as seen and as dropped, reason `shed`.
 */
import type { PipelineStage } from './pipeline-stage.ts';

export interface ShedStage {
  readonly stage: PipelineStage;
  /** Nobody counts for it what it sees. */
  readonly isAlone: boolean;
}

export class ShedStages {
  readonly #shed = new Map<PipelineStage, ShedStage>();
  /** Events not evaluated, of stages that are or were shed. */
  readonly #dropped = new Map<PipelineStage, number>();

  /** What was told of them. */
  readonly #told = new Map<PipelineStage, number>();

  get(stage: PipelineStage): ShedStage | undefined {
    return this.#shed.get(stage);
  }

  add(shed: ShedStage): void {
    this.#shed.set(shed.stage, shed);
    if (!this.#dropped.has(shed.stage)) this.#dropped.set(shed.stage, 0);
  }

  has(stage: PipelineStage): boolean {
    return this.#shed.has(stage);
  }

  all(): Iterable<ShedStage> {
    return this.#shed.values();
  }

  /** It is evaluated again. */
  resume(stage: PipelineStage): void {
    this.#shed.delete(stage);
  }

  /** The query has ended. */
  forget(stage: PipelineStage): void {
    this.#shed.delete(stage);
    this.#dropped.delete(stage);
    this.#told.delete(stage);
  }

  count({ stage, isAlone }: ShedStage, events: number, timeMs: number): void {
    this.#dropped.set(stage, (this.#dropped.get(stage) ?? 0) + events);
    if (isAlone) stage.addFiltered(timeMs, events);
  }

  /** Cumulative, if it has grown since the last call. */
  news(stage: PipelineStage): number | null {
    const count = this.#dropped.get(stage) ?? 0;
    if (count === (this.#told.get(stage) ?? 0)) return null;
    this.#told.set(stage, count);
    return count;
  }
}
