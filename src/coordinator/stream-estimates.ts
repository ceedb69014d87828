/** What the catalogue knows of the streams that a plan reads, for EXPLAIN. */
import { globMatches } from '../ir/glob.ts';
import type { ExplainOptions, StreamEstimate } from '../plan/explain.ts';
import type { RunnableQuery } from '../plan/plan-views.ts';
import { allViews } from '../plan/plan-views.ts';
import type { Pipeline } from './pipeline.ts';
import type { PipelineRegistry } from './pipeline-registry.ts';
import type { Roster } from './roster.ts';
import type { StreamCatalogue } from './stream-catalogue.ts';
import type { StreamRates } from './stream-rates.ts';

export interface Known {
  readonly catalogue: StreamCatalogue;
  readonly roster: Roster;
  readonly rates: StreamRates;
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  readonly registry: PipelineRegistry;
}

/** Rates and agents of the streams, and where queries are aggregated as things are. */
export function knownForExplain(
  query: RunnableQuery,
  known: Known,
): Required<Pick<ExplainOptions, 'streams' | 'edgeOf'>> {
  return {
    streams: streamEstimates(query, known),
    edgeOf: (plan) => known.registry.edgeChoice(plan),
  };
}

/** Streams of the query and of all views below it. */
function streamEstimates({ plan, views }: RunnableQuery, known: Known): readonly StreamEstimate[] {
  const plans = [plan, ...allViews(views).map(({ planned }) => planned.plan)];
  // While nobody reads a stream, agents count nothing on it.
  const counted = new Set([...known.pipelines.values()].flatMap(({ group }) => group.streams));
  const sources = plans.flatMap((one) => one.sources);
  return [...known.catalogue.streams()]
    .filter(({ name }) => sources.some((source) => globMatches(source, name)))
    .map(({ name }) => ({
      name,
      agents: [...known.roster.ofStream(name)].length,
      eventsPerSecond: counted.has(name) ? known.rates.perSecond(name) : null,
    }));
}
