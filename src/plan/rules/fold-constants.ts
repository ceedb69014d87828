/**
 * Evaluates what does not depend on events: calls of pure functions with literal arguments, and
 * logic with a literal side. A call that counts a problem (a division by zero, a comparison of a
 * text with a number) is left for every event to count.
 */
import { mapIrChildren } from '../../analyze/walk-ir.ts';
import { createEvalCounters } from '../../expr/context.ts';
import { FIXED_FUNCTIONS } from '../../expr/functions/table.ts';
import type { CaseExpression, Expression, LogicalExpression } from '../../ir/expression.ts';
import type { JoinStage } from '../../ir/join.ts';
import type { Value } from '../../model/value.ts';
import { rewritePlan } from '../logical-plan.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';
import { mapSides } from '../rewrite-join.ts';

export const foldConstants: OptimizerRule = {
  name: 'fold-constants',
  summary: 'evaluates what does not depend on events',
  apply(plan) {
    const folded = rewritePlan(plan, { value: fold, condition: fold });
    const { final, join, source } = folded;
    return {
      ...folded,
      join: join === null ? null : withoutTrue(join),
      source: { ...source, where: unlessTrue(source.where) },
      final: { ...final, having: unlessTrue(final.having) },
    };
  },
};

function withoutTrue(join: JoinStage): JoinStage {
  const steps = join.steps.map((step) => ({ ...step, on: unlessTrue(step.on) }));
  return mapSides({ ...join, steps }, (side) => {
    return { ...side, source: { ...side.source, where: unlessTrue(side.source.where) } };
  });
}

/** No condition at all for one that always holds. */
function unlessTrue(condition: Expression | null): Expression | null {
  return condition?.op === 'literal' && isTrue(condition.value) ? null : condition;
}

export function fold(node: Expression): Expression {
  const folded = mapIrChildren(node, fold);
  switch (folded.op) {
    case 'call':
      return foldCall(folded.name, folded.args) ?? folded;
    case 'not':
      return folded.arg.op === 'literal' ? literal(!isTrue(folded.arg.value)) : folded;
    case 'and':
    case 'or':
      return foldLogic(folded);
    case 'case':
      return foldCase(folded);
    default:
      return folded;
  }
}

export function isTrue(value: Value): boolean {
  return value !== null && value !== false;
}

function literal(value: Value): Expression {
  return { op: 'literal', value };
}

function foldCall(name: string, args: readonly Expression[]): Expression | null {
  const apply = FIXED_FUNCTIONS.get(name);
  if (apply === undefined) return null;
  const values: Value[] = [];
  for (const arg of args) {
    if (arg.op !== 'literal') return null;
    values.push(arg.value);
  }
  const counters = createEvalCounters();
  const [a = null, b, c] = values;
  const value = apply(counters, a, b, c);
  return counters.typeMismatches + counters.nonFinite === 0 ? literal(value) : null;
}

/** Literals decide the chain or drop out of it; the rest keeps its order. */
function foldLogic(node: LogicalExpression): Expression {
  const decides = node.op === 'or';
  const args: Expression[] = [];
  for (const arg of node.args) {
    if (arg.op !== 'literal') args.push(arg);
    else if (isTrue(arg.value) === decides) return literal(decides);
  }
  return args.length === 0 ? literal(!decides) : { ...node, args };
}

function foldCase(node: CaseExpression): Expression {
  const branches: CaseExpression['branches'][number][] = [];
  for (const branch of node.branches) {
    if (branch.when.op !== 'literal') {
      branches.push(branch);
    } else if (isTrue(branch.when.value)) {
      return branches.length === 0 ? branch.then : { ...node, branches, otherwise: branch.then };
    }
  }
  return branches.length === 0 ? node.otherwise : { ...node, branches };
}
