/**
 * Counts nesting on the tokens (L17) before anything recursive sees them. Parentheses, brackets and
 * CASE nest; so do runs of NOT and prefix operators, which the grammar reads recursively;
 * arithmetic operators between two separators make a tree as deep as they are many.
 */
import { QUERY_NESTING_MAX, QUERY_TREE_DEPTH_MAX } from './limits.ts';
import type { TokenType } from 'chevrotain';
import * as t from './tokens.ts';
import type { Token } from './tokens.ts';

export type NestingLimit = 'nesting' | 'tree-depth';

export interface NestingExcess {
  /** The first token beyond the limit. */
  readonly token: Token;
  readonly limit: NestingLimit;
}

/** What one level of parentheses adds to the depth of what is inside. */
interface Level {
  negations: number;
  prefixes: number;
  operators: number;
}

const OPENS: ReadonlySet<TokenType> = new Set([t.LeftParen, t.LeftBracket, t.Case]);
const CLOSES: ReadonlySet<TokenType> = new Set([t.RightParen, t.RightBracket, t.End]);
const ARITHMETIC: ReadonlySet<TokenType> = new Set([t.Plus, t.Minus, t.Star, t.Slash, t.Percent]);
/** Behind these a sibling starts. */
const SEPARATES: ReadonlySet<TokenType> = new Set([
  t.Comma,
  t.And,
  t.Or,
  t.When,
  t.Then,
  t.Else,
  t.Until,
  t.Select,
  t.On,
  ...t.CLAUSE_TYPES,
]);

/** The first token that nests too deeply, or null. */
export function findNestingExcess(tokens: readonly Token[]): NestingExcess | null {
  const outer: Level[] = [];
  let level: Level = { negations: 0, prefixes: 0, operators: 0 };
  let outerNesting = 0;
  let outerOperators = 0;
  let afterOperand = false;
  for (const token of tokens) {
    const type = token.tokenType;
    if (OPENS.has(type)) {
      outer.push(level);
      outerNesting += 1 + level.negations + level.prefixes;
      outerOperators += level.operators;
      level = { negations: 0, prefixes: 0, operators: 0 };
    } else if (CLOSES.has(type)) {
      const closed = outer.pop();
      if (closed !== undefined) {
        level = closed;
        outerNesting -= 1 + closed.negations + closed.prefixes;
        outerOperators -= closed.operators;
      }
    } else {
      count(level, type, afterOperand);
    }
    const nesting = outerNesting + level.negations + level.prefixes;
    if (nesting > QUERY_NESTING_MAX) return { token, limit: 'nesting' };
    if (nesting + outerOperators + level.operators > QUERY_TREE_DEPTH_MAX) {
      return { token, limit: 'tree-depth' };
    }
    afterOperand = t.ENDS_OPERAND.has(type);
    if (afterOperand) level.prefixes = 0;
  }
  return null;
}

function count(level: Level, type: TokenType, afterOperand: boolean): void {
  if (type === t.Not) level.negations++;
  else if (type === t.Bang) level.prefixes++;
  else if (ARITHMETIC.has(type)) {
    if (afterOperand) level.operators++;
    else level.prefixes++;
  } else if (type === t.Comparison) level.operators = 0;
  else if (SEPARATES.has(type)) {
    level.negations = 0;
    level.prefixes = 0;
    level.operators = 0;
  }
}
