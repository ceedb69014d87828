/** Which of a shard's queries are evaluated together: a cohort lives while a query is in it. */
import type { Config } from '../config.ts';
import { cohortKey, PaneCohort } from '../operator/pane-cohort.ts';
import type { CohortTable } from '../operator/cohort-table.ts';
import type { PlannedQuery } from './messages.ts';
import { passesAtOnce, stageOf } from './pipeline-stage.ts';
import type { PipelineStage } from './pipeline-stage.ts';

interface Membership {
  readonly key: string;
  readonly cohort: PaneCohort;
  readonly table: CohortTable;
}

export class Cohorts {
  readonly #config: Config;
  readonly #byKey = new Map<string, PaneCohort>();
  readonly #members = new Map<PipelineStage, Membership>();

  constructor(config: Config) {
    this.#config = config;
  }

  /** Null: the query is to be evaluated alone. */
  join(planned: PlannedQuery): PipelineStage | null {
    const { plan, closedThroughMs } = planned;
    const isApart = plan.home !== null || plan.join !== null || passesAtOnce(plan);
    const key = isApart ? null : cohortKey(plan);
    if (key === null) return null;
    let cohort = this.#byKey.get(key);
    if (cohort === undefined) this.#byKey.set(key, (cohort = new PaneCohort(plan, this.#config)));
    const table = cohort.add(plan, closedThroughMs);
    const stage = stageOf(planned, table);
    this.#members.set(stage, { key, cohort, table });
    return stage;
  }

  of(stage: PipelineStage): PaneCohort | null {
    return this.#members.get(stage)?.cohort ?? null;
  }

  /** Whether the stage is given rows that match. False: it is in no cohort. */
  attend(stage: PipelineStage, attends: boolean): boolean {
    const membership = this.#members.get(stage);
    membership?.cohort.attend(membership.table, attends);
    return membership !== undefined;
  }

  /** The cohort, if the stage was the last in it. */
  leave(stage: PipelineStage): PaneCohort | null {
    const membership = this.#members.get(stage);
    if (membership === undefined) return null;
    const { key, cohort, table } = membership;
    this.#members.delete(stage);
    cohort.remove(table);
    if (cohort.size > 0) return null;
    this.#byKey.delete(key);
    return cohort;
  }
}
