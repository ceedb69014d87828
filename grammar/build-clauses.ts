/**
 * Clauses: concrete tree → AST, with the checks that their written values allow (whole numbers,
 * sizes above zero). What a parameter will hold is checked when it is bound.
 */
import type { CstNode } from 'chevrotain';
import type {
  Amount,
  AnomalyClause,
  CountWindow,
  EmitClause,
  Expression,
  FromClause,
  GroupItem,
  Join,
  LatenessClause,
  LimitClause,
  NumberLiteral,
  OrderItem,
  ReplayClause,
  SampleClause,
  SessionWindow,
  Source,
  TimeWindow,
  WindowClause,
} from './ast.ts';
import type { BuildContext } from './build-context.ts';
import { buildAdditive, buildAmount, buildExpression, buildPrimary } from './build-expression.ts';
import {
  hasToken,
  labelledTokens,
  nodeOf,
  nodesOf,
  onlyChildOf,
  optionalNodeOf,
  optionalTokenOf,
  spanOfNode,
  spanOfToken,
  tokenOf,
} from './cst.ts';
import type { JsonObjectText } from './json-object.ts';
import { buildSampleOptions } from './sample-options.ts';
import { durationOf } from './scan-literals.ts';
import { spanFrom } from './span.ts';
import { suggest } from './suggest.ts';
import * as t from './tokens.ts';
import type { StreamValue, Token } from './tokens.ts';

// ---- FROM ---------------------------------------------------------------------------------------

export function buildFrom(node: CstNode, context: BuildContext): FromClause {
  return {
    kind: 'from',
    sources: nodesOf(node, 'source').map((source) => buildSource(source, context)),
    joins: nodesOf(node, 'join').map((join) => buildJoin(join, context)),
    span: spanOfNode(node),
  };
}

function buildSource(node: CstNode, context: BuildContext): Source {
  const stream = optionalTokenOf(node, t.StreamName);
  const token = stream ?? tokenOf(node, t.QuotedName);
  const value: StreamValue =
    stream === undefined
      ? { name: String(token.payload), glob: false }
      : (stream.payload as StreamValue);
  if (value.name === '') {
    context.report({
      code: 'MQL_NAME',
      message: 'A stream name cannot be empty',
      span: spanOfToken(token),
    });
  }
  const alias = optionalNodeOf(node, 'sourceAlias');
  return {
    kind: 'source',
    name: value.name,
    glob: value.glob,
    alias: alias === undefined ? null : buildSourceAlias(alias, context),
    span: spanOfNode(node),
  };
}

function buildSourceAlias(node: CstNode, context: BuildContext): string {
  const bare = optionalTokenOf(node, t.Name);
  const token = bare ?? tokenOf(node, t.QuotedName);
  const name = String(token.payload);
  if (bare !== undefined && !hasToken(node, t.As)) {
    context.bareAliases.push({ name, span: spanOfToken(token), of: 'source' });
  }
  return name;
}

function buildJoin(node: CstNode, context: BuildContext): Join {
  const span = optionalNodeOf(node, 'joinSpan');
  return {
    kind: 'join',
    type: hasToken(node, t.Left) ? 'left' : 'inner',
    source: buildSource(nodeOf(node, 'source'), context),
    within: span === undefined ? null : buildJoinSpan(span, context),
    on: buildExpression(nodeOf(node, 'expression'), context),
    span: spanOfNode(node),
  };
}

/** `10 SECONDS` is the same duration as `WITHIN 10s`. */
function buildJoinSpan(node: CstNode, context: BuildContext): Amount {
  const within = optionalNodeOf(node, 'duration');
  if (within !== undefined) return buildSize(within, 'WITHIN', context);
  const token = tokenOf(node, t.NumberText);
  const amount: Amount = {
    kind: 'duration',
    ...durationOf(Number(token.payload), 's'),
    span: spanFrom(spanOfToken(token), spanOfToken(tokenOf(node, t.Seconds))),
  };
  return checkPositive(amount, 'The time of a JOIN', context);
}

// ---- Time ---------------------------------------------------------------------------------------

export function buildReplay(node: CstNode, context: BuildContext): ReplayClause {
  const span = spanOfNode(node);
  const last = optionalNodeOf(node, 'duration');
  if (last !== undefined) {
    const amount = buildSize(last, 'LAST', context);
    return { kind: 'replay', last: amount, since: null, until: null, span };
  }
  const until = optionalNodeOf(node, 'until');
  return {
    kind: 'replay',
    last: null,
    since: buildAdditive(nodeOf(node, 'since'), context),
    until: until === undefined ? null : buildAdditive(until, context),
    span,
  };
}

export function buildWindow(node: CstNode, context: BuildContext): WindowClause {
  const count = optionalNodeOf(node, 'countWindow');
  const span = spanOfNode(node);
  if (count !== undefined) return { ...buildCountWindow(count, context), span };
  const session = optionalNodeOf(node, 'sessionWindow');
  if (session !== undefined) return { ...buildSessionWindow(session, context), span };
  return { ...buildTimeWindow(nodeOf(node, 'timeWindow'), context), span };
}

function buildCountWindow(node: CstNode, context: BuildContext): Omit<CountWindow, 'span'> {
  const count = buildAmountOf(nodeOf(node, 'count'));
  if (count.kind === 'number') {
    checkWhole(count, 1, 'The size of a count window is a whole number of at least 1', context);
  }
  const timeout = optionalNodeOf(node, 'size');
  return {
    kind: 'count-window',
    count,
    timeout: timeout === undefined ? null : buildSize(timeout, 'TIMEOUT', context),
  };
}

function buildSessionWindow(node: CstNode, context: BuildContext): Omit<SessionWindow, 'span'> {
  const max = optionalNodeOf(node, 'max');
  return {
    kind: 'session-window',
    gap: buildSize(nodeOf(node, 'gap'), 'The gap of a session', context),
    max: max === undefined ? null : buildSize(max, 'MAX', context),
  };
}

function buildTimeWindow(node: CstNode, context: BuildContext): Omit<TimeWindow, 'span'> {
  const slide = optionalNodeOf(node, 'slide');
  return {
    kind: 'time-window',
    size: buildSize(nodeOf(node, 'size'), 'The size of a window', context),
    slide: slide === undefined ? null : buildSize(slide, 'The slide of a window', context),
  };
}

export function buildEmit(node: CstNode, context: BuildContext): EmitClause {
  const every = buildSize(nodeOf(node, 'duration'), 'EMIT EVERY', context);
  return { kind: 'emit', every, span: spanOfNode(node) };
}

/** LATENESS 0s is allowed: it says that nothing may be late. */
export function buildLateness(node: CstNode): LatenessClause {
  const amount = buildAmountOf(nodeOf(node, 'duration'));
  return { kind: 'lateness', amount, span: spanOfNode(node) };
}

// ---- Groups, order, limit -----------------------------------------------------------------------

export function buildGroupItems(node: CstNode, context: BuildContext): GroupItem[] {
  return nodesOf(node, 'groupItem').map((item) => ({
    kind: 'group-item',
    expression: buildExpression(nodeOf(item, 'expression'), context),
    span: spanOfNode(item),
  }));
}

export function buildOrderItems(node: CstNode, context: BuildContext): OrderItem[] {
  return nodesOf(node, 'orderItem').map((item) => ({
    kind: 'order-item',
    expression: buildExpression(nodeOf(item, 'expression'), context),
    direction: hasToken(item, t.Desc) ? 'desc' : 'asc',
    nulls: nullsOf(item),
    span: spanOfNode(item),
  }));
}

function nullsOf(item: CstNode): 'first' | 'last' | null {
  if (hasToken(item, t.NullsFirst)) return 'first';
  return hasToken(item, t.NullsLast) ? 'last' : null;
}

export function buildLimit(node: CstNode, context: BuildContext): LimitClause {
  const count = buildAmountOf(nodeOf(node, 'count'));
  if (count.kind === 'number') {
    checkWhole(count, 0, 'LIMIT takes a whole number of at least 0', context);
  }
  return { kind: 'limit', count, span: spanOfNode(node) };
}

// ---- Sampling and anomalies ---------------------------------------------------------------------

export function buildSample(node: CstNode, context: BuildContext): SampleClause {
  const span = spanOfNode(node);
  const json = optionalTokenOf(node, t.JsonText);
  if (json === undefined) {
    const percent = Number(tokenOf(node, t.NumberText).payload);
    return { kind: 'sample', percent, options: null, span };
  }
  const options = buildSampleOptions(json.payload as unknown as JsonObjectText, context);
  return { kind: 'sample', percent: null, options, span };
}

/** The methods of ANOMALY. */
export const ANOMALY_METHODS: readonly string[] = ['mad'];

export function buildAnomaly(node: CstNode, context: BuildContext): AnomalyClause {
  const token = tokenOf(node, t.Name);
  const method = token.image.toLowerCase();
  const span = spanOfToken(token);
  if (!ANOMALY_METHODS.includes(method)) {
    const meant = suggest(method, ANOMALY_METHODS);
    context.report({
      code: 'MQL_ANOMALY',
      message: 'ANOMALY has no such method',
      span,
      hint:
        meant === null ? `The methods are ${ANOMALY_METHODS.join(', ')}` : `Did you mean ${meant}?`,
    });
  }
  const parameters = nodesOf(node, 'signedNumber').map(buildSignedNumber);
  if (method === 'mad' && parameters.length !== 2) {
    context.report({
      code: 'MQL_ANOMALY',
      message: 'ANOMALY mad takes two numbers behind its column: the step and the factor',
      span: spanOfNode(node),
      hint: 'Write ANOMALY mad column 0.5 3',
    });
  }
  const column = buildPrimary(nodeOf(node, 'primary'), context);
  return { kind: 'anomaly', method, column, parameters, span: spanOfNode(node) };
}

function buildSignedNumber(node: CstNode): Expression {
  const operand = buildAmountOf(nodeOf(node, 'count'));
  const sign = labelledTokens(node, 'sign')[0];
  if (sign === undefined) return operand;
  const operator = sign.tokenType === t.Minus ? '-' : '+';
  const span = spanFrom(spanOfToken(sign), operand.span);
  return { kind: 'unary', operator, operand, span };
}

// ---- Quantities ---------------------------------------------------------------------------------

/** Builds one of the rules `duration`, `count` and `size`. */
function buildAmountOf(node: CstNode): Amount {
  return buildAmount(onlyChildOf(node) as Token);
}

function buildSize(node: CstNode, what: string, context: BuildContext): Amount {
  return checkPositive(buildAmountOf(node), what, context);
}

function checkPositive(amount: Amount, what: string, context: BuildContext): Amount {
  const size =
    amount.kind === 'duration' ? amount.valueMs : amount.kind === 'number' ? amount.value : 1;
  if (size > 0) return amount;
  context.report({
    code: 'MQL_SIZE',
    message: `${what} is more than zero`,
    span: amount.span,
    hint: 'For example 10s, 500ms or 5m',
  });
  return amount;
}

function checkWhole(
  amount: NumberLiteral,
  min: number,
  message: string,
  context: BuildContext,
): void {
  if (Number.isSafeInteger(amount.value) && amount.value >= min) return;
  context.report({
    code: 'MQL_SIZE',
    message,
    span: amount.span,
    hint: 'Write it as digits, without a fraction',
  });
}
