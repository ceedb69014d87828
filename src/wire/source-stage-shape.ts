/**
 * The parts of a plan that run at an agent, as far as a message is concerned: any object. What is
 * in it is checked query by query where it is compiled (`edge/edge-query.ts`), so that one
 * plan that an older agent does not understand is refused alone and its neighbours run.
 */
import { err, ok } from '../core/result.ts';
import type { AggregateStage, SourceStage } from '../ir/plan.ts';
import type { Check } from './shape.ts';

export const sourceStage: Check<SourceStage> = anyObject<SourceStage>();
export const aggregateStage: Check<AggregateStage> = anyObject<AggregateStage>();

function anyObject<T>(): Check<T> {
  return (value, at) =>
    typeof value === 'object' && value !== null ? ok(value as T) : err(`${at}: an object expected`);
}
