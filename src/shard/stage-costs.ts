/** Which queries of a shard cost most, from the work that their stages count. */
import type { ShardLoad } from './messages.ts';
import type { PipelineStage } from './pipeline-stage.ts';

/** Told at once; shedding goes by steps anyway. */
const COSTS_MAX = 512;

export class StageCosts {
  #counted = new WeakMap<PipelineStage, number>();

  /** Shares of the work since the last call, the costliest first. */
  take(stages: Iterable<PipelineStage>): ShardLoad['costs'] {
    const costs: { readonly pipeline: string; readonly work: number }[] = [];
    let total = 0;
    for (const stage of stages) {
      const work = stage.work - (this.#counted.get(stage) ?? 0);
      this.#counted.set(stage, stage.work);
      if (work === 0) continue;
      total += work;
      costs.push({ pipeline: stage.planned.pipeline, work });
    }
    return costs
      .sort((a, b) => b.work - a.work)
      .slice(0, COSTS_MAX)
      .map(({ pipeline, work }) => ({ pipeline, share: work / total }));
  }
}
