/** Which parts of events a plan reads. */
import { irChildren } from '../analyze/walk-ir.ts';
import type { Expression, FieldPath } from '../ir/expression.ts';
import { eventExpressions } from './logical-plan.ts';
import type { LogicalPlan } from './logical-plan.ts';

/** Every path that some stage reads, each once, in order of first use; not the event itself. */
export function sourceFields(plan: LogicalPlan): readonly FieldPath[] {
  const found = new Map<string, FieldPath>();
  for (const path of pathsRead(plan)) {
    if (path.length > 0) found.set(JSON.stringify(path), path);
  }
  return [...found.values()];
}

export function readsWholeEvent(plan: LogicalPlan): boolean {
  return pathsRead(plan).some((path) => path.length === 0);
}

function pathsRead(plan: LogicalPlan): readonly FieldPath[] {
  return eventExpressions(plan).flatMap(pathsOf);
}

function pathsOf(node: Expression): readonly FieldPath[] {
  return node.op === 'field' ? [node.path] : irChildren(node).flatMap(pathsOf);
}
