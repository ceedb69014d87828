/**
 * What is asked of the events of one stream where they are made. Without a join that is the plan's
 * source stage, as far as it speaks of that stream; with one, what any of the sides wants that read
 * the stream (a stream joined with itself has two): each side's own condition is tested again where
 * the join is made.
 */
import type { Expression, FieldPath } from './expression.ts';
import { globMatches } from './glob.ts';
import { streamSides } from './join.ts';
import type { StreamSide } from './join.ts';
import type { QueryPlan, SampleSpec, SourceStage } from './plan.ts';
import { hasStreams, sourceStageIn, sourceStageOfAll } from './stream-path.ts';

type Reading = Pick<QueryPlan, 'source' | 'join'>;

/** Of a stream that the plan reads. */
export function sourceStageFor(plan: Reading, stream: string): SourceStage {
  if (plan.join === null) {
    return hasStreams(plan.source.fields) ? sourceStageIn(stream, plan.source) : plan.source;
  }
  return unionOf(streamSides(plan.join).filter(({ pattern }) => globMatches(pattern, stream)));
}

/** Of a join the one that all its sides have. */
export function sampleOf({ join, source }: Reading): SampleSpec | null {
  return join === null ? source.sample : join.first.source.sample;
}

/** What the streams of the plan are asked for in all. */
export function shippedStage(plan: Reading): SourceStage {
  return plan.join === null ? sourceStageOfAll(plan.source) : unionOf(streamSides(plan.join));
}

function unionOf(sides: readonly StreamSide[]): SourceStage {
  const [only, ...others] = sides.map(({ source }) => source);
  if (only === undefined) return { sample: null, where: NOTHING, fields: [], allFields: false };
  if (others.length === 0) return only;
  const stages = [only, ...others];
  const conditions = stages.map(({ where }) => where);
  const fields = new Map<string, FieldPath>();
  for (const stage of stages) {
    for (const path of stage.fields) fields.set(JSON.stringify(path), path);
  }
  return {
    sample: only.sample,
    where: conditions.includes(null) ? null : { op: 'or', args: conditions as Expression[] },
    fields: [...fields.values()],
    allFields: stages.some(({ allFields }) => allFields),
  };
}

const NOTHING: Expression = { op: 'literal', value: false };
