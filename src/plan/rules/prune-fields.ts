/**
 * Ships only what later stages read: without this rule every event travels whole. A query that
 * reads the event itself (`select *`, `e[*]`) still needs all of it.
 */
import { withWholeSides } from '../join-fields.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';
import { readsWholeEvent } from '../source-fields.ts';

export const pruneFields: OptimizerRule = {
  name: 'prune-fields',
  summary: 'ships only the fields that are read',
  apply: (plan) => ({
    ...plan,
    source: { ...plan.source, allFields: readsWholeEvent(plan) },
    join: plan.join === null ? null : withWholeSides(plan, plan.join),
  }),
};
