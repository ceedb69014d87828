/**
 * `agg([DISTINCT] x[, constants]) [FILTER (WHERE c)]` → {@link AggregateSpec}. The argument and the
 * filter are over events; an aggregate inside either is an error.
 */
import type { Call, Expression } from '../../grammar/ast.ts';
import { printExpression } from '../../grammar/print.ts';
import type { AggregateSpec } from '../ir/plan.ts';
import type { Expression as Ir } from '../ir/expression.ts';
import { aggregateNamed, NEEDS_CONSTANTS } from './aggregate-names.ts';
import type { AggregateName } from './aggregate-names.ts';
import { checkCondition } from './check-types.ts';
import { eventLowering } from './event-leaves.ts';
import type { AnalysisContext } from './context.ts';
import { inferType } from './infer-type.ts';
import { isTest } from './lower-expression.ts';
import type { Lowering } from './lowering.ts';
import { wholeEvent } from './lower-property.ts';

/** Null after a mistake, which is reported. */
export function lowerAggregate(node: Call, context: AnalysisContext): AggregateSpec | null {
  const found = aggregateNamed(node.name);
  const { report } = context;
  if (found.kind === 'bad-percentile') {
    report.add('MQL_BAD_PERCENTILE', node.nameSpan, `${node.name} is not a percentile`, {
      hint: 'Write P50, P99, P999 (= 99.9), P99.9 or PERCENTILE(x, 99.9).',
    });
    return null;
  }
  if (found.kind === 'none') return null;
  return lowerNamed(node, found.name, context);
}

function lowerNamed(
  node: Call,
  name: AggregateName,
  context: AnalysisContext,
): AggregateSpec | null {
  const { definition } = name;
  const inside = eventLowering(context, 'an aggregate');
  const taken = definition.argument === 'none' ? 0 : 1;
  const argument = node.args.slice(0, taken)[0];
  const constants = node.args.slice(taken);
  if (!checkArity(node, name, context)) return null;
  const parameters = readConstants(node, constants, name, context);
  if (parameters === null) return null;
  let arg: Ir | null = null;
  if (argument !== undefined) arg = inside.value(argument);
  else if (definition.name === 'list' || definition.name === 'samples') arg = wholeEvent(context);
  if (argument !== undefined && arg !== null) checkNumbers(node, argument, arg, inside);
  if (argument !== undefined && definition.name === 'count') checkCounted(node, argument, context);
  let filter: Ir | null = null;
  if (node.filter !== null) {
    filter = eventLowering(context, 'FILTER').condition(node.filter);
    checkCondition(node.filter, filter, 'FILTER', inside);
  }
  return {
    name: definition.name,
    arg,
    distinct: node.distinct && arg !== null,
    filter,
    parameters: [...name.parameters, ...parameters],
  };
}

/** In SQL, too, a condition that does not hold is not null, and is counted. */
function checkCounted(node: Call, argument: Expression, { report }: AnalysisContext): void {
  if (node.distinct || !isTest(argument)) return;
  const message = 'COUNT counts every event here: a condition is never null';
  report.add('MQL_COUNT_CONDITION', argument.span, message, {
    hint: `Write count(*) FILTER (WHERE ${printExpression(argument)}).`,
  });
}

/** The catalogue says of no aggregate what kind of value it takes, but of these it is numbers. */
const TAKES_NUMBERS: ReadonlySet<string> = new Set([
  'sum',
  'avg',
  'average',
  'rate',
  'percentile',
  'median',
  'variance',
  'stddev',
  'histogram',
  'delta',
  'increase',
  'apdex',
]);

function checkNumbers(node: Call, argument: Expression, arg: Ir, lowering: Lowering): void {
  const name = node.name.toLowerCase();
  if (!TAKES_NUMBERS.has(name) && !/^p[0-9]/.test(name)) return;
  const type = inferType(arg, lowering.leaves.types);
  if (type === 'any' || type === 'number') return;
  const message = `${node.name.toUpperCase()} skips what is not a number, and this is a ${type}`;
  lowering.context.report.add('MQL_TYPE_MISMATCH', argument.span, message, {
    hint: type === 'string' ? 'Use to_number(), or COUNT.' : undefined,
  });
}

function checkArity(node: Call, name: AggregateName, context: AnalysisContext): boolean {
  const { definition, constants } = name;
  const upper = node.name.toUpperCase();
  const wrong = (message: string): false => {
    const hint = definition.signature;
    context.report.add('MQL_ARGUMENTS', node.span, message, { hint });
    return false;
  };
  if (node.star) {
    if (definition.name === 'count' || definition.name === 'list') return true;
    context.report.add('MQL_STAR_NOT_ALLOWED', node.span, `${upper}(*) has no meaning`, {
      hint: definition.argument === 'optional' ? `Write ${upper}().` : definition.signature,
    });
    return false;
  }
  const count = node.args.length;
  if (count === 0) {
    if (definition.argument !== 'required' && definition.name !== 'list') return true;
    return wrong(`${upper} needs an argument`);
  }
  const max = (definition.argument === 'none' ? 0 : 1) + constants.length;
  if (count > max)
    return wrong(`${upper} takes at most ${max === 1 ? 'one argument' : `${max} arguments`}`);
  // TOPK has a default k; a percentile without its q has no meaning.
  if (NEEDS_CONSTANTS.has(definition.name) && count < max) {
    return wrong(`${upper} needs a ${constants[0]?.name}`);
  }
  return true;
}

function readConstants(
  node: Call,
  written: readonly Expression[],
  { constants: wanted, definition }: AggregateName,
  context: AnalysisContext,
): readonly number[] | null {
  const values: number[] = [];
  for (const [index, expression] of written.entries()) {
    const constant = wanted[index];
    if (constant === undefined) return null;
    const value = constantNumber(expression, context);
    const { min, max, whole, divisor } = constant;
    const fits =
      value !== null &&
      (divisor === 1 ? value >= min && value <= max : value > min && value < max) &&
      (!whole || Number.isInteger(value));
    if (!fits) {
      const kind = whole ? 'a whole number' : 'a number';
      const upper = node.name.toUpperCase();
      const message = `${constant.name} of ${upper} must be ${kind} between ${min} and ${max}`;
      const hint = definition.signature;
      context.report.add('MQL_ARGUMENTS', expression.span, message, { hint });
      return null;
    }
    // 99.9 / 100 is not 0.999 in doubles; moving the decimal point is.
    values.push(divisor === 100 ? Number(`${value}e-2`) : value / divisor);
  }
  return values;
}

/** A number that is written out or bound; null: neither. */
export function constantNumber(node: Expression, context: AnalysisContext): number | null {
  if (node.kind === 'number') return node.value;
  if (node.kind === 'unary' && node.operator === '-' && node.operand.kind === 'number') {
    return -node.operand.value;
  }
  if (node.kind !== 'parameter') return null;
  const value = context.parameters.value(node.name, node.span);
  return typeof value === 'number' ? value : null;
}
