/** What the windows or panes of a plan hold, compiled once and shared by all of them. */
import type { Config } from '../config.ts';
import type { EvalCounters } from '../expr/context.ts';
import type { AggregateSpec, AggregateStage, QueryPlan } from '../ir/plan.ts';
import { sampleScale } from '../ir/sample.ts';
import type { FieldSet } from '../kernel/field-set.ts';
import { GROUPS_KEPT_FACTOR } from '../window/group-states.ts';
import { AggregateFeed } from './aggregate-feed.ts';
import { AggregatePane, AggregateProgram, RowsPane } from './pane-contents.ts';
import type { PaneContents } from './pane-contents.ts';
import { RowProjection } from './project-rows.ts';

export interface ContentsParts {
  readonly fields: FieldSet;
  readonly counters: EvalCounters;
  readonly config: Config;
  /** Feeds that several queries share; left out: they are the query's own. */
  readonly feedOf?: ((spec: AggregateSpec) => AggregateFeed) | undefined;
}

/** Makes empty contents. */
export function contentsOf(plan: QueryPlan, parts: ContentsParts): () => PaneContents {
  const { fields, counters, config } = parts;
  const { aggregate } = plan;
  if (aggregate === null) {
    const projection = new RowProjection(plan.project, fields, counters);
    return () => new RowsPane(projection, config.windowRowsMax);
  }
  const program = aggregateProgramOf(plan, aggregate, parts);
  return () => new AggregatePane(program);
}

export function aggregateProgramOf(
  plan: QueryPlan,
  aggregate: AggregateStage,
  { fields, counters, feedOf }: Omit<ContentsParts, 'config'>,
): AggregateProgram {
  return new AggregateProgram(aggregate, {
    ...{ fields, counters },
    feedOf: feedOf ?? ((spec) => new AggregateFeed(spec, fields, counters)),
    groupsMax: aggregate.groupsMax * GROUPS_KEPT_FACTOR,
    scale: sampleScale(plan.source.sample),
  });
}
