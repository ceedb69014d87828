/**
 * Expressions: concrete tree → AST. Chains of AND and OR become one node, through parentheses as
 * well; chains of arithmetic lean left and are built in a loop. Recursion follows nesting only,
 * which `nesting.ts` has bounded.
 */
import type { CstNode } from 'chevrotain';
import type {
  Amount,
  BinaryOperator,
  Call,
  Case,
  Expression,
  Property,
  PropertyRoot,
  Unary,
} from './ast.ts';
import type { BuildContext } from './build-context.ts';
import { buildSteps } from './build-path.ts';
import {
  hasToken,
  labelledTokens,
  nodeOf,
  nodesOf,
  onlyChildOf,
  optionalNodeOf,
  optionalTokenOf,
  spanOfToken,
  tokenOf,
  tokensOf,
} from './cst.ts';
import { spanFrom } from './span.ts';
import type { Span } from './span.ts';
import * as t from './tokens.ts';
import type { DurationValue, Token } from './tokens.ts';

/** Builds the rule `expression`. */
export function buildExpression(node: CstNode, context: BuildContext): Expression {
  return buildChain('or', nodesOf(node, 'conjunction'), context);
}

function buildConjunction(node: CstNode, context: BuildContext): Expression {
  return buildChain('and', nodesOf(node, 'negation'), context);
}

function buildChain(
  operator: 'and' | 'or',
  nodes: readonly CstNode[],
  context: BuildContext,
): Expression {
  const build = operator === 'or' ? buildConjunction : buildNegation;
  const [only] = nodes;
  if (nodes.length === 1 && only !== undefined) return build(only, context);
  const built = nodes.map((node) => build(node, context));
  const operands = built.flatMap((operand) =>
    operand.kind === 'logical' && operand.operator === operator ? operand.operands : [operand],
  );
  return { kind: 'logical', operator, operands, span: cover(built) };
}

function cover(expressions: readonly Expression[]): Span {
  const first = expressions[0];
  const last = expressions.at(-1);
  if (first === undefined || last === undefined) throw new Error('nothing to cover');
  return spanFrom(first.span, last.span);
}

function buildNegation(node: CstNode, context: BuildContext): Expression {
  const operand = buildComparison(nodeOf(node, 'comparison'), context);
  return prefixed(tokensOf(node, t.Not), operand);
}

/** `operand` under prefix operators, the last of them innermost. */
function prefixed(operators: readonly Token[], operand: Expression): Expression {
  if (operators.length === 0) return operand;
  return operators.reduceRight<Expression>(
    (inner, token): Unary => ({
      kind: 'unary',
      operator: token.tokenType === t.Not ? 'not' : (token.image as '-' | '+' | '!'),
      operand: inner,
      span: spanFrom(spanOfToken(token), inner.span),
    }),
    operand,
  );
}

function buildComparison(node: CstNode, context: BuildContext): Expression {
  const left = buildAdditive(nodeOf(node, 'additive'), context);
  const operator = optionalTokenOf(node, t.Comparison);
  if (operator !== undefined) {
    const right = buildRightOperand(nodeOf(node, 'rightOperand'), context);
    return binary(operator.payload as BinaryOperator, left, right);
  }
  const nullTest = optionalNodeOf(node, 'nullTest');
  if (nullTest !== undefined) {
    const span = spanFrom(left.span, spanOfToken(tokenOf(nullTest, t.Null)));
    return { kind: 'is-null', operand: left, negated: hasToken(nullTest, t.InfixNot), span };
  }
  return buildWordTest(node, left, context);
}

/** `[NOT] IN`, `[NOT] LIKE`, `[NOT] BETWEEN`; `left` alone if there is none of them. */
function buildWordTest(node: CstNode, left: Expression, context: BuildContext): Expression {
  const negated = hasToken(node, t.InfixNot);
  const listTest = optionalNodeOf(node, 'listTest');
  if (listTest !== undefined) {
    const list = nodesOf(listTest, 'expression').map((item) => buildExpression(item, context));
    const span = spanFrom(left.span, spanOfToken(tokenOf(listTest, t.RightParen)));
    return { kind: 'in', operand: left, list, negated, span };
  }
  const likeTest = optionalNodeOf(node, 'likeTest');
  if (likeTest !== undefined) {
    const name = hasToken(likeTest, t.Like) ? 'like' : 'ilike';
    const right = buildRightOperand(nodeOf(likeTest, 'rightOperand'), context);
    return binary(negated ? `not ${name}` : name, left, right);
  }
  const rangeTest = optionalNodeOf(node, 'rangeTest');
  if (rangeTest === undefined) return left;
  const low = buildAdditive(nodeOf(rangeTest, 'low'), context);
  const high = buildAdditive(nodeOf(rangeTest, 'high'), context);
  const span = spanFrom(left.span, high.span);
  return { kind: 'between', operand: left, low, high, negated, span };
}

function binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
  return { kind: 'binary', operator, left, right, span: spanFrom(left.span, right.span) };
}

function buildRightOperand(node: CstNode, context: BuildContext): Expression {
  const additive = optionalNodeOf(node, 'additive');
  if (additive !== undefined) return buildAdditive(additive, context);
  const operand = buildNegation(nodeOf(node, 'negation'), context);
  return prefixed([tokenOf(node, t.Not)], operand);
}

/** Builds the rule `additive`. */
export function buildAdditive(node: CstNode, context: BuildContext): Expression {
  return buildArithmetic(node, 'multiplicative', buildMultiplicative, context);
}

function buildMultiplicative(node: CstNode, context: BuildContext): Expression {
  return buildArithmetic(node, 'unary', buildUnary, context);
}

function buildArithmetic(
  node: CstNode,
  operandRule: string,
  build: (node: CstNode, context: BuildContext) => Expression,
  context: BuildContext,
): Expression {
  const operands = nodesOf(node, operandRule);
  const [only] = operands;
  if (operands.length === 1 && only !== undefined) return build(only, context);
  const operators = labelledTokens(node, 'operator');
  return operands
    .map((operand) => build(operand, context))
    .reduce((left, right, i) => binary(operators[i - 1]?.image as BinaryOperator, left, right));
}

function buildUnary(node: CstNode, context: BuildContext): Expression {
  const operand = buildPrimary(nodeOf(node, 'primary'), context);
  return prefixed(labelledTokens(node, 'operator'), operand);
}

/** Builds the rule `primary`. */
export function buildPrimary(node: CstNode, context: BuildContext): Expression {
  const child = onlyChildOf(node) as CstNode;
  switch (child.name) {
    case 'literal':
      return buildLiteral(onlyChildOf(child) as Token);
    case 'eventPath':
      return buildProperty(child, tokenOf(child, t.Event), { kind: 'event' }, context);
    case 'quotedPath': {
      const token = tokenOf(child, t.QuotedName);
      return buildProperty(child, token, { kind: 'quoted', name: String(token.payload) }, context);
    }
    case 'nameOrCall':
      return buildNameOrCall(child, context);
    case 'caseExpression':
      return buildCase(child, context);
    default:
      return buildParenthesized(child, context);
  }
}

/** The expression inside, its span widened to the parentheses. */
function buildParenthesized(node: CstNode, context: BuildContext): Expression {
  const inner = buildExpression(nodeOf(node, 'expression'), context);
  const open = spanOfToken(tokenOf(node, t.LeftParen));
  return { ...inner, span: spanFrom(open, spanOfToken(tokenOf(node, t.RightParen))) };
}

function buildLiteral(token: Token): Expression {
  const span = spanOfToken(token);
  switch (token.tokenType) {
    case t.StringText:
      return { kind: 'string', value: String(token.payload), span };
    case t.RegexText:
      return { kind: 'regex', pattern: String(token.payload), span };
    case t.True:
    case t.False:
      return { kind: 'boolean', value: token.tokenType === t.True, span };
    case t.Null:
      return { kind: 'null', span };
    default:
      return buildAmount(token);
  }
}

/** A number, a duration or a parameter. */
export function buildAmount(token: Token): Amount {
  const span = spanOfToken(token);
  switch (token.tokenType) {
    case t.NumberText:
      return { kind: 'number', value: Number(token.payload), span };
    case t.ParameterName:
      return { kind: 'parameter', name: String(token.payload), span };
    default:
      return { kind: 'duration', ...(token.payload as DurationValue), span };
  }
}

function buildCase(node: CstNode, context: BuildContext): Case {
  const otherwise = optionalNodeOf(node, 'expression');
  return {
    kind: 'case',
    branches: nodesOf(node, 'caseBranch').map((branch) => ({
      when: buildExpression(nodeOf(branch, 'when'), context),
      then: buildExpression(nodeOf(branch, 'then'), context),
    })),
    otherwise: otherwise === undefined ? null : buildExpression(otherwise, context),
    span: spanFrom(spanOfToken(tokenOf(node, t.Case)), spanOfToken(tokenOf(node, t.End))),
  };
}

/** Words that as a bare property would be read as something else in some place. */
const AMBIGUOUS: ReadonlySet<string> = new Set(['not', 'case', 'distinct']);

function buildNameOrCall(node: CstNode, context: BuildContext): Expression {
  const token = tokenOf(node, t.Name);
  const name = String(token.payload);
  const tail = optionalNodeOf(node, 'callTail');
  if (tail !== undefined) return buildCall(token, name, tail, context);
  // A key of one part is the same key in back-quotes; these words only print safely that way.
  const kind = AMBIGUOUS.has(name.toLowerCase()) ? 'quoted' : 'name';
  return buildProperty(node, token, { kind, name }, context);
}

function buildProperty(
  node: CstNode,
  first: Token,
  root: PropertyRoot,
  context: BuildContext,
): Property {
  const span = spanOfToken(first);
  const stepNodes = nodesOf(node, 'pathStep');
  if (stepNodes.length === 0) return { kind: 'property', root, steps: [], span };
  const { steps, end } = buildSteps(stepNodes, context);
  return { kind: 'property', root, steps, span: { start: span.start, end } };
}

function buildCall(token: Token, name: string, tail: CstNode, context: BuildContext): Call {
  const nameSpan = spanOfToken(token);
  const filter = optionalNodeOf(tail, 'filter');
  const close = tokenOf(filter ?? tail, t.RightParen);
  return {
    kind: 'call',
    name,
    nameSpan,
    distinct: hasToken(tail, t.Distinct),
    star: hasToken(tail, t.Star),
    args: nodesOf(tail, 'expression').map((argument) => buildExpression(argument, context)),
    filter: filter === undefined ? null : buildExpression(nodeOf(filter, 'expression'), context),
    span: spanFrom(nameSpan, spanOfToken(close)),
  };
}
