/**
 * Completions at a cursor: what may stand there, from the grammar's point of view and a catalogue
 * of streams, fields and functions. The text in front of the cursor is lexed as the parser would
 * lex it, so keywords are offered exactly where they would be keywords; a text that is wrong
 * further on, or not finished, does not matter.
 */
import type { TokenType } from 'chevrotain';
import { codeAt, isPlainName, isWordPart, isNameStart } from './characters.ts';
import { lex } from './lexer.ts';
import { QUERY_BYTES_MAX } from './limits.ts';
import { quoteName } from './scan-literals.ts';
import type { Span } from './span.ts';
import * as t from './tokens.ts';
import type { Token } from './tokens.ts';

export interface CompletionField {
  readonly name: string;
  readonly type: string;
}

export interface CompletionCatalogue {
  readonly streams: readonly {
    readonly name: string;
    readonly fields: readonly CompletionField[];
  }[];
  readonly functions: readonly {
    readonly name: string;
    readonly signature: string;
    readonly doc: string;
  }[];
}

export interface Completion {
  readonly label: string;
  readonly kind: 'keyword' | 'stream' | 'field' | 'function';
  /** What replaces `span`. */
  readonly insert: string;
  readonly detail: string;
  /** The word being typed; empty at the cursor if there is none. */
  readonly span: Span;
}

/** What may stand at the cursor. */
interface Place {
  readonly keywords: readonly string[];
  readonly streams: boolean;
  readonly operand: boolean;
}

/** Most completions that are returned at once. */
const COMPLETIONS_MAX = 200;

/** Completions for the cursor at `offset`, those that start like the typed word, best first. */
export function complete(
  text: string,
  offset: number,
  catalogue: CompletionCatalogue,
): readonly Completion[] {
  const cursor = Math.max(0, Math.min(offset, text.length));
  if (cursor > QUERY_BYTES_MAX) return [];
  const start = typedStart(text, cursor);
  const front = text.slice(0, start);
  const before = lex(front);
  if (before.truncated || endsInsideLiteral(before.diagnostics.map(({ code }) => code))) return [];
  if (endsInLineComment(front)) return [];
  const place = placeBehind(before.tokens, front);
  const span = { start, end: cursor };
  const typed = text.slice(start, cursor).replace(/^`/, '').toLowerCase();
  const all = [
    ...(place.streams ? streamCompletions(catalogue, span) : []),
    ...(place.operand ? operandCompletions(text, catalogue, span) : []),
    ...place.keywords.map((word) => keywordCompletion(word, span)),
  ];
  return all.filter(({ label }) => label.toLowerCase().startsWith(typed)).slice(0, COMPLETIONS_MAX);
}

/** Where the word, or back-quoted name, that touches the cursor starts. */
function typedStart(text: string, cursor: number): number {
  let start = cursor;
  while (start > 0) {
    const code = codeAt(text, start - 1);
    const isJoint = code === 45 || code === 46 || code === 47 || code === 58;
    if (!isWordPart(code) && !isNameStart(code) && !isJoint) break;
    start--;
  }
  // A joint at the front belongs to what stands before the word: `a - b`, `[0].b`.
  while (start < cursor && !isNameStart(codeAt(text, start))) start++;
  return text.charAt(start - 1) === '`' && oddBackQuotes(text, start) ? start - 1 : start;
}

function oddBackQuotes(text: string, end: number): boolean {
  return text.slice(0, end).split('`').length % 2 === 0;
}

function endsInsideLiteral(codes: readonly string[]): boolean {
  return codes.includes('MQL_UNTERMINATED');
}

/** Whether whatever is typed at the end of `front` is comment. */
function endsInLineComment(front: string): boolean {
  return lex(`${front} x`).tokens.length === lex(front).tokens.length;
}

// ---- What may stand there -----------------------------------------------------------------------

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

function placeBehind(tokens: readonly Token[], front: string): Place {
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

// ---- Items --------------------------------------------------------------------------------------

function keywordCompletion(word: string, span: Span): Completion {
  return { label: word, kind: 'keyword', insert: word, detail: '', span };
}

function streamCompletions(catalogue: CompletionCatalogue, span: Span): Completion[] {
  return catalogue.streams.map(({ name, fields }) => ({
    label: name,
    kind: 'stream',
    insert: nameText(name),
    detail: fields.length === 1 ? '1 field' : `${fields.length} fields`,
    span,
  }));
}

function operandCompletions(
  text: string,
  catalogue: CompletionCatalogue,
  span: Span,
): Completion[] {
  const fields = fieldsInScope(text, catalogue).map(({ name, type }): Completion => ({
    label: name,
    kind: 'field',
    insert: nameText(name),
    detail: type,
    span,
  }));
  const functions = catalogue.functions.map(({ name, signature, doc }): Completion => ({
    label: name,
    kind: 'function',
    insert: `${name}(`,
    detail: doc === '' ? signature : `${signature}: ${doc}`,
    span,
  }));
  return [...fields, ...functions];
}

/** Fields of the streams that the whole text names, in front of the cursor or behind it. */
function fieldsInScope(text: string, catalogue: CompletionCatalogue): readonly CompletionField[] {
  const named = text.length > QUERY_BYTES_MAX ? [] : streamsNamedIn(text);
  const wanted = named.length === 0 ? [exactly('stream')] : named;
  const inScope = catalogue.streams.filter(({ name }) => wanted.some((matches) => matches(name)));
  const streams = inScope.length === 0 ? catalogue.streams : inScope;
  const byName = new Map(
    streams.flatMap(({ fields }) => fields).map((field) => [field.name, field]),
  );
  return [...byName.values()];
}

type NameTest = (name: string) => boolean;

function streamsNamedIn(text: string): NameTest[] {
  const { tokens } = lex(text);
  return tokens.flatMap((token, i) => {
    if (token.tokenType === t.StreamName) {
      const { name, glob } = token.payload as t.StreamValue;
      return [glob ? globTest(name) : exactly(name)];
    }
    const before = tokens[i - 1]?.tokenType;
    const quoted = token.tokenType === t.QuotedName && (before === t.From || before === t.Join);
    return quoted ? [exactly(String(token.payload))] : [];
  });
}

function exactly(wanted: string): NameTest {
  return (name) => name === wanted;
}

/** Greedy matching of the parts between the stars; linear in the name for each part. */
function globTest(glob: string): NameTest {
  const parts = glob.split('*');
  const head = parts[0] ?? '';
  const tail = parts.at(-1) ?? '';
  return (name) => {
    if (name.length < head.length + tail.length) return false;
    if (!name.startsWith(head) || !name.endsWith(tail)) return false;
    let from = head.length;
    for (const part of parts.slice(1, -1)) {
      const found = name.indexOf(part, from);
      if (found < 0 || found + part.length > name.length - tail.length) return false;
      from = found + part.length;
    }
    return true;
  };
}

/** Literals and prefix operators would be read for these instead of the property. */
const NEEDS_QUOTES: ReadonlySet<string> = new Set([
  'true',
  'false',
  'null',
  'not',
  'case',
  'distinct',
]);

function nameText(name: string): string {
  return isPlainName(name) && !NEEDS_QUOTES.has(name.toLowerCase()) ? name : quoteName(name);
}
