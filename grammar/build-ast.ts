/**
 * The query: concrete tree → AST. The tree came without a syntax mistake; what is still found here
 * (a clause twice, sizes that cannot be) goes into the context, and the AST is built all the same.
 */
import type { CstNode } from 'chevrotain';
import type { Query, SelectItem } from './ast.ts';
import {
  buildAnomaly,
  buildEmit,
  buildFrom,
  buildGroupItems,
  buildLateness,
  buildLimit,
  buildOrderItems,
  buildReplay,
  buildSample,
  buildWindow,
} from './build-clauses.ts';
import type { BuildContext } from './build-context.ts';
import { buildExpression } from './build-expression.ts';
import {
  hasToken,
  nodeOf,
  nodesOf,
  onlyChildOf,
  optionalNodeOf,
  optionalTokenOf,
  spanOfNode,
  spanOfToken,
} from './cst.ts';
import * as t from './tokens.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Builds the rule `query`. */
export function buildQuery(node: CstNode, context: BuildContext): Query {
  const explain = optionalNodeOf(node, 'explain');
  const from = optionalNodeOf(node, 'fromClause');
  const query: Writable<Query> = {
    kind: 'query',
    explain: explain === undefined ? 'none' : hasToken(explain, t.Analyze) ? 'analyze' : 'plan',
    select: buildSelect(nodeOf(node, 'selectClause'), context),
    from: from === undefined ? null : buildFrom(from, context),
    replay: null,
    window: null,
    where: null,
    groupBy: [],
    having: null,
    anomaly: null,
    orderBy: [],
    limit: null,
    sample: null,
    emit: null,
    lateness: null,
    span: spanOfNode(node),
  };
  for (const clause of nodesOf(node, 'clause')) {
    addClause(query, onlyChildOf(clause) as CstNode, context);
  }
  return query;
}

function addClause(query: Writable<Query>, node: CstNode, context: BuildContext): void {
  switch (node.name) {
    case 'replayClause':
      query.replay = buildReplay(node, context);
      return;
    case 'windowClause':
      query.window = buildWindow(node, context);
      return;
    case 'whereClause':
      query.where = buildExpression(nodeOf(node, 'expression'), context);
      return;
    case 'groupClause':
      query.groupBy = buildGroupItems(node, context);
      return;
    case 'havingClause':
      query.having = buildExpression(nodeOf(node, 'expression'), context);
      return;
    case 'anomalyClause':
      query.anomaly = buildAnomaly(node, context);
      return;
    case 'orderClause':
      query.orderBy = buildOrderItems(node, context);
      return;
    case 'limitClause':
      query.limit = buildLimit(node, context);
      return;
    case 'sampleClause':
      query.sample = buildSample(node, context);
      return;
    case 'emitClause':
      query.emit = buildEmit(node, context);
      return;
    default:
      query.lateness = buildLateness(node);
  }
}

// ---- Select list --------------------------------------------------------------------------------

function buildSelect(node: CstNode, context: BuildContext): SelectItem[] {
  return nodesOf(node, 'selectItem').map((item) => buildSelectItem(item, context));
}

function buildSelectItem(node: CstNode, context: BuildContext): SelectItem {
  const span = spanOfNode(node);
  if (hasToken(node, t.Star)) return { kind: 'star', alias: null, span };
  const star = optionalTokenOf(node, t.AliasStar);
  if (star !== undefined) return { kind: 'star', alias: String(star.payload), span };
  const alias = optionalNodeOf(node, 'columnAlias');
  const expressionNode = nodeOf(node, 'expression');
  const prefix = alias === undefined ? prefixOf(expressionNode) : null;
  if (prefix !== null) return { kind: 'prefix', prefix, span };
  return {
    kind: 'column',
    expression: buildExpression(expressionNode, context),
    alias: alias === undefined ? null : buildAlias(alias, context),
    span,
  };
}

function buildAlias(node: CstNode, context: BuildContext): string {
  const token =
    optionalTokenOf(node, t.Name) ??
    optionalTokenOf(node, t.QuotedName) ??
    optionalTokenOf(node, t.StringText);
  const name = String(token?.payload ?? '');
  if (token?.tokenType === t.Name && !hasToken(node, t.As)) {
    context.bareAliases.push({ name, span: spanOfToken(token), of: 'column' });
  }
  return name;
}

/** The prefix if the whole expression is `e[^'prefix']`, else null. */
function prefixOf(expression: CstNode): string | null {
  let node = expression;
  while (node.name !== 'eventPath') {
    const labels = Object.keys(node.children);
    const children = node.children[labels[0] ?? ''] ?? [];
    const child = children[0];
    if (labels.length !== 1 || children.length !== 1 || child === undefined) return null;
    if (!('children' in child)) return null;
    node = child;
  }
  const steps = nodesOf(node, 'pathStep');
  const subscript = steps[0] && optionalNodeOf(steps[0], 'subscript');
  if (steps.length !== 1 || subscript === undefined || !hasToken(subscript, t.Caret)) return null;
  return String(optionalTokenOf(subscript, t.StringText)?.payload ?? '');
}
