/**
 * Why a token stands where it cannot: a slip, a habit of another language, something missing in
 * front of it; else what would be right in that place. Every mistake gets some advice.
 */
import type { Fix } from './diagnostic.ts';
import { foreignWord } from './foreign-words.ts';
import { EXPECTED_RULE, EXPECTED_TERMINAL, LEFT_OVER } from './parser-messages.ts';
import { placeAdvice } from './place-advice.ts';
import type { Mistake } from './recover.ts';
import { quoteName } from './scan-literals.ts';
import type { Span } from './span.ts';
import { suggest } from './suggest.ts';
import * as t from './tokens.ts';
import type { Token } from './tokens.ts';

export type SyntaxMistake = Extract<Mistake, { kind: 'syntax' }>;

export interface Advice {
  readonly hint: string;
  readonly fixes?: readonly Fix[];
}

export function adviceFor(text: string, mistake: SyntaxMistake): Advice {
  return (
    adviceByExpectation(mistake) ??
    adviceByMisreading(mistake) ??
    adviceByClauseSlip(mistake) ??
    adviceByHabit(text, mistake) ??
    adviceByToken(mistake) ??
    adviceBySlip(mistake) ?? { hint: placeAdvice(mistake) }
  );
}

/** The rule none of whose alternatives fits; null: it was something else. */
export function expectedRule({ exception: { message } }: SyntaxMistake): string | null {
  return message.startsWith(EXPECTED_RULE) ? message.slice(EXPECTED_RULE.length) : null;
}

/** The label of the terminal that is missing; null: it was something else. */
export function expectedTerminal({ exception: { message } }: SyntaxMistake): string | null {
  return message.startsWith(EXPECTED_TERMINAL) ? message.slice(EXPECTED_TERMINAL.length) : null;
}

export function replacement(text: string, span: Span, reason?: string): Required<Advice> {
  const hint = reason === undefined ? `Did you mean ${text}?` : `${reason}: ${text}`;
  return { hint, fixes: [{ title: `Write ${text}`, span, text }] };
}

export function spanOf(token: Token): Span {
  return { start: token.startOffset, end: token.end };
}

function adviceByExpectation(mistake: SyntaxMistake): Advice | null {
  const { token } = mistake;
  const rule = expectedRule(mistake);
  if (token === null) return null;
  const span = spanOf(token);
  if (rule === 'subscript' && token.tokenType === t.Name) {
    return replacement(`'${token.image}'`, span, 'A key is a string');
  }
  const wantsStream = rule === 'source' || rule === 'fromClause';
  if (wantsStream && token.tokenType === t.LeftParen) {
    return { hint: 'There are no sub-queries: save the inner query and name it here' };
  }
  if (wantsStream && token.tokenType === t.StringText) {
    return replacement(quoteName(String(token.payload)), span, 'Stream names take back-quotes');
  }
  if (token.tokenType === t.ParameterName && (wantsStream || rule === 'columnAlias')) {
    return { hint: 'A parameter stands for a value, never for a name or a stream' };
  }
  if (rule === 'duration' && token.tokenType === t.NumberText) {
    return { hint: `Add a unit: ${token.image}s, ${token.image}m, … (ms, s, m, h, d, w)` };
  }
  return null;
}

/** What SQL, PromQL and others write there. */
function adviceByHabit(text: string, { token, previous }: SyntaxMistake): Advice | null {
  const hint = habitOf(text, token, previous);
  return hint === null ? null : { hint };
}

function habitOf(text: string, token: Token | null, previous: Token | null): string | null {
  if (token === null) return null;
  if (text.startsWith('//', token.startOffset)) return 'Comments are -- to the end, or /* … */';
  const isGlued = previous?.tokenType === t.StringText && previous.end === token.startOffset;
  if (isGlued && token.tokenType === t.Name) {
    return "A quote inside a string is doubled: 'it''s'";
  }
  if (/\b(?:if|iff)\s+[^\s,()]+\s*$/i.test(text.slice(0, token.startOffset))) {
    return foreignWord('if');
  }
  const word = foreignWord(token.image);
  return word ?? (isWord(previous) ? foreignWord(previous.image) : null);
}

function isWord(token: Token | null): token is Token {
  return token?.tokenType === t.Name || token?.tokenType === t.StreamName;
}

function adviceByToken(mistake: SyntaxMistake): Advice | null {
  const { token, previous } = mistake;
  if (expectedTerminal(mistake) === '"%"' && previous !== null) {
    return replacement(`${previous.image}%`, spanOf(previous), 'A plain number is a percentage');
  }
  switch (token?.tokenType) {
    case t.Comparison:
      return mistake.exception.message === LEFT_OVER
        ? { hint: 'Comparisons do not chain; join two of them with AND' }
        : null;
    case t.Pipe:
      return replacement('||', spanOf(token), '| stands only in WINDOW |n|, or is written OR');
    case t.Semicolon:
      return { hint: 'One query at a time' };
    case t.Not:
      return { hint: 'Put parentheses around NOT and what belongs to it' };
    default:
      return null;
  }
}

/** Words that could stand behind an operand, apart from names. */
const CONTINUATIONS: readonly string[] = [
  ...t.INFIX_WORDS.keys(),
  ...t.CLAUSE_WORDS.keys(),
  'join',
  'left',
  'on',
  'within',
  'until',
  'slide',
  'timeout',
  'asc',
  'desc',
  'nulls',
].map((word) => word.toUpperCase());

const CLAUSES: readonly string[] = [...t.CLAUSE_WORDS.keys()].map((word) => word.toUpperCase());

/** `gruop by`: the word in front is a misspelled clause. */
function adviceByClauseSlip({ previous }: SyntaxMistake): Advice | null {
  if (!isWord(previous) || previous.image.length < 4) return null;
  if (foreignWord(previous.image) !== null) return null;
  const meant = suggest(previous.image, CLAUSES);
  return meant === null ? null : replacement(meant, spanOf(previous));
}

/** A misspelled clause or infix word: the word that cannot stand, or the alias in front of it. */
function adviceBySlip({ token, previous }: SyntaxMistake): Advice | null {
  for (const suspect of [token, previous]) {
    // Of two letters every other two are a slip.
    if (!isWord(suspect) || suspect.image.length < 3) continue;
    const meant = suggest(suspect.image, CONTINUATIONS);
    if (meant !== null) return replacement(meant, spanOf(suspect));
  }
  return null;
}

/** A clause word that was read as a property because something in front of it is missing. */
function adviceByMisreading({ previous, clause }: SyntaxMistake): Advice | null {
  if (!isWord(previous) || clause === null || previous === clause) return null;
  if (!t.CLAUSE_WORDS.has(previous.image.toLowerCase())) return null;
  const word = clause.image.toUpperCase();
  return {
    hint: `${previous.image} is read as a property, because ${word} still lacks its operand`,
  };
}
