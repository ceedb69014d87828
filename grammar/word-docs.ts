/** What the words of the language do, for whoever points at one. `docs/language.md` says more. */
import type { TokenType } from 'chevrotain';
import * as t from './tokens.ts';

export interface WordDoc {
  /** How it is written. */
  readonly form: string;
  readonly doc: string;
}

const CLAUSES: readonly (readonly [TokenType, string, string])[] = [
  [t.Explain, 'EXPLAIN [ANALYZE] query', 'Shows the plan: what of the query runs where.'],
  [t.Select, 'SELECT *, x, expression [AS name], …', 'What a row of the answer consists of.'],
  [
    t.From,
    'FROM stream [alias], … [JOIN …]',
    'Which streams are read; a * stands for any part of a name. Without FROM: the stream `stream`.',
  ],
  [t.Last, 'LAST 15m', 'Begins with what happened so long ago, and goes on live.'],
  [t.Since, 'SINCE time [UNTIL time]', 'Begins with what happened then, and goes on live.'],
  [
    t.Window,
    'WINDOW 10s [SLIDE 5s] · WINDOW |100| [TIMEOUT 5s] · WINDOW SESSION 30s [MAX 10m]',
    'Answers once for each stretch of time, number of events, or session. Clocks close windows: one without events answers too.',
  ],
  [
    t.Where,
    'WHERE condition',
    'Which events are taken. It runs where they happen: what it refuses never leaves its process.',
  ],
  [t.Group, 'GROUP BY x, …', 'One row for each different value; missing and null are one group.'],
  [
    t.Having,
    'HAVING condition',
    'Which rows of the answer are given: over columns and aggregates.',
  ],
  [t.Anomaly, 'ANOMALY mad column α β', 'Marks rows whose value is far from what went before.'],
  [
    t.Order,
    'ORDER BY x [ASC|DESC] [NULLS FIRST|LAST], …',
    'The order of the rows of each window: null < false < true < numbers < texts.',
  ],
  [
    t.Limit,
    'LIMIT n',
    'With GROUP BY: so many rows of each window. Otherwise so many rows, then the query ends.',
  ],
  [
    t.Sample,
    'SAMPLE 2% · SAMPLE {"strategy": "STICKY", "keys": ["session"], "threshold": 200}',
    'Takes a share of the events, before WHERE, where they happen.',
  ],
  [t.Emit, 'EMIT EVERY 1s', 'Sends the running values of open windows, marked provisional.'],
  [t.Lateness, 'LATENESS 2s', 'How long an answer may still be amended by events that come late.'],
];

const WORDS: readonly (readonly [TokenType, string, string])[] = [
  [t.As, 'x AS name', 'Names a column or a source.'],
  [t.Join, 'JOIN stream [alias] WITHIN 10s ON a.x = b.y', 'Pairs events of two streams.'],
  [t.Within, 'WITHIN 10s', 'How far apart two joined events may be.'],
  [t.Slide, 'SLIDE 5s', 'A window begins so often; its length stays.'],
  [
    t.Session,
    'WINDOW SESSION 30s [MAX 10m]',
    'A window for each group, until so long nothing comes.',
  ],
  [t.Timeout, 'TIMEOUT 5s', 'A window of a number of events ends at the latest after that.'],
  [t.Until, 'UNTIL time', 'Where a look back ends; without it the query goes on live.'],
  [t.Nulls, 'NULLS FIRST · NULLS LAST', 'Where nulls stand; by default first ascending.'],
  [t.And, 'a AND b', 'Both hold. Conditions on one list, l[*].x, hold for the same element.'],
  [t.Or, 'a OR b', 'One of them holds. || is the same; to join texts, write concat(a, b).'],
  [t.Not, 'NOT a', 'It does not hold. NOT a = 1 is NOT (a = 1), !a = 1 is (!a) = 1.'],
  [t.In, 'x [NOT] IN (a, b, …)', 'Equal to one of them.'],
  [t.Like, "x [NOT] LIKE 'a%_'", '% stands for any text, _ for one character.'],
  [t.ILike, "x [NOT] ILIKE 'a%_'", 'LIKE without regard to case.'],
  [t.Between, 'x [NOT] BETWEEN a AND b', 'From a to b, both included.'],
  [t.Is, 'x IS [NOT] NULL', 'Missing, or null, which is the same.'],
  [t.Case, 'CASE WHEN a THEN x … [ELSE y] END', 'The value of the first branch that holds.'],
  [t.Distinct, 'count(DISTINCT x)', 'Each different value once.'],
  [t.Filter, 'count(*) FILTER (WHERE condition)', 'Only over events for which it holds.'],
  [t.Event, "e['key']['key'][0]", 'The event; each step is exactly that key or element.'],
];

const COMPARISONS: Readonly<Record<string, readonly [string, string]>> = {
  '=': ['a = b · a == b', 'Equal. Texts never equal numbers; two missing values are equal.'],
  '!=': ['a != b · a <> b', 'Not equal; true where one side is missing.'],
  '<': ['a < b', 'False, and counted, for different types or null.'],
  '<=': ['a <= b', 'False, and counted, for different types or null.'],
  '>': ['a > b', 'False, and counted, for different types or null.'],
  '>=': ['a >= b', 'False, and counted, for different types or null.'],
  '==~': ['x ==~ /pattern/', 'The whole text matches the pattern (RE2).'],
  '=~': ['x =~ /pattern/', 'The pattern is found somewhere in the text (RE2).'],
  '!~': ['x !~ /pattern/', 'The pattern is found nowhere in the text (RE2).'],
  '==+': ["x ==+ 'part'", 'The text contains that part.'],
};

const BY_TYPE: ReadonlyMap<TokenType, WordDoc> = new Map(
  [...CLAUSES, ...WORDS].map(([type, form, doc]) => [type, { form, doc }]),
);

/** The types whose documentation belongs to another's. */
const PART_OF: ReadonlyMap<TokenType, TokenType> = new Map([
  [t.Analyze, t.Explain],
  [t.By, t.Group],
  [t.Every, t.Emit],
  [t.Max, t.Session],
  [t.Left, t.Join],
  [t.Inner, t.Join],
  [t.On, t.Join],
  [t.Seconds, t.Within],
  [t.Asc, t.Order],
  [t.Desc, t.Order],
  [t.NullsFirst, t.Nulls],
  [t.NullsLast, t.Nulls],
  [t.InfixNot, t.Not],
  [t.When, t.Case],
  [t.Then, t.Case],
  [t.Else, t.Case],
  [t.End, t.Case],
  [t.FilterWhere, t.Filter],
]);

/** What a keyword means; null for tokens that are none. `BY` belongs to the clause it stands in. */
export function wordDoc(token: t.Token, previous: TokenType | undefined): WordDoc | null {
  const type = token.tokenType;
  if (type === t.Comparison) {
    const [form, doc] = COMPARISONS[String(token.payload)] ?? [];
    return form === undefined || doc === undefined ? null : { form, doc };
  }
  const owner = type === t.By ? previous : PART_OF.get(type);
  return BY_TYPE.get(owner ?? type) ?? null;
}

const BY_WORD: ReadonlyMap<string, WordDoc> = new Map(
  [...BY_TYPE].map(([type, doc]) => [(type.LABEL ?? '').replaceAll('"', ''), doc]),
);

/** What a proposal such as `GROUP BY` or `NOT IN` means: the word that says most of it. */
export function docOfWords(words: string): WordDoc | null {
  const parts = words
    .replace(/[^A-Z ].*$/i, '')
    .toUpperCase()
    .split(' ');
  const telling = parts[0] === 'NOT' && parts.length > 1 ? parts.slice(1) : parts;
  return BY_WORD.get(telling[0] ?? '') ?? null;
}
