/**
 * Texts that were meant as properties: SQL puts names in double quotes, and here both quotes make
 * texts, so that `"status" = 500` would silently never hold.
 */
import type { Expression } from '../../grammar/ast.ts';
import { isPlainName } from '../../grammar/characters.ts';
import { quoteName } from '../../grammar/scan-literals.ts';
import type { AnalysisContext } from './context.ts';

/** Warns of a text that is the name of a field that some event had, or of one of the columns. */
export function checkQuotedName(
  node: Expression,
  context: AnalysisContext,
  columns: ReadonlySet<string> = NONE,
): void {
  if (node.kind !== 'string') return;
  const { sources } = context;
  const isField = sources.knowsFields && sources.knows(node.value);
  if (isField || columns.has(node.value)) report(node, context);
}

const NONE: ReadonlySet<string> = new Set();

/** Warns of the left side of a comparison, if it is such a text or both sides are texts. */
export function checkComparedName(
  left: Expression,
  right: Expression,
  context: AnalysisContext,
): void {
  if (left.kind === 'string' && right.kind === 'string') report(left, context);
  else checkQuotedName(left, context);
}

function report(
  node: Extract<Expression, { kind: 'string' }>,
  { report: to }: AnalysisContext,
): void {
  const name = isPlainName(node.value) ? node.value : quoteName(node.value);
  to.add('MQL_NAME_IN_QUOTES', node.span, `'${node.value}' is a text, not the property`, {
    hint: `A property takes no quotes, or back-quotes: ${name}`,
    fixes: [{ title: `Write ${name}`, span: node.span, text: name }],
  });
}
