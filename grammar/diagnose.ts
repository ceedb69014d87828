/**
 * Words for the parser's mistakes: what stands where it cannot, what was expected in the reader's
 * terms, and a hint where a likely slip explains it.
 */
import { adviceFor, expectedRule, expectedTerminal, replacement, spanOf } from './advice.ts';
import type { Advice, SyntaxMistake } from './advice.ts';
import { diagnosticFrom } from './diagnostic.ts';
import type { Diagnostic } from './diagnostic.ts';
import { foreignStart } from './foreign-words.ts';
import type { Mistake } from './recover.ts';
import { clip } from './scan-literals.ts';
import { suggest } from './suggest.ts';
import * as t from './tokens.ts';
import type { Token } from './tokens.ts';

/** Words a mistake of `text`. */
export function diagnose(text: string, mistake: Mistake): Diagnostic {
  const { token, start } = mistake;
  const span = { start, end: token === null ? start : token.end };
  switch (mistake.kind) {
    case 'start':
      return diagnosticFrom(text, {
        code: 'MQL_START',
        ...startMessage(text, mistake.token),
        span,
      });
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
        hint: /\bfilter\s+where\b/i.test(text.slice(0, start))
          ? 'FILTER takes parentheses: count(*) FILTER (WHERE status = 500)'
          : 'The other clauses may stand in any order',
      });
    case 'syntax':
      return diagnosticFrom(text, {
        code: 'MQL_SYNTAX',
        message: syntaxMessage(mistake),
        span,
        ...adviceFor(text, mistake),
      });
  }
}

function startMessage(text: string, token: Token | null): { message: string } & Partial<Advice> {
  if (token === null)
    return { message: 'This is an empty query', hint: 'Try SELECT * FROM stream' };
  const message = 'A query starts with SELECT';
  const meant = suggest(token.image, ['SELECT', 'EXPLAIN']);
  if (meant !== null) return { message, ...replacement(meant, spanOf(token)) };
  return { message, hint: foreignStart(token.image) ?? startHint(text.slice(token.end)) };
}

/** What PromQL and languages of pipes begin with, by what comes next. */
function startHint(rest: string): string {
  const next = rest.trimStart().charAt(0);
  if (next === '(') return 'Aggregates stand in the list: SELECT rate() FROM requests WINDOW 5m';
  if (next === '{' || next === '[') return 'Write SELECT * FROM requests WHERE status = 500';
  if (next === '|') return 'There are no pipes: SELECT count(*) FROM requests WHERE status = 500';
  return 'For example SELECT * FROM requests WHERE status = 500';
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
function expectation(mistake: SyntaxMistake): string | null {
  const label = expectedTerminal(mistake);
  if (label !== null) return TERMINAL_WORDS[label] ?? label.replaceAll('"', '');
  const rule = expectedRule(mistake);
  return rule === null ? null : (RULE_WORDS[rule] ?? 'a value, a property or a function');
}

function syntaxMessage(mistake: SyntaxMistake): string {
  const { token } = mistake;
  const expected = expectation(mistake);
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
