/**
 * The vocabulary: one token type per terminal of `mql.ebnf`. No word is reserved (L11); the lexer
 * decides from a word's place whether it is a keyword, so a keyword type here always means the
 * keyword and {@link Name} always means a name. A type's label is its spelling in `mql.ebnf`:
 * `"QUOTED"` for fixed text, `lower-case` for a class of texts.
 */
import { createToken, Lexer } from 'chevrotain';
import type { IToken, TokenType } from 'chevrotain';
import type { BinaryOperator, DurationUnit } from './ast.ts';
import type { JsonObjectText } from './json-object.ts';

/** What a token's text stands for, by type of token; null where the text says everything. */
export type TokenValue = string | number | DurationValue | StreamValue | JsonObjectText | null;

export interface DurationValue {
  readonly amount: number;
  readonly unit: DurationUnit;
  readonly valueMs: number;
}

export interface StreamValue {
  readonly name: string;
  readonly glob: boolean;
}

/** A lexed token. `endOffset` is inclusive, as chevrotain has it; `end` is exclusive. */
export interface Token extends IToken {
  readonly image: string;
  readonly startOffset: number;
  readonly endOffset: number;
  readonly end: number;
  readonly tokenType: TokenType;
  readonly payload: TokenValue;
}

const vocabulary: TokenType[] = [];

function terminal(name: string, label: string): TokenType {
  const type = createToken({ name, label, pattern: Lexer.NA });
  vocabulary.push(type);
  return type;
}

function keyword(word: string, name: string = capitalized(word)): TokenType {
  return terminal(name, `"${word}"`);
}

function capitalized(word: string): string {
  return word.charAt(0) + word.slice(1).toLowerCase();
}

// ---- Words that begin a query or a clause -------------------------------------------------------

export const Explain: TokenType = keyword('EXPLAIN');
export const Analyze: TokenType = keyword('ANALYZE');
export const Select: TokenType = keyword('SELECT');
export const From: TokenType = keyword('FROM');
export const Last: TokenType = keyword('LAST');
export const Since: TokenType = keyword('SINCE');
export const Window: TokenType = keyword('WINDOW');
export const Where: TokenType = keyword('WHERE');
export const Group: TokenType = keyword('GROUP');
export const Having: TokenType = keyword('HAVING');
export const Anomaly: TokenType = keyword('ANOMALY');
export const Order: TokenType = keyword('ORDER');
export const Limit: TokenType = keyword('LIMIT');
export const Sample: TokenType = keyword('SAMPLE');
export const Emit: TokenType = keyword('EMIT');
export const Lateness: TokenType = keyword('LATENESS');

// ---- Words inside one clause --------------------------------------------------------------------

export const As: TokenType = keyword('AS');
export const Left: TokenType = keyword('LEFT');
export const Inner: TokenType = keyword('INNER');
export const Join: TokenType = keyword('JOIN');
export const Within: TokenType = keyword('WITHIN');
export const Seconds: TokenType = keyword('SECONDS');
export const On: TokenType = keyword('ON');
export const Until: TokenType = keyword('UNTIL');
export const Session: TokenType = keyword('SESSION');
export const Slide: TokenType = keyword('SLIDE');
export const Timeout: TokenType = keyword('TIMEOUT');
export const Max: TokenType = keyword('MAX');
export const By: TokenType = keyword('BY');
export const Asc: TokenType = keyword('ASC');
export const Desc: TokenType = keyword('DESC');
export const Nulls: TokenType = keyword('NULLS');
export const NullsFirst: TokenType = keyword('FIRST', 'NullsFirst');
export const NullsLast: TokenType = keyword('LAST', 'NullsLast');
export const Every: TokenType = keyword('EVERY');

// ---- Words of expressions -----------------------------------------------------------------------

export const And: TokenType = keyword('AND');
export const Or: TokenType = keyword('OR');
/** In front of an operand. */
export const Not: TokenType = keyword('NOT');
/** Behind an operand (`a NOT IN …`) or behind IS. */
export const InfixNot: TokenType = keyword('NOT', 'InfixNot');
export const In: TokenType = keyword('IN');
export const Like: TokenType = keyword('LIKE');
export const ILike: TokenType = keyword('ILIKE', 'ILike');
export const Between: TokenType = keyword('BETWEEN');
export const Is: TokenType = keyword('IS');
export const Null: TokenType = keyword('NULL');
export const True: TokenType = keyword('TRUE');
export const False: TokenType = keyword('FALSE');
export const Case: TokenType = keyword('CASE');
export const When: TokenType = keyword('WHEN');
export const Then: TokenType = keyword('THEN');
export const Else: TokenType = keyword('ELSE');
export const End: TokenType = keyword('END');
export const Distinct: TokenType = keyword('DISTINCT');
export const Filter: TokenType = keyword('FILTER');
export const FilterWhere: TokenType = keyword('WHERE', 'FilterWhere');
/** `e` in front of `[`: the event (L13). */
export const Event: TokenType = terminal('Event', '"e"');

// ---- Names and literals -------------------------------------------------------------------------

export const Name: TokenType = terminal('Name', 'name');
export const QuotedName: TokenType = terminal('QuotedName', 'quoted-name');
export const StreamName: TokenType = terminal('StreamName', 'stream-name');
/** `alias.*` in one piece. */
export const AliasStar: TokenType = terminal('AliasStar', 'alias-star');
/** `.name` glued to a closing bracket. */
export const PathName: TokenType = terminal('PathName', 'path-name');
export const StringText: TokenType = terminal('StringText', 'string');
export const NumberText: TokenType = terminal('NumberText', 'number');
export const DurationText: TokenType = terminal('DurationText', 'duration-literal');
export const RegexText: TokenType = terminal('RegexText', 'regex');
export const ParameterName: TokenType = terminal('ParameterName', 'parameter');
export const JsonText: TokenType = terminal('JsonText', 'json-object');

// ---- Operators and punctuation ------------------------------------------------------------------

/** Any comparison of {@link COMPARISONS}. */
export const Comparison: TokenType = terminal('Comparison', 'comparison-operator');
export const Plus: TokenType = terminal('Plus', '"+"');
export const Minus: TokenType = terminal('Minus', '"-"');
export const Star: TokenType = terminal('Star', '"*"');
export const Slash: TokenType = terminal('Slash', '"/"');
export const Percent: TokenType = terminal('Percent', '"%"');
export const Bang: TokenType = terminal('Bang', '"!"');
export const LeftParen: TokenType = terminal('LeftParen', '"("');
export const RightParen: TokenType = terminal('RightParen', '")"');
export const LeftBracket: TokenType = terminal('LeftBracket', '"["');
export const RightBracket: TokenType = terminal('RightBracket', '"]"');
export const Comma: TokenType = terminal('Comma', '","');
export const Semicolon: TokenType = terminal('Semicolon', '";"');
export const Pipe: TokenType = terminal('Pipe', '"|"');
export const Caret: TokenType = terminal('Caret', '"^"');

/** Every token type of the language. */
export const VOCABULARY: readonly TokenType[] = vocabulary;

/** Spelling of a comparison → the operator of the tree. */
export const COMPARISONS: ReadonlyMap<string, BinaryOperator> = new Map<string, BinaryOperator>([
  ['=', '='],
  ['==', '='],
  ['!=', '!='],
  ['<>', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
  ['==~', '==~'],
  ['=~', '=~'],
  ['!~', '!~'],
  ['==+', '==+'],
]);

/** Word → clause that it begins where an operand has just ended. LAST has a rule of its own. */
export const CLAUSE_WORDS: ReadonlyMap<string, TokenType> = new Map([
  ['from', From],
  ['since', Since],
  ['window', Window],
  ['where', Where],
  ['group', Group],
  ['having', Having],
  ['anomaly', Anomaly],
  ['order', Order],
  ['limit', Limit],
  ['sample', Sample],
  ['emit', Emit],
  ['lateness', Lateness],
]);

/** The types that begin a clause: where recovery starts afresh. */
export const CLAUSE_TYPES: ReadonlySet<TokenType> = new Set([Last, ...CLAUSE_WORDS.values()]);

/** Word → its meaning behind an operand, in any clause. */
export const INFIX_WORDS: ReadonlyMap<string, TokenType> = new Map([
  ['and', And],
  ['or', Or],
  ['not', InfixNot],
  ['in', In],
  ['like', Like],
  ['ilike', ILike],
  ['between', Between],
  ['is', Is],
  ['as', As],
]);

/** Types behind which an operand has ended. Star, Pipe and Percent depend on what is in front. */
export const ENDS_OPERAND: ReadonlySet<TokenType> = new Set([
  Name,
  QuotedName,
  StreamName,
  AliasStar,
  PathName,
  StringText,
  NumberText,
  DurationText,
  RegexText,
  ParameterName,
  JsonText,
  True,
  False,
  Null,
  End,
  Asc,
  Desc,
  NullsFirst,
  NullsLast,
  Seconds,
  RightParen,
  RightBracket,
]);
