/**
 * Calls of scalar functions: the name in any case, the number of arguments, and what must be
 * constant. `if(c, a, b)` becomes a CASE.
 */
import type { Call, Expression } from '../../grammar/ast.ts';
import { foreignFunction } from '../../grammar/foreign-words.ts';
import { suggest } from '../../grammar/suggest.ts';
import type { Expression as Ir } from '../ir/expression.ts';
import { signatureText } from '../ir/functions.ts';
import type { FunctionSignature } from '../ir/functions.ts';
import { AGGREGATE_NAMES } from './aggregate-names.ts';
import { call, literal, NULL } from './ir-nodes.ts';
import type { Lowering } from './lowering.ts';
import { SERIES_NAMES } from './series-names.ts';
import { CALLABLE_NAMES, callableFunction } from './scalar-functions.ts';

export function lowerCall(node: Call, lowering: Lowering, lower: (arg: Expression) => Ir): Ir {
  const name = node.name.toLowerCase();
  const signature = callableFunction(name);
  if (signature === null) {
    reportUnknown(node, name, lowering);
    return NULL;
  }
  if (!checkShape(node, signature, lowering)) return NULL;
  if (name === 'if') return lowerIf(node, lowering, lower);
  if (name === 'regexp_extract') return lowerExtract(node, lowering, lower);
  const args = node.args.map(lower);
  checkConstants(node, signature, args, lowering);
  return call(name, ...args);
}

function lowerIf(node: Call, lowering: Lowering, lower: (arg: Expression) => Ir): Ir {
  const [when, then, otherwise] = node.args;
  if (when === undefined || then === undefined) return NULL;
  return {
    op: 'case',
    branches: [{ when: lowering.condition(when), then: lower(then) }],
    otherwise: otherwise === undefined ? NULL : lower(otherwise),
  };
}

function lowerExtract(node: Call, lowering: Lowering, lower: (arg: Expression) => Ir): Ir {
  const [text, pattern, ...rest] = node.args;
  if (text === undefined || pattern === undefined) return NULL;
  return call(
    'regexp_extract',
    lower(text),
    literal(lowering.pattern(pattern)),
    ...rest.map(lower),
  );
}

function reportUnknown(node: Call, name: string, lowering: Lowering): void {
  const { report } = lowering.context;
  const here = foreignFunction(name);
  const near =
    here === null ? suggest(name, [...CALLABLE_NAMES, ...AGGREGATE_NAMES, ...SERIES_NAMES]) : null;
  const meant = near === null ? undefined : `Did you mean ${near}?`;
  report.add('MQL_UNKNOWN_FUNCTION', node.nameSpan, `there is no function ${node.name}`, {
    hint: here === null ? meant : `Here it is ${here}.`,
    fixes:
      near === null ? undefined : [{ title: `Change to ${near}`, span: node.nameSpan, text: near }],
  });
}

function checkShape(node: Call, signature: FunctionSignature, lowering: Lowering): boolean {
  const { report } = lowering.context;
  const hint = signatureText(signature);
  if (node.distinct) {
    const message = `${node.name} is no aggregate: DISTINCT has no meaning`;
    report.add('MQL_DISTINCT_NOT_ALLOWED', node.span, message, { hint });
  }
  if (node.filter !== null) {
    const message = `${node.name} is no aggregate: FILTER has no meaning`;
    report.add('MQL_FILTER_NOT_ALLOWED', node.span, message, { hint });
  }
  if (node.star) {
    report.add('MQL_STAR_NOT_ALLOWED', node.span, `${node.name}(*) has no meaning`, { hint });
    return false;
  }
  const count = node.args.length;
  if (count >= signature.minArgs && count <= signature.maxArgs) return true;
  const message = `${node.name} takes ${arityText(signature)}, not ${count}`;
  report.add('MQL_ARGUMENTS', node.span, message, { hint });
  return false;
}

function arityText({ minArgs, maxArgs, variadic }: FunctionSignature): string {
  if (variadic) return `at least ${minArgs} argument${minArgs === 1 ? '' : 's'}`;
  if (minArgs === maxArgs) return `${minArgs} argument${minArgs === 1 ? '' : 's'}`;
  return `${minArgs} to ${maxArgs} arguments`;
}

function checkConstants(
  node: Call,
  signature: FunctionSignature,
  args: readonly Ir[],
  lowering: Lowering,
): void {
  for (const [index, wanted] of signature.args.entries()) {
    const written = node.args[index];
    if (wanted.constant !== true || written === undefined || args[index]?.op === 'literal')
      continue;
    const message = `${wanted.name} of ${signature.name} must be written out, not computed`;
    lowering.context.report.add('MQL_ARGUMENTS', written.span, message, {
      hint: signatureText(signature),
    });
  }
}
