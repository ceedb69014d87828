/** Steps of a property's path: concrete tree → AST. */
import type { CstNode } from 'chevrotain';
import type { PathStep } from './ast.ts';
import type { BuildContext } from './build-context.ts';
import { hasToken, nodeOf, optionalTokenOf, spanOfNode, spanOfToken, tokenOf } from './cst.ts';
import * as t from './tokens.ts';

export interface BuiltSteps {
  readonly steps: readonly PathStep[];
  /** Offset behind the last step. */
  readonly end: number;
}

export function buildSteps(nodes: readonly CstNode[], context: BuildContext): BuiltSteps {
  let end = 0;
  const steps = nodes.map((node) => {
    const last = optionalTokenOf(node, t.PathName) ?? tokenOf(node, t.RightBracket);
    end = last.end;
    return buildStep(node, context);
  });
  return { steps, end };
}

function buildStep(node: CstNode, context: BuildContext): PathStep {
  const name = optionalTokenOf(node, t.PathName);
  if (name !== undefined) return { kind: 'name', name: String(name.payload) };
  const subscript = nodeOf(node, 'subscript');
  if (hasToken(subscript, t.Caret)) {
    context.report({
      code: 'MQL_PREFIX_PLACE',
      message: 'A key prefix stands only in a select list, as e[^…] and nothing more',
      span: spanOfNode(node),
    });
  }
  const key = optionalTokenOf(subscript, t.StringText);
  if (key !== undefined) return { kind: 'key', key: String(key.payload) };
  const parameter = optionalTokenOf(subscript, t.ParameterName);
  if (parameter !== undefined) {
    return { kind: 'parameter', name: String(parameter.payload), span: spanOfToken(parameter) };
  }
  if (hasToken(subscript, t.Star)) return { kind: 'each' };
  return { kind: 'index', index: indexOf(subscript, context) };
}

function indexOf(subscript: CstNode, context: BuildContext): number {
  const token = tokenOf(subscript, t.NumberText);
  const size = Number(token.payload);
  if (!Number.isSafeInteger(size)) {
    context.report({
      code: 'MQL_INDEX',
      message: 'An index is a whole number',
      span: spanOfToken(token),
      hint: "A key is a string: ['1.5']",
    });
  }
  // Zero has no sign: `[-0]` is the first element.
  return hasToken(subscript, t.Minus) && size !== 0 ? -size : size;
}
