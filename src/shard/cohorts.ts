/** Which of a shard's queries are evaluated together: a cohort lives while a query is in it. */
import type { Config } from '../config.ts';
import { cohortKey, PaneCohort } from '../operator/pane-cohort.ts';
import type { CohortTable } from '../operator/cohort-table.ts';
import type { PlannedQuery } from './messages.ts';
import { passesAtOnce, stageOf, withDeltas } from './pipeline-stage.ts';
import type { PipelineStage } from './pipeline-stage.ts';

interface Membership {
  readonly key: string;
  readonly cohort: PaneCohort;
  readonly table: CohortTable;
}

export class Cohorts {
  readonly #config: Config;
  readonly #byKey = new Map<string, PaneCohort>();
  readonly #edge = new WeakSet<PaneCohort>();
  readonly #members = new Map<PipelineStage, Membership>();

  constructor(config: Config) {
    this.#config = config;
  }

  /** Null: the query is to be evaluated alone. */
  join(planned: PlannedQuery): PipelineStage | null {
    const { plan, closedThroughMs } = planned;
    const isApart = plan.home !== null || plan.join !== null || passesAtOnce(plan);
    const key = isApart ? null : keyOf(planned);
    if (key === null) return null;
    let cohort = this.#byKey.get(key);
    if (cohort === undefined) this.#byKey.set(key, (cohort = new PaneCohort(plan, this.#config)));
    const table = cohort.add(plan, closedThroughMs);
    const stage = withDeltas(planned, stageOf(planned, table), this.#config);
    if (planned.isEdge === true) this.#edge.add(cohort);
    this.#members.set(stage, { key, cohort, table });
    return stage;
  }

  /** Agents aggregate the queries of the cohort; it sees what others ship. */
  isEdge(cohort: PaneCohort): boolean {
    return this.#edge.has(cohort);
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

function keyOf({ isEdge, plan }: PlannedQuery): string | null {
  const key = cohortKey(plan);
  return isEdge === true && key !== null ? `edge ${key}` : key;
}
