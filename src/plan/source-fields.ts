/** Which parts of events a plan reads. */
import { irChildren } from '../analyze/walk-ir.ts';
import type { Expression, FieldPath } from '../ir/expression.ts';
import { isWeight } from '../ir/sample.ts';
import { eventExpressions } from './logical-plan.ts';
import type { LogicalPlan } from './logical-plan.ts';

/**
 * Every path that some stage reads, each once, in order of first use; not the event itself, nor
 * what a sample says it stands for, which is no part of it.
 */
export function sourceFields(plan: LogicalPlan): readonly FieldPath[] {
  const found = new Map<string, FieldPath>();
  visitPaths(plan, (path) => {
    if (path.length > 0 && !isWeight(path)) found.set(keyOf(path), path);
  });
  return [...found.values()];
}

/** The same without what only WHERE reads. */
export function homeFields(plan: LogicalPlan): readonly FieldPath[] {
  return sourceFields({ ...plan, source: { ...plan.source, where: null } });
}

export function readsWholeEvent(plan: LogicalPlan): boolean {
  let reads = false;
  visitPaths(plan, (path) => (reads ||= path.length === 0));
  return reads;
}

/** Most paths are one name, which costs no JSON; a name never starts with a bracket. */
function keyOf(path: FieldPath): string {
  const [first] = path;
  if (path.length === 1 && first?.by === 'name') return first.name;
  return JSON.stringify(path);
}

function visitPaths(plan: LogicalPlan, visit: (path: FieldPath) => void): void {
  const visitNode = (node: Expression): void => {
    if (node.op === 'field') visit(node.path);
    else for (const child of irChildren(node)) visitNode(child);
  };
  for (const expression of eventExpressions(plan)) visitNode(expression);
}
