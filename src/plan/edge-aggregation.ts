/**
 * Whether a plan can be aggregated where its events are: in panes, of aggregates whose partials
 * travel, without any stage that needs the events themselves. Whether it is, the engine decides
 * (`coordinator/edge-choice.ts`), which knows what else runs.
 */
import { dependsOnOrder, partialShapeOf } from '../aggregate/partial-shape.ts';
import type { QueryPlan } from '../ir/plan.ts';

export interface EdgeChoice {
  readonly isEdge: boolean;
  /** Why not; null if so. */
  readonly because: string | null;
}

/** Shorter panes end before there is anything to save. */
export const EDGE_PANE_MS_MIN = 100;

/** Why agents must ship events for the plan; null: they could aggregate. */
export function whyNotAtAgents(plan: QueryPlan): string | null {
  const { aggregate, home, join, source, sources, window } = plan;
  if (aggregate === null) return 'the query asks for events';
  if (join !== null) return 'events are joined';
  if (home !== null) return 'one shard must see every event';
  if (source.sample?.kind === 'rps')
    return 'how much a sample took is known where it comes together';
  if (window.paneMs < EDGE_PANE_MS_MIN) return `panes are shorter than ${EDGE_PANE_MS_MIN} ms`;
  const unfit = aggregate.aggregates.find((spec) => partialShapeOf(spec) === null);
  if (unfit !== undefined) return `${unfit.name} needs the events themselves`;
  const isOneStream = sources.length === 1 && sources[0]?.glob === false;
  const ordered = aggregate.aggregates.find(dependsOnOrder);
  if (ordered !== undefined && !isOneStream) return 'events of several streams have one order';
  return null;
}
