/**
 * The rule `aggregate-at-agents`: a query whose plan allows it is aggregated by agents, unless
 * agents ship all that it reads anyway, for another query, it is known to have nearly as many
 * groups as events, or they already aggregate as many queries of
 * its streams as they should be burdened with. The answer is the same either way; the choice is
 * made when a query starts and stays while it runs.
 */
import type { Config } from '../config.ts';
import { globMatches } from '../ir/glob.ts';
import { pathText } from '../ir/path-text.ts';
import type { QueryPlan, SourcePattern } from '../ir/plan.ts';
import { whyNotAtAgents } from '../plan/edge-aggregation.ts';
import type { EdgeChoice } from '../plan/edge-aggregation.ts';

export interface EdgeBounds extends Pick<Config, 'edgeQueriesMax'> {
  /** Whether the plan is known to have many groups for its events; see `group-memory.ts`. */
  readonly hasMany: (fingerprint: string) => boolean;
}

const MANY_GROUPS = 'it had more groups than half its events when it last ran';

const AT_AGENTS: EdgeChoice = { isEdge: true, because: null };

interface RunningQuery {
  readonly plan: QueryPlan;
  readonly edge: EdgeChoice;
}

export function chooseEdge(
  plan: QueryPlan,
  running: Iterable<RunningQuery>,
  { edgeQueriesMax, hasMany }: EdgeBounds,
): EdgeChoice {
  const many = hasMany(plan.fingerprint) ? MANY_GROUPS : null;
  const because = whyNotAtAgents(plan) ?? many ?? whyNotNow(plan, running, edgeQueriesMax);
  return because === null ? AT_AGENTS : { isEdge: false, because };
}

function whyNotNow(
  plan: QueryPlan,
  running: Iterable<RunningQuery>,
  edgeQueriesMax: number,
): string | null {
  if (edgeQueriesMax === 0) return 'edgeQueriesMax is 0';
  let beside = 0;
  for (const other of running) {
    if (!mayMeet(plan.sources, other.plan.sources)) continue;
    if (other.edge.isEdge) {
      beside++;
      // Whatever else runs changes nothing any more; thousands may.
      if (beside >= edgeQueriesMax) break;
    } else if (covers(other.plan.sources, plan.sources) && shipsAllOf(other.plan, plan))
      return 'another query has the same events shipped';
  }
  if (beside < edgeQueriesMax) return null;
  return `agents aggregate ${beside} queries of its streams already (edgeQueriesMax)`;
}

/** Whether what the other query has shipped is all that this one would. */
function shipsAllOf({ join, source }: QueryPlan, plan: QueryPlan): boolean {
  if (join !== null || source.where !== null || source.sample !== null) return false;
  if (source.allFields) return true;
  const shipped = new Set(source.fields.map(pathText));
  return !plan.source.allFields && plan.source.fields.every((path) => shipped.has(pathText(path)));
}

function mayMeet(left: readonly SourcePattern[], right: readonly SourcePattern[]): boolean {
  return left.some((one) => right.some((other) => patternsMeet(one, other)));
}

/** Whether every stream of `others` is surely one of `streams`. */
function covers(streams: readonly SourcePattern[], others: readonly SourcePattern[]): boolean {
  return others.every(({ glob, pattern }) =>
    streams.some((one) => (glob ? one.pattern === pattern : globMatches(one, pattern))),
  );
}

function patternsMeet(one: SourcePattern, other: SourcePattern): boolean {
  if (one.glob && other.glob) return true;
  return one.glob ? globMatches(one, other.pattern) : globMatches(other, one.pattern);
}
