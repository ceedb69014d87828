/**
 * Reading chevrotain's concrete syntax tree: children by rule or token name, spans from tokens. The
 * builders run only on trees that parsed without a mistake, so what the grammar makes mandatory is
 * there; a missing child is a defect of this folder and throws.
 */
import type { CstNode, TokenType } from 'chevrotain';
import type { Span } from './span.ts';
import type { Token } from './tokens.ts';

const NONE: readonly never[] = [];

/** The sub-trees under `label`, in text order. */
export function nodesOf(parent: CstNode, label: string): readonly CstNode[] {
  return (parent.children[label] ?? NONE) as CstNode[];
}

export function nodeOf(parent: CstNode, label: string): CstNode {
  const node = optionalNodeOf(parent, label);
  if (node === undefined) throw new Error(`no ${label} under ${parent.name}`);
  return node;
}

export function optionalNodeOf(parent: CstNode, label: string): CstNode | undefined {
  return parent.children[label]?.[0] as CstNode | undefined;
}

/** The tokens under `label`, in text order. */
export function labelledTokens(parent: CstNode, label: string): readonly Token[] {
  return (parent.children[label] ?? NONE) as unknown as Token[];
}

export function tokensOf(parent: CstNode, type: TokenType): readonly Token[] {
  return labelledTokens(parent, type.name);
}

export function tokenOf(parent: CstNode, type: TokenType): Token {
  const token = optionalTokenOf(parent, type);
  if (token === undefined) throw new Error(`no ${type.name} under ${parent.name}`);
  return token;
}

export function optionalTokenOf(parent: CstNode, type: TokenType): Token | undefined {
  return parent.children[type.name]?.[0] as unknown as Token | undefined;
}

export function hasToken(parent: CstNode, type: TokenType): boolean {
  return parent.children[type.name] !== undefined;
}

/** The one child of a rule that is a choice between rules or tokens. */
export function onlyChildOf(parent: CstNode): CstNode | Token {
  for (const label in parent.children) {
    const child = parent.children[label]?.[0];
    if (child !== undefined) return child as unknown as CstNode | Token;
  }
  throw new Error(`nothing under ${parent.name}`);
}

export function spanOfToken(token: Token): Span {
  return { start: token.startOffset, end: token.end };
}

/** From the first token under `node` to its last; the parser keeps both as it goes. */
export function spanOfNode({ name, location }: CstNode): Span {
  if (location?.endOffset === undefined) throw new Error(`${name} has no place`);
  // The end is chevrotain's, which is inclusive.
  return { start: location.startOffset, end: location.endOffset + 1 };
}
