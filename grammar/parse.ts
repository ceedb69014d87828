/**
 * The one entry of the language front end: text → tree and diagnostics. It never throws for any
 * text; limits are checked before anything recursive runs. The same text gives the same tree
 * everywhere, whatever streams and fields exist.
 */
import type { CstNode, TokenType } from 'chevrotain';
import type { Expression, Query } from './ast.ts';
import { buildQuery } from './build-ast.ts';
import { createBuildContext } from './build-context.ts';
import type { BuildContext } from './build-context.ts';
import { buildExpression } from './build-expression.ts';
import { diagnose } from './diagnose.ts';
import { diagnosticFrom, DIAGNOSTICS_MAX, hasErrors } from './diagnostic.ts';
import type { Diagnostic } from './diagnostic.ts';
import { lex } from './lexer.ts';
import { QUERY_BYTES_MAX, QUERY_NESTING_MAX, QUERY_TOKENS_MAX } from './limits.ts';
import { findNestingExcess } from './nesting.ts';
import { lintExpression, lintQuery } from './lint.ts';
import { runRule } from './parser.ts';
import type { RuleName } from './parser.ts';
import { findDuplicates, findMistakes } from './recover.ts';
import { Where } from './tokens.ts';
import type { Token } from './tokens.ts';

export interface ParseResult<Tree> {
  /** Null if any diagnostic is an error. */
  readonly ast: Tree | null;
  /** In text order; at most {@link DIAGNOSTICS_MAX} and one that says there are more. */
  readonly diagnostics: readonly Diagnostic[];
  /** What the lexer saw, for highlighting and completion; empty if the text is too long. */
  readonly tokens: readonly Token[];
}

/** Parses a query. */
export function parse(text: string): ParseResult<Query> {
  return parseAs(text, {
    rule: 'query',
    behind: null,
    mistakes: (tokens, max) =>
      findMistakes(text, tokens, max).map((mistake) => diagnose(text, mistake)),
    check: (tokens) =>
      findDuplicates(tokens)
        .slice(0, DIAGNOSTICS_MAX + 1)
        .map((mistake) => diagnose(text, mistake)),
    build: buildQuery,
    lint: lintQuery,
  });
}

/** Parses one expression, such as the condition of an alert rule. */
export function parseExpression(text: string): ParseResult<Expression> {
  return parseAs(text, {
    rule: 'expression',
    behind: Where,
    mistakes: (tokens) => expressionMistakes(text, tokens),
    check: () => [],
    build: buildExpression,
    lint: lintExpression,
  });
}

interface Target<Tree> {
  readonly rule: RuleName;
  /** What the lexer takes to stand in front of the text. */
  readonly behind: TokenType | null;
  mistakes(tokens: readonly Token[], max: number): Diagnostic[];
  /** What the rule itself does not say of tokens that fit it. */
  check(tokens: readonly Token[]): Diagnostic[];
  build(tree: CstNode, context: BuildContext): Tree;
  lint(tree: Tree, context: BuildContext): void;
}

function parseAs<Tree>(text: string, target: Target<Tree>): ParseResult<Tree> {
  if (utf8LengthExceeds(text, QUERY_BYTES_MAX)) {
    const message = `The query is longer than ${QUERY_BYTES_MAX / 1024} KB`;
    const span = { start: 0, end: text.length };
    const hint = TOO_MUCH;
    return refused(diagnosticFrom(text, { code: 'MQL_TOO_LONG', message, span, hint }), []);
  }
  const { tokens, diagnostics: lexical, truncated } = lex(text, target.behind);
  const excess = truncated ? tooManyTokens(text, tokens) : tooDeep(text, tokens);
  if (excess !== null) return refused(excess, tokens);
  const { tree, mistake } = runRule(target.rule, tokens);
  if (mistake !== undefined || tree === undefined) {
    const syntactic = target.mistakes(tokens, DIAGNOSTICS_MAX + 1);
    return { ast: null, diagnostics: inOrder(text, [...lexical, ...syntactic]), tokens };
  }
  const context = createBuildContext(text);
  const ast = target.build(tree, context);
  target.lint(ast, context);
  const diagnostics = inOrder(text, [...lexical, ...target.check(tokens), ...context.diagnostics]);
  return { ast: hasErrors(diagnostics) ? null : ast, diagnostics, tokens };
}

function refused<Tree>(diagnostic: Diagnostic, tokens: readonly Token[]): ParseResult<Tree> {
  return { ast: null, diagnostics: [diagnostic], tokens };
}

function expressionMistakes(text: string, tokens: readonly Token[]): Diagnostic[] {
  const { mistake: exception } = runRule('expression', tokens);
  if (exception === undefined) return [];
  const offset = exception.token.startOffset;
  const index = Number.isNaN(offset)
    ? tokens.length
    : tokens.findIndex(({ startOffset }) => startOffset === offset);
  const start = tokens[index]?.startOffset ?? text.length;
  const token = tokens[index] ?? null;
  const previous = tokens[index - 1] ?? null;
  return [diagnose(text, { kind: 'syntax', exception, token, previous, clause: null, start })];
}

// ---- Limits -------------------------------------------------------------------------------------

/** Counts only as far as it must: a text of n code units has n to 3n bytes. */
function utf8LengthExceeds(text: string, max: number): boolean {
  if (text.length > max) return true;
  if (text.length * 3 <= max) return false;
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Each half of a surrogate pair stands for two of its four bytes.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 2 : 3;
  }
  return bytes > max;
}

function tooManyTokens(text: string, tokens: readonly Token[]): Diagnostic {
  const start = tokens.at(-1)?.end ?? 0;
  return diagnosticFrom(text, {
    code: 'MQL_TOO_MANY_TOKENS',
    message: `The query has more than ${QUERY_TOKENS_MAX} words and signs`,
    span: { start, end: text.length },
    hint: TOO_MUCH,
  });
}

const TOO_MUCH = 'A part of it can be a saved query, which others read by its name in FROM';

function tooDeep(text: string, tokens: readonly Token[]): Diagnostic | null {
  const excess = findNestingExcess(tokens);
  if (excess === null) return null;
  const { token, limit } = excess;
  return diagnosticFrom(text, {
    code: 'MQL_NESTING',
    message:
      limit === 'nesting'
        ? `The query nests deeper than ${QUERY_NESTING_MAX} levels`
        : 'The query has too many arithmetic operators in one expression',
    span: { start: token.startOffset, end: token.end },
    hint: 'AND and OR chains and IN (…) do not nest, however long; a part can be a saved query',
  });
}

// ---- Order and bound ----------------------------------------------------------------------------

/** By position, errors first; beyond the bound, one diagnostic says that there are more. */
function inOrder(text: string, found: readonly Diagnostic[]): readonly Diagnostic[] {
  if (found.length < 2) return found;
  const sorted = found.toSorted((a, b) => a.span.start - b.span.start);
  if (sorted.length <= DIAGNOSTICS_MAX) return sorted;
  const errors = sorted.filter((diagnostic) => diagnostic.severity === 'error');
  const kept = (errors.length > DIAGNOSTICS_MAX ? errors : sorted).slice(0, DIAGNOSTICS_MAX);
  const last = kept.at(-1)?.span ?? { start: 0, end: 0 };
  const more = diagnosticFrom(text, {
    code: 'MQL_MORE_MISTAKES',
    severity: errors.length > 0 ? 'error' : 'warning',
    message: `There are more than ${DIAGNOSTICS_MAX} mistakes; the rest is not shown`,
    span: { start: last.start, end: last.end },
    hint: 'Mend these first; one slip can make many',
  });
  return [...kept, more];
}
