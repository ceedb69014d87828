/**
 * What is right in a place, for mistakes that nothing else explains: by what the grammar expected
 * there, else by the clause that was complete when the token came.
 */
import { EXPECTED_RULE, EXPECTED_TERMINAL } from './parser-messages.ts';
import type { Mistake } from './recover.ts';
import * as t from './tokens.ts';
import type { Token } from './tokens.ts';

const BY_RULE: Readonly<Record<string, string>> = {
  selectItem: 'Columns stand between commas: SELECT region, count(*) AS n',
  selectClause: 'Columns stand between commas: SELECT region, count(*) AS n; all of them are *',
  columnAlias: 'Write AS and a name; one with blanks needs quotes: AS "my name"',
  fromClause: 'Name a stream: FROM plays, FROM plays*, FROM plays p, errors x',
  source: 'Name a stream: FROM plays, FROM plays*, FROM plays p, errors x',
  sourceAlias: 'Write AS and a name without blanks',
  windowClause: 'WINDOW 10s, WINDOW 60s SLIDE 5s, WINDOW |100|, or WINDOW SESSION 30s; more than 0',
  size: 'A size is more than 0: 10s, 500ms, 5m',
  duration: 'A duration is a number and its unit: 500ms, 10s, 5m, 2h',
  count: 'A whole number that is written out, at least 0: LIMIT 10',
  sampleClause:
    'SAMPLE 2%, or options: SAMPLE {"strategy": "STICKY", "keys": ["session"], "threshold": 200}',
  joinSpan: 'Say how long two events meet: WITHIN 10s',
  signedNumber: 'A number: ANOMALY mad column 0.5 3',
  subscript: "A key in quotes or a whole number stands in brackets: e['key'], a[0], a[*]",
  orderItem: 'NULLS FIRST or NULLS LAST',
  comparison: 'NOT stands before IN, LIKE, ILIKE and BETWEEN; else write NOT (a = b), or a != b',
  likeTest: 'NOT LIKE, NOT ILIKE',
  caseExpression: 'CASE WHEN a > 1 THEN b ELSE c END',
};

const BY_TERMINAL: Readonly<Record<string, string>> = {
  BY: 'GROUP BY and ORDER BY are two words each',
  NULL: 'IS stands before NULL and NOT NULL; other values are compared by =',
  AND: 'BETWEEN low AND high',
  WHERE: 'FILTER takes a condition: count(*) FILTER (WHERE status = 500)',
  THEN: 'CASE WHEN a > 1 THEN b ELSE c END',
  END: 'A CASE is closed by END',
  ON: 'Say what is equal on both sides: ON p.id = x.id',
  JOIN: 'LEFT JOIN',
  EVERY: 'EMIT EVERY 1s',
  SELECT: 'EXPLAIN stands in front of a whole query: EXPLAIN SELECT * FROM plays',
  '(': 'A list stands in parentheses: status IN (500, 503)',
  ')': 'A parenthesis is open in front of it; close it with )',
  ']': 'A bracket is open in front of it; close it with ]',
  '|': 'A number of events stands between bars: WINDOW |100|',
};

/** Behind a clause that is complete. */
const BEHIND: ReadonlyMap<unknown, string> = new Map([
  [t.Select, 'Columns stand between commas, and a name for one behind AS; then comes FROM'],
  [t.From, 'Behind the streams comes a clause: WHERE, WINDOW, GROUP BY, …'],
  [t.Where, 'Join conditions by AND or OR, or begin a clause: WINDOW, GROUP BY, …'],
  [t.Having, 'Join conditions by AND or OR, or begin a clause: WINDOW, ORDER BY, …'],
  [t.Group, 'Keys stand between commas; then comes a clause: WINDOW, HAVING, ORDER BY, …'],
  [t.Order, 'Behind a key stand ASC, DESC, NULLS FIRST or NULLS LAST; keys stand between commas'],
  [t.Window, 'Behind a size stands SLIDE 5s, or a clause: WHERE, GROUP BY, …'],
  [t.Limit, 'LIMIT takes one whole number'],
]);

const AT_END =
  'Something is missing at the end: a property, a number, a text in quotes, a function';
const VALUE = 'A property, a number, a text in quotes or a function stands there';

/** Advice for a mistake of the syntax; there always is some. */
export function placeAdvice(mistake: Extract<Mistake, { kind: 'syntax' }>): string {
  const { clause, exception, previous, token } = mistake;
  const { message } = exception;
  if (token?.tokenType === t.RightParen && !message.startsWith(EXPECTED_RULE)) {
    return 'No parenthesis is open in front of it';
  }
  if (message.startsWith(EXPECTED_TERMINAL)) {
    const label = message.slice(EXPECTED_TERMINAL.length);
    return BY_TERMINAL[label.replaceAll('"', '')] ?? VALUE;
  }
  if (message.startsWith(EXPECTED_RULE)) {
    const rule = message.slice(EXPECTED_RULE.length);
    return operandAdvice(token, previous) ?? BY_RULE[rule] ?? (token === null ? AT_END : VALUE);
  }
  const behind = clause === null ? undefined : BEHIND.get(clause.tokenType);
  return behind ?? 'The clause is complete here; the next one may begin, or the query ends';
}

/** For signs that begin no operand; null: other advice is better. */
function operandAdvice(token: Token | null, previous: Token | null): string | null {
  switch (token?.tokenType) {
    case t.Slash:
      return 'A pattern in slashes stands right behind =~, ==~ or !~; elsewhere / divides two values';
    case t.Percent:
      return "Patterns are texts: path LIKE '%api%'";
    case t.Comparison:
      return previous?.tokenType === t.Comparison
        ? `A comparison is one sign in one piece, between two values: a ${previous.image} b`
        : 'A comparison stands between two values: status >= 500';
    case t.RightParen:
      return 'Something is missing in front of this parenthesis';
    case t.Comma:
      return 'Something is missing in front of this comma';
    case t.DurationText:
      return previous?.tokenType === t.LeftBracket ? 'A span of time is WINDOW 5m' : null;
    case t.LeftBracket:
      return "Brackets stand behind a property: tags[0], e['key']; lists of values: IN (1, 2)";
    default:
      return null;
  }
}
