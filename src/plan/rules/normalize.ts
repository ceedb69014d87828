/**
 * One form for what has several: chains of AND and OR are flat and without repeats, a constant
 * stands on the right of a comparison, NOT (a = b) is a != b, and two NOTs are none. Plans of
 * differently spelt queries become equal, and indexes of predicates find `field op constant`.
 */
import { mapIrChildren } from '../../analyze/walk-ir.ts';
import { inferType, UNTYPED_LEAVES } from '../../analyze/infer-type.ts';
import type { CallExpression, Expression, LogicalExpression } from '../../ir/expression.ts';
import { rewritePlan } from '../logical-plan.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';
import { sameData } from '../same-data.ts';

export const normalize: OptimizerRule = {
  name: 'normalize',
  summary: 'brings equal conditions into one form',
  apply: (plan) => rewritePlan(plan, { value: normalizeValue, condition: normalizeCondition }),
};

/** The comparison that says the same with its sides exchanged. */
const MIRRORED: Readonly<Record<string, string>> = {
  eq: 'eq',
  ne: 'ne',
  lt: 'gt',
  le: 'ge',
  gt: 'lt',
  ge: 'le',
};
/** Equality is two-valued, also over nulls, so its negation is the other comparison. */
const NEGATED: Readonly<Record<string, string>> = { eq: 'ne', ne: 'eq' };

function normalizeValue(node: Expression): Expression {
  const inner =
    node.op === 'some'
      ? { ...node, condition: normalizeCondition(node.condition) }
      : mapIrChildren(node, normalizeValue);
  switch (inner.op) {
    case 'call':
      return mirror(inner);
    case 'not':
      return negate(inner.arg);
    case 'and':
    case 'or':
      return flatten(inner);
    default:
      return inner;
  }
}

/** Of a condition only the truth counts, so a chain of one is its operand. */
function normalizeCondition(node: Expression): Expression {
  const inner = normalizeValue(node);
  if (inner.op !== 'and' && inner.op !== 'or') return inner;
  const [only, ...rest] = inner.args;
  return only !== undefined && rest.length === 0 ? only : inner;
}

function mirror(node: CallExpression): Expression {
  const [left, right] = node.args;
  const name = MIRRORED[node.name];
  if (name === undefined || left === undefined || right === undefined) return node;
  if (left.op !== 'literal' || right.op === 'literal') return node;
  return { op: 'call', name, args: [right, left] };
}

function negate(arg: Expression): Expression {
  if (arg.op === 'call') {
    const name = NEGATED[arg.name];
    if (name !== undefined) return { ...arg, name };
  }
  // NOT gives a boolean; what it negates may be any value, so only a boolean comes back as it is.
  if (arg.op === 'not' && isBoolean(arg.arg)) return arg.arg;
  return { op: 'not', arg };
}

function flatten(node: LogicalExpression): Expression {
  const parts = node.args.some((arg) => arg.op === node.op)
    ? node.args.flatMap((arg) => (arg.op === node.op ? arg.args : [arg]))
    : node.args;
  const args = parts.length <= PAIRWISE_MAX ? differentOfFew(parts) : differentOfMany(parts);
  const [only, ...rest] = args;
  if (only !== undefined && rest.length === 0 && isBoolean(only)) return only;
  return { op: node.op, args };
}

/** Up to here comparing all with all is cheaper than making a key of each. */
const PAIRWISE_MAX = 8;

function differentOfFew(parts: readonly Expression[]): readonly Expression[] {
  const different: Expression[] = [];
  for (const part of parts) {
    if (!different.some((known) => sameData(known, part))) different.push(part);
  }
  return different;
}

function differentOfMany(parts: readonly Expression[]): readonly Expression[] {
  const different = new Map<string, Expression>();
  for (const part of parts) {
    const key = JSON.stringify(part);
    if (!different.has(key)) different.set(key, part);
  }
  return [...different.values()];
}

function isBoolean(node: Expression): boolean {
  return inferType(node, UNTYPED_LEAVES) === 'boolean';
}
