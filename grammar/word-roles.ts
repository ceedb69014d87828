/**
 * Which role a word plays (L11–L13). No word is reserved: where an operand must start a word is a
 * property, behind an operand it can only go on with or end what stands there. Both the lexer's
 * state and a glance at the next character decide; the parser never has to.
 */
import type { TokenType } from 'chevrotain';
import { codeAt, isAsciiDigit, isNameStart, isSpace, widthOf, wordEnd } from './characters.ts';
import * as t from './tokens.ts';

/** The clause that the lexer is in. */
export type ClauseContext = TokenType | null;

/** What decides a word's role, kept by the lexer as it goes. */
export interface WordContext {
  readonly text: string;
  /** Type of the token in front, null at the start. */
  readonly previous: TokenType | null;
  readonly beforePrevious: TokenType | null;
  /** Whether the token in front ends an operand. */
  readonly afterOperand: boolean;
  /** Type of the word that began the clause; Select for the list. */
  readonly clause: ClauseContext;
  /** CASE expressions not yet ended. */
  readonly openCases: number;
}

const ALPHABETIC = /^[A-Za-z]{2,9}$/;

/** The token type of `word`, which ends at `end`. */
export function roleOf(context: WordContext, word: string, end: number): TokenType {
  if (context.previous === t.As) return t.Name;
  if (word === 'e' && !context.afterOperand) {
    return nextCode(context.text, end) === 91 ? t.Event : t.Name;
  }
  if (!ALPHABETIC.test(word)) return t.Name;
  const lower = word.toLowerCase();
  const role = context.afterOperand
    ? roleBehindOperand(context, lower, end)
    : (roleBehindKeyword(context, lower) ?? roleOfOperand(context, lower, end));
  return role ?? t.Name;
}

/** Words that only the keyword in front gives a meaning. */
const BEHIND_KEYWORD: ReadonlyMap<TokenType | null, ReadonlyMap<string, TokenType>> = new Map([
  [
    null,
    new Map([
      ['explain', t.Explain],
      ['select', t.Select],
    ]),
  ],
  [
    t.Explain,
    new Map([
      ['analyze', t.Analyze],
      ['select', t.Select],
    ]),
  ],
  [t.Analyze, new Map([['select', t.Select]])],
  [t.Group, new Map([['by', t.By]])],
  [t.Order, new Map([['by', t.By]])],
  [t.Emit, new Map([['every', t.Every]])],
  [t.Window, new Map([['session', t.Session]])],
  [
    t.Nulls,
    new Map([
      ['first', t.NullsFirst],
      ['last', t.NullsLast],
    ]),
  ],
  [t.Left, new Map([['join', t.Join]])],
  [t.Inner, new Map([['join', t.Join]])],
  [t.Is, new Map([['not', t.InfixNot]])],
  [
    t.InfixNot,
    new Map([
      ['in', t.In],
      ['like', t.Like],
      ['ilike', t.ILike],
      ['between', t.Between],
    ]),
  ],
  [t.Case, new Map([['when', t.When]])],
]);

function roleBehindKeyword(context: WordContext, lower: string): TokenType | undefined {
  if (
    lower === 'where' &&
    context.beforePrevious === t.Filter &&
    context.previous === t.LeftParen
  ) {
    return t.FilterWhere;
  }
  return BEHIND_KEYWORD.get(context.previous)?.get(lower);
}

/** L12, in its order. */
function roleOfOperand(context: WordContext, lower: string, end: number): TokenType | undefined {
  const { text } = context;
  switch (lower) {
    case 'true':
      return t.True;
    case 'false':
      return t.False;
    case 'null':
      return t.Null;
    case 'not':
      return startsOperand(text, skipBlank(text, end)) ? t.Not : undefined;
    case 'case':
      return nextWord(text, end) === 'when' ? t.Case : undefined;
    case 'distinct':
      return context.previous === t.LeftParen &&
        context.beforePrevious === t.Name &&
        startsOperand(text, skipBlank(text, end))
        ? t.Distinct
        : undefined;
    default:
      return undefined;
  }
}

/** Words that only mean something behind an operand of one clause. */
const WITHIN_CLAUSE: ReadonlyMap<ClauseContext, ReadonlyMap<string, TokenType>> = new Map([
  [
    t.From,
    new Map([
      ['join', t.Join],
      ['left', t.Left],
      ['inner', t.Inner],
      ['on', t.On],
      ['within', t.Within],
      ['seconds', t.Seconds],
      ['second', t.Seconds],
    ]),
  ],
  [t.Since, new Map([['until', t.Until]])],
  [
    t.Window,
    new Map([
      ['slide', t.Slide],
      ['timeout', t.Timeout],
      ['max', t.Max],
    ]),
  ],
  [
    t.Order,
    new Map([
      ['asc', t.Asc],
      ['desc', t.Desc],
      ['nulls', t.Nulls],
    ]),
  ],
]);

const CASE_WORDS: ReadonlyMap<string, TokenType> = new Map([
  ['when', t.When],
  ['then', t.Then],
  ['else', t.Else],
  ['end', t.End],
]);

function roleBehindOperand(
  context: WordContext,
  lower: string,
  end: number,
): TokenType | undefined {
  const role = t.INFIX_WORDS.get(lower) ?? t.CLAUSE_WORDS.get(lower);
  if (role !== undefined) return role;
  if (lower === 'last') return startsQuantity(context.text, end) ? t.Last : undefined;
  if (lower === 'filter') {
    const isFilter = context.previous === t.RightParen && nextCode(context.text, end) === 40;
    return isFilter ? t.Filter : undefined;
  }
  if (context.openCases > 0) {
    const caseWord = CASE_WORDS.get(lower);
    if (caseWord !== undefined) return caseWord;
  }
  return WITHIN_CLAUSE.get(context.clause)?.get(lower);
}

// ---- A glance ahead -----------------------------------------------------------------------------

/** The offset of the next token: behind white space and comments. */
export function skipBlank(text: string, from: number): number {
  let offset = from;
  for (;;) {
    const code = codeAt(text, offset);
    if (code >= 0 && isSpace(code)) {
      offset += widthOf(code);
    } else if (code === 45 && offset > from && text.startsWith('--', offset)) {
      const lineEnd = text.indexOf('\n', offset);
      offset = lineEnd < 0 ? text.length : lineEnd;
    } else if (code === 47 && text.startsWith('/*', offset)) {
      const close = text.indexOf('*/', offset + 2);
      offset = close < 0 ? text.length : close + 2;
    } else {
      return offset;
    }
  }
}

function nextCode(text: string, from: number): number {
  return codeAt(text, skipBlank(text, from));
}

function nextWord(text: string, from: number): string {
  const start = skipBlank(text, from);
  return text.slice(start, wordEnd(text, start)).toLowerCase();
}

/** Whether an operand can start at `offset`: any word, literal, parenthesis or prefix operator. */
function startsOperand(text: string, offset: number): boolean {
  const code = codeAt(text, offset);
  if (code < 0) return false;
  if (isNameStart(code) || isAsciiDigit(code)) return true;
  const next = text.charAt(offset + 1);
  switch (text.charAt(offset)) {
    case '.':
      return isAsciiDigit(next.charCodeAt(0));
    case '!':
      return next !== '=' && next !== '~';
    case '(':
    case '"':
    case "'":
    case '`':
    case '$':
    case '-':
    case '+':
      return true;
    default:
      return false;
  }
}

/** Whether a number, a duration or a parameter comes next. */
function startsQuantity(text: string, from: number): boolean {
  const offset = skipBlank(text, from);
  const code = codeAt(text, offset);
  if (code === 36 || isAsciiDigit(code)) return true;
  return code === 46 && isAsciiDigit(codeAt(text, offset + 1));
}
