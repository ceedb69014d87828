/**
 * The stages that are not evaluated, because the engine cannot keep up or they are over a budget.
 * Their windows go on: events count as seen and as dropped, reason `shed` or `quota`.
 */
import type { ShedQuery } from './messages.ts';
import type { PipelineStage } from './pipeline-stage.ts';

export interface ShedStage {
  readonly stage: PipelineStage;
  readonly reason: ShedQuery['reason'];
  /** Nobody counts for it what it sees. */
  readonly isAlone: boolean;
}

interface Unevaluated {
  shed: number;
  quota: number;
  /** Of both together. */
  told: number;
}

export class ShedStages {
  readonly #shed = new Map<PipelineStage, ShedStage>();
  /** Events not evaluated, of stages that are or were shed. */
  readonly #dropped = new Map<PipelineStage, Unevaluated>();

  get(stage: PipelineStage): ShedStage | undefined {
    return this.#shed.get(stage);
  }

  add(shed: ShedStage): void {
    this.#shed.set(shed.stage, shed);
    const counts = this.#counts(shed.stage);
    if (shed.reason === 'quota') counts.quota += shed.stage.discard();
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
  }

  count({ stage, isAlone, reason }: ShedStage, events: number, timeMs: number): void {
    this.#counts(stage)[reason] += events;
    if (isAlone) stage.addFiltered(timeMs, events);
  }

  /** Cumulative, if it has grown since the last call. */
  news(stage: PipelineStage): Pick<Unevaluated, 'shed' | 'quota'> | null {
    const counts = this.#dropped.get(stage);
    if (counts === undefined) return null;
    const { shed, quota, told } = counts;
    if (shed + quota === told) return null;
    counts.told = shed + quota;
    return { shed, quota };
  }

  #counts(stage: PipelineStage): Unevaluated {
    let counts = this.#dropped.get(stage);
    if (counts === undefined) {
      counts = { shed: 0, quota: 0, told: 0 };
      this.#dropped.set(stage, counts);
    }
    return counts;
  }
}
