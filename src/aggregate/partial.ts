/**
 * What every aggregate does with partials: tell its own from a stranger's. Partials come from this
 * process' own shards or through a validating decoder, so a wrong kind is a defect, not bad input.
 */
import { assert } from '../core/assert.ts';
import type { AggregatePartial } from './contract.ts';

/** @throws Defect if `partial` was made by another aggregate. */
export function partialOf<T extends AggregatePartial>(partial: AggregatePartial, kind: string): T {
  assert(partial.kind === kind, () => `a partial of ${partial.kind} met an aggregate ${kind}`);
  return partial as T;
}
