/**
 * What may stand behind some tokens, from the grammar's point of view: which keywords, whether a
 * stream, whether an operand.
 */
import type { TokenType } from 'chevrotain';
import * as t from './tokens.ts';
import type { Token } from './tokens.ts';

/** What may stand at the cursor. */
export interface Place {
  readonly keywords: readonly string[];
  readonly streams: boolean;
  readonly operand: boolean;
}

const CLAUSES: readonly (readonly [TokenType, string])[] = [
  [t.From, 'FROM'],
  [t.Window, 'WINDOW'],
  [t.Where, 'WHERE'],
  [t.Group, 'GROUP BY'],
  [t.Having, 'HAVING'],
  [t.Order, 'ORDER BY'],
  [t.Limit, 'LIMIT'],
  [t.Last, 'LAST'],
  [t.Since, 'SINCE'],
  [t.Sample, 'SAMPLE'],
  [t.Emit, 'EMIT EVERY'],
  [t.Lateness, 'LATENESS'],
  [t.Anomaly, 'ANOMALY mad'],
];

/** Keywords that only the token in front decides. */
const BEHIND_TOKEN: ReadonlyMap<TokenType, readonly string[]> = new Map([
  [t.Explain, ['ANALYZE', 'SELECT']],
  [t.Analyze, ['SELECT']],
  [t.Group, ['BY']],
  [t.Order, ['BY']],
  [t.Emit, ['EVERY']],
  [t.Window, ['SESSION']],
  [t.Nulls, ['FIRST', 'LAST']],
  [t.Left, ['JOIN']],
  [t.Inner, ['JOIN']],
  [t.Is, ['NULL', 'NOT NULL']],
  [t.InfixNot, ['IN', 'LIKE', 'ILIKE', 'BETWEEN', 'NULL']],
  [t.Case, ['WHEN']],
  [t.Anomaly, ['mad']],
]);

/** Behind these nothing can be proposed: a name, a number or JSON of the writer's own follows. */
const FREE: ReadonlySet<TokenType> = new Set([
  t.As,
  t.Last,
  t.Limit,
  t.Sample,
  t.Every,
  t.Lateness,
  t.Within,
  t.Slide,
  t.Timeout,
  t.Max,
  t.Session,
  t.Pipe,
  t.LeftBracket,
]);

/** Clauses whose operands are expressions over fields. */
const OVER_FIELDS: ReadonlySet<TokenType> = new Set([
  t.Select,
  t.Where,
  t.Group,
  t.Having,
  t.Order,
  t.Anomaly,
  t.Since,
  t.From,
]);

const INFIX: readonly string[] = [
  'AND',
  'OR',
  'IN',
  'LIKE',
  'ILIKE',
  'BETWEEN',
  'IS NULL',
  'NOT IN',
];
const OPERAND_WORDS: readonly string[] = ['NOT', 'CASE WHEN', 'TRUE', 'FALSE', 'NULL'];

const BEHIND_OPERAND: ReadonlyMap<TokenType, readonly string[]> = new Map([
  [t.Select, ['AS', ...INFIX]],
  [t.From, ['AS', 'JOIN', 'LEFT JOIN', 'ON', 'WITHIN', 'SECONDS']],
  [t.Since, ['UNTIL']],
  [t.Window, ['SLIDE', 'TIMEOUT', 'MAX']],
  [t.Where, INFIX],
  [t.Group, INFIX],
  [t.Having, INFIX],
  [t.Order, ['ASC', 'DESC', 'NULLS FIRST', 'NULLS LAST', ...INFIX]],
]);

export function placeBehind(tokens: readonly Token[], front: string): Place {
  const last = tokens.at(-1);
  if (last === undefined) return keywordsOnly(['SELECT', 'EXPLAIN']);
  const clause = tokens.findLast(({ tokenType }) => startsClause(tokenType))?.tokenType ?? t.Select;
  const type = last.tokenType;
  const fixed = BEHIND_TOKEN.get(type);
  if (fixed !== undefined) return keywordsOnly(fixed);
  if (FREE.has(type)) return keywordsOnly([]);
  if (expectsStream(tokens, clause)) return { keywords: [], streams: true, operand: false };
  // A word glued to what is in front would be part of it.
  if (endsOperand(tokens) && /[\s)\]'"`|%}]$/.test(front)) return behindOperand(tokens, clause);
  return OVER_FIELDS.has(clause) ? operandBehind(tokens) : keywordsOnly([]);
}

/** Where an operand must start: fields, functions, and the words that L12 knows there. */
function operandBehind(tokens: readonly Token[]): Place {
  const opened = tokens.at(-1)?.tokenType === t.LeftParen ? tokens.at(-2)?.tokenType : undefined;
  if (opened === t.Filter) return keywordsOnly(['WHERE']);
  const keywords = opened === t.Name ? ['DISTINCT', ...OPERAND_WORDS] : OPERAND_WORDS;
  return { keywords, streams: false, operand: true };
}

function keywordsOnly(keywords: readonly string[]): Place {
  return { keywords, streams: false, operand: false };
}

function startsClause(type: TokenType): boolean {
  return type === t.Select || t.CLAUSE_TYPES.has(type);
}

/** Behind FROM, JOIN, and the commas of FROM before any join. */
function expectsStream(tokens: readonly Token[], clause: TokenType): boolean {
  const type = tokens.at(-1)?.tokenType;
  if (type === t.From || type === t.Join) return true;
  if (type !== t.Comma || clause !== t.From) return false;
  const from = tokens.findLastIndex(({ tokenType }) => tokenType === t.From);
  return !tokens.slice(from).some(({ tokenType }) => tokenType === t.On);
}

function endsOperand(tokens: readonly Token[]): boolean {
  const type = tokens.at(-1)?.tokenType;
  if (type === undefined) return false;
  if (t.ENDS_OPERAND.has(type) || type === t.Percent) return true;
  // A star is an operand only at the start of an item: SELECT *, count(*).
  const before = tokens.at(-2)?.tokenType;
  return type === t.Star && (before === t.Select || before === t.Comma || before === t.LeftParen);
}

function behindOperand(tokens: readonly Token[], clause: TokenType): Place {
  const inCase = openCases(tokens) > 0 ? ['WHEN', 'THEN', 'ELSE', 'END'] : [];
  if (openParens(tokens) > 0) return keywordsOnly([...inCase, ...INFIX]);
  const behindCall = tokens.at(-1)?.tokenType === t.RightParen ? ['FILTER (WHERE'] : [];
  const words = BEHIND_OPERAND.get(clause) ?? [];
  return keywordsOnly([...inCase, ...possibleClauses(tokens), ...behindCall, ...words]);
}

/** The clauses that are not there yet. FROM stands right behind the list or not at all. */
function possibleClauses(tokens: readonly Token[]): string[] {
  const present = new Set(tokens.map(({ tokenType }) => tokenType));
  const inList = ![...t.CLAUSE_TYPES].some((type) => present.has(type));
  const replayed = present.has(t.Last) || present.has(t.Since);
  return CLAUSES.filter(([type]) => {
    if (type === t.From) return inList;
    if (type === t.Last || type === t.Since) return !replayed;
    return !present.has(type);
  }).map(([, word]) => word);
}

function openParens(tokens: readonly Token[]): number {
  return difference(tokens, t.LeftParen, t.RightParen);
}

function openCases(tokens: readonly Token[]): number {
  return difference(tokens, t.Case, t.End);
}

function difference(tokens: readonly Token[], opens: TokenType, closes: TokenType): number {
  let open = 0;
  for (const { tokenType } of tokens) {
    if (tokenType === opens) open++;
    else if (tokenType === closes) open--;
  }
  return open;
}
