/**
 * Words for the parser's mistakes: what stands where it cannot, what was expected in the reader's
 * terms, and a hint where a likely slip explains it.
 */
import { diagnosticFrom } from './diagnostic.ts';
import type { Diagnostic, Fix } from './diagnostic.ts';
import { EXPECTED_RULE, EXPECTED_TERMINAL } from './parser-messages.ts';
import type { Mistake } from './recover.ts';
import { clip, quoteName } from './scan-literals.ts';
import type { Span } from './span.ts';
import { suggest } from './suggest.ts';
import * as t from './tokens.ts';
import type { Token } from './tokens.ts';

type SyntaxMistake = Extract<Mistake, { kind: 'syntax' }>;

interface Advice {
  readonly hint: string;
  readonly fixes?: readonly Fix[];
}

/** Words a mistake of `text`. */
export function diagnose(text: string, mistake: Mistake): Diagnostic {
  const { token, start } = mistake;
  const span = { start, end: token === null ? start : token.end };
  switch (mistake.kind) {
    case 'start':
      return diagnosticFrom(text, { code: 'MQL_START', ...startMessage(mistake.token), span });
    case 'duplicate':
      return diagnosticFrom(text, {
        code: 'MQL_DUPLICATE_CLAUSE',
        message: `${clauseName(mistake.token)} is there twice`,
        span,
        hint: 'Each clause stands at most once',
      });
    case 'late-from':
      return diagnosticFrom(text, {
        code: 'MQL_CLAUSE_ORDER',
        message: 'FROM comes right behind the select list',
        span,
        hint: 'The other clauses may stand in any order',
      });
    case 'syntax':
      return diagnosticFrom(text, {
        code: 'MQL_SYNTAX',
        message: syntaxMessage(mistake),
        span,
        ...adviceFor(mistake),
      });
  }
}

function startMessage(token: Token | null): { message: string } & Partial<Advice> {
  if (token === null)
    return { message: 'This is an empty query', hint: 'Try SELECT * FROM stream' };
  const message = 'A query starts with SELECT';
  const meant = suggest(token.image, ['SELECT', 'EXPLAIN']);
  return meant === null ? { message } : { message, ...replacement(meant, spanOf(token)) };
}

function clauseName(token: Token): string {
  if (token.tokenType === t.Last || token.tokenType === t.Since) return 'LAST or SINCE';
  return token.image.toUpperCase();
}

// ---- What was expected --------------------------------------------------------------------------

const RULE_WORDS: Readonly<Record<string, string>> = {
  selectItem: 'a column',
  columnAlias: 'a name for the column',
  selectClause: 'a column',
  fromClause: 'the name of a stream',
  source: 'the name of a stream',
  sourceAlias: 'an alias',
  clause: 'a clause',
  windowClause: 'a size, |n| or SESSION',
  sampleClause: 'a percentage or options in braces',
  joinSpan: 'WITHIN',
  replayClause: 'LAST or SINCE',
  duration: 'a duration with its unit, or a parameter',
  count: 'a number or a parameter',
  size: 'a size: a number, a duration or a parameter',
  signedNumber: 'a number',
  subscript: 'a key in quotes, a whole number, a parameter or *',
  orderItem: 'FIRST or LAST',
  comparison: 'IN, LIKE, ILIKE or BETWEEN',
  likeTest: 'LIKE or ILIKE',
  caseExpression: 'WHEN',
};

const TERMINAL_WORDS: Readonly<Record<string, string>> = {
  name: 'a name',
  'quoted-name': 'a name',
  'stream-name': 'the name of a stream',
  string: 'a string',
  number: 'a number',
  'duration-literal': 'a duration',
  parameter: 'a parameter',
};

/** What could have stood there, in words; null if the piece was complete. */
function expectation(message: string): string | null {
  if (message.startsWith(EXPECTED_TERMINAL)) {
    const label = message.slice(EXPECTED_TERMINAL.length);
    return TERMINAL_WORDS[label] ?? label.replaceAll('"', '');
  }
  if (message.startsWith(EXPECTED_RULE)) {
    return RULE_WORDS[message.slice(EXPECTED_RULE.length)] ?? 'a value, a property or a function';
  }
  return null;
}

function syntaxMessage({ exception, token }: SyntaxMistake): string {
  const expected = expectation(exception.message);
  if (token === null) {
    return expected === null
      ? 'The query ends too early'
      : `The query ends where ${expected} is expected`;
  }
  const found = `\`${clip(token.image)}\``;
  return expected === null
    ? `${found} cannot stand here`
    : `${found} stands where ${expected} is expected`;
}

// ---- Why it might be ----------------------------------------------------------------------------

function adviceFor(mistake: SyntaxMistake): Advice | Record<string, never> {
  return (
    adviceByExpectation(mistake) ??
    adviceByToken(mistake) ??
    adviceByMisreading(mistake) ??
    adviceBySlip(mistake) ??
    {}
  );
}

function adviceByExpectation({ exception, token }: SyntaxMistake): Advice | null {
  const rule = exception.message.startsWith(EXPECTED_RULE)
    ? exception.message.slice(EXPECTED_RULE.length)
    : null;
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

function adviceByToken({ exception, token, previous }: SyntaxMistake): Advice | null {
  if (exception.message === `${EXPECTED_TERMINAL}"%"` && previous !== null) {
    return replacement(`${previous.image}%`, spanOf(previous), 'A plain number is a percentage');
  }
  switch (token?.tokenType) {
    case t.Comparison:
      return { hint: 'Comparisons do not chain; join two of them with AND' };
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

/** A misspelled clause or infix word: the word that cannot stand, or the alias in front of it. */
function adviceBySlip({ token, previous }: SyntaxMistake): Advice | null {
  for (const suspect of [token, previous]) {
    if (suspect?.tokenType !== t.Name) continue;
    const meant = suggest(suspect.image, CONTINUATIONS);
    if (meant !== null) return replacement(meant, spanOf(suspect));
  }
  return null;
}

/** A clause word that was read as a property because something in front of it is missing. */
function adviceByMisreading({ previous, clause }: SyntaxMistake): Advice | null {
  if (previous?.tokenType !== t.Name || clause === null || previous === clause) return null;
  if (!t.CLAUSE_WORDS.has(previous.image.toLowerCase())) return null;
  const word = clause.image.toUpperCase();
  return {
    hint: `${previous.image} is read as a property, because ${word} still lacks its operand`,
  };
}

function replacement(text: string, span: Span, reason?: string): Required<Advice> {
  const hint = reason === undefined ? `Did you mean ${text}?` : `${reason}: ${text}`;
  return { hint, fixes: [{ title: `Write ${text}`, span, text }] };
}

function spanOf(token: Token): Span {
  return { start: token.startOffset, end: token.end };
}
