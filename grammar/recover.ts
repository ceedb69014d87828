/**
 * All mistakes of a wrong query. Clause words are known before parsing, so the query is cut at them
 * and each piece is parsed for itself: a mistake in one clause cannot make another look wrong.
 * Lists are cut once more at their commas. Each piece gives at most one mistake, the first in it;
 * junk between clauses is what is left over behind the clause in front of it.
 */
import type { IRecognitionException, TokenType } from 'chevrotain';
import { runRule } from './parser.ts';
import type { RuleName } from './parser.ts';
import * as t from './tokens.ts';
import type { Token } from './tokens.ts';

/** A piece of the query that one rule must cover. */
interface Piece {
  readonly rule: RuleName;
  readonly tokens: readonly Token[];
  /** Offset of what follows the piece: where a mistake "at its end" is. */
  readonly end: number;
}

/** One mistake, placed but not yet worded. */
export type Mistake =
  | {
      readonly kind: 'syntax';
      readonly exception: IRecognitionException;
      /** The token that cannot stand; null at the end of the text. */
      readonly token: Token | null;
      /** The token in front of it in the query. */
      readonly previous: Token | null;
      /** The word that began the clause. */
      readonly clause: Token | null;
      readonly start: number;
    }
  | { readonly kind: 'start'; readonly token: Token | null; readonly start: number }
  | { readonly kind: 'duplicate'; readonly token: Token; readonly start: number }
  | { readonly kind: 'late-from'; readonly token: Token; readonly start: number };

/** The first `max` mistakes of a query whose parse failed, in text order. */
export function findMistakes(text: string, tokens: readonly Token[], max: number): Mistake[] {
  const mistakes: Mistake[] = [];
  const first = tokens[0] ?? null;
  if (!startsQuery(first)) {
    mistakes.push({ kind: 'start', token: first, start: first?.startOffset ?? text.length });
  }
  const seen = new Set<TokenType>();
  for (const clause of cutAtClauses(text, tokens)) {
    if (mistakes.length >= max) break;
    const head = clause.tokens[0] ?? null;
    if (head !== null && t.CLAUSE_TYPES.has(head.tokenType)) {
      mistakes.push(...misplacedClause(head, seen));
    } else if (!startsQuery(head)) {
      continue;
    }
    mistakes.push(...mistakesOf(clause, max - mistakes.length, tokens));
  }
  return mistakes.slice(0, max);
}

function startsQuery(token: Token | null): boolean {
  return token?.tokenType === t.Select || token?.tokenType === t.Explain;
}

/** The clauses of a query that parses which are there before: the grammar allows any number. */
export function findDuplicates(tokens: readonly Token[]): Mistake[] {
  const seen = new Set<TokenType>();
  const heads = tokens.filter((token) => t.CLAUSE_TYPES.has(token.tokenType));
  return heads.flatMap((head) => misplacedClause(head, seen));
}

/** LAST and SINCE are two forms of one clause. */
function misplacedClause(head: Token, seen: Set<TokenType>): Mistake[] {
  const type = head.tokenType === t.Last ? t.Since : head.tokenType;
  const start = head.startOffset;
  if (seen.has(type)) return [{ kind: 'duplicate', token: head, start }];
  const late = type === t.From && seen.size > 0;
  seen.add(type);
  return late ? [{ kind: 'late-from', token: head, start }] : [];
}

/** The pieces between clause words; one `;` at the end belongs to none. */
function cutAtClauses(text: string, all: readonly Token[]): Piece[] {
  const last = all.at(-1);
  const closed = last?.tokenType === t.Semicolon;
  const tokens = closed ? all.slice(0, -1) : all;
  const end = closed ? last.startOffset : text.length;
  const pieces: Piece[] = [];
  let from = 0;
  for (let i = 1; i <= tokens.length; i++) {
    const next = tokens[i];
    if (next !== undefined && !t.CLAUSE_TYPES.has(next.tokenType)) continue;
    const piece = tokens.slice(from, i);
    pieces.push({ rule: ruleFor(piece[0]), tokens: piece, end: next?.startOffset ?? end });
    from = i;
  }
  return pieces;
}

function ruleFor(head: Token | undefined): RuleName {
  if (head?.tokenType === t.From) return 'fromClause';
  return head !== undefined && t.CLAUSE_TYPES.has(head.tokenType) ? 'clause' : 'query';
}

function mistakesOf(clause: Piece, max: number, all: readonly Token[]): Mistake[] {
  const whole = mistakeOf(clause, clause.tokens[0] ?? null, all);
  if (whole === null) return [];
  const items = itemsOf(clause);
  const found: Mistake[] = [];
  for (const item of items) {
    if (found.length >= max) break;
    const mistake = mistakeOf(item, clause.tokens[0] ?? null, all);
    if (mistake !== null) found.push(mistake);
  }
  return found.length === 0 ? [whole] : found;
}

/** The list heads whose items are parsed one by one, and the rule of an item. */
const LIST_HEADS: readonly (readonly [readonly TokenType[], RuleName])[] = [
  [[t.Select], 'selectItem'],
  [[t.Explain, t.Select], 'selectItem'],
  [[t.Explain, t.Analyze, t.Select], 'selectItem'],
  [[t.Group, t.By], 'groupItem'],
  [[t.Order, t.By], 'orderItem'],
];

/** The items of a list clause, cut at the commas outside parentheses; none for other clauses. */
function itemsOf(clause: Piece): Piece[] {
  const list = LIST_HEADS.find(([head]) =>
    head.every((type, i) => clause.tokens[i]?.tokenType === type),
  );
  if (list === undefined) return [];
  const [head, rule] = list;
  const items: Piece[] = [];
  let from = head.length;
  let depth = 0;
  clause.tokens.forEach(({ tokenType, startOffset }, i) => {
    depth += DEPTH_CHANGES.get(tokenType) ?? 0;
    if (tokenType !== t.Comma || depth > 0) return;
    items.push({ rule, tokens: clause.tokens.slice(from, i), end: startOffset });
    from = i + 1;
  });
  items.push({ rule, tokens: clause.tokens.slice(from), end: clause.end });
  return items;
}

const DEPTH_CHANGES: ReadonlyMap<TokenType, number> = new Map([
  [t.LeftParen, 1],
  [t.LeftBracket, 1],
  [t.RightParen, -1],
  [t.RightBracket, -1],
]);

function mistakeOf(piece: Piece, clause: Token | null, all: readonly Token[]): Mistake | null {
  const { mistake: exception } = runRule(piece.rule, piece.tokens);
  if (exception === undefined) return null;
  // The end of a piece is the start of whatever follows it; chevrotain's end has no offset (NaN).
  const offset = exception.token.startOffset;
  const start = Number.isNaN(offset) ? piece.end : offset;
  const index = indexAt(all, start);
  return {
    kind: 'syntax',
    exception,
    token: all[index] ?? null,
    previous: all[index - 1] ?? null,
    clause,
    start,
  };
}

/** The index of the first token that starts at or behind `offset`. */
function indexAt(tokens: readonly Token[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((tokens[middle]?.startOffset ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
