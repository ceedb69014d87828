/**
 * The part of a plan that runs at an agent, as far as a message is concerned: any object. What is
 * in it is checked query by query where it is compiled (`edge/stream-evaluator.ts`), so that one
 * plan that an older agent does not understand is refused alone and its neighbours run.
 */
import { err, ok } from '../core/result.ts';
import type { SourceStage } from '../ir/plan.ts';
import type { Check } from './shape.ts';

export const sourceStage: Check<SourceStage> = (value, at) =>
  typeof value === 'object' && value !== null
    ? ok(value as SourceStage)
    : err(`${at}: an object expected`);
