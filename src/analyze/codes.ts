/**
 * The mistakes and warnings that the analyzer can find in a query that parses: one row a code, for
 * `docs/errors.md` (a test holds the two equal). The grammar has its own codes. A diagnostic's
 * message says what is wrong at one place; a row here says what the code means and what to do.
 */
import type { Severity } from '../../grammar/diagnostic.ts';

export interface AnalysisCodeSpec {
  readonly severity: Severity;
  readonly title: string;
  readonly remedy: string;
}

export const ANALYSIS_CODES = {
  // Names.
  MQL_UNKNOWN_STREAM: warning('No such stream yet', 'Check the spelling; it may appear later.'),
  MQL_UNKNOWN_FIELD: warning('No event had this field yet', 'Check the spelling or quote a text.'),
  MQL_DENIED_FIELD: warning(
    'A field that is not given',
    'The owner of the service denies it (`createAgent({ mask })`); it reads as null.',
  ),
  MQL_UNKNOWN_FUNCTION: error('No such function', 'docs/language.md lists all functions.'),
  MQL_UNKNOWN_ALIAS: error('No source has this alias', 'Name a source of FROM, e.g. `FROM a x`.'),
  MQL_DUPLICATE_ALIAS: error('Two sources have one alias', 'Give each source its own alias.'),
  MQL_AMBIGUOUS_NAME: info('Several sources of a join have this name', 'Write `alias.name`.'),
  MQL_QUOTES: info('A word on the right is a property', 'Put quotes around a text.'),
  MQL_NAME_IN_QUOTES: warning(
    'A text where a property was probably meant',
    'Quotes of both kinds make texts; names take none, or back-quotes.',
  ),
  MQL_BAD_VIEW: error('A view that cannot be read', 'Mend the saved query that the message names.'),
  MQL_VIEW_CYCLE: error('Views that read each other', 'Break the circle that the message shows.'),
  MQL_VIEW_WARNING: warning(
    'Something to know about a view that is read',
    'Look at the saved query: squilla saved show NAME',
  ),
  MQL_VIEW_HIDES_STREAM: warning(
    'A view and a stream have one name',
    'The view is read; rename the saved query to reach the stream.',
  ),
  MQL_DUPLICATE_COLUMN: warning('Two columns have one name', 'Rename one with AS.'),

  // Parameters.
  MQL_PARAMETER_MISSING: error('A parameter has no value', 'Give it when you submit the query.'),
  MQL_PARAMETER_UNUSED: warning('A parameter that the query lacks', 'Check the spelling.'),
  MQL_PARAMETER_TYPE: error('A parameter of the wrong type', 'Give the kind of value asked for.'),

  // Functions and aggregates.
  MQL_ARGUMENTS: error('Wrong arguments', 'See the signature in the hint.'),
  MQL_COUNT_CONDITION: warning(
    'COUNT of a condition counts every event',
    'It counts what is not null: write `count(*) FILTER (WHERE …)`.',
  ),
  MQL_BAD_PERCENTILE: error('Not a percentile', 'Write P50, P99, P999 (= 99.9) or P99.9.'),
  MQL_NESTED_AGGREGATE: error('An aggregate inside an aggregate', 'Aggregate once.'),
  MQL_AGGREGATE_NOT_ALLOWED: error('An aggregate in the wrong place', 'Use HAVING or the list.'),
  MQL_DISTINCT_NOT_ALLOWED: error('DISTINCT on a function', 'DISTINCT goes with aggregates.'),
  MQL_FILTER_NOT_ALLOWED: error('FILTER on a function', 'FILTER goes with aggregates.'),
  MQL_STAR_NOT_ALLOWED: error('`*` is not an argument here', 'Name a property.'),
  MQL_FIRST_VALUE: warning(
    'A plain column beside aggregates',
    "It takes the group's first event's value; group by it or aggregate it.",
  ),
  MQL_SERIES_NOT_ALLOWED: error(
    'A function over series in the wrong place',
    'It compares results of windows: use it in the list, HAVING or ORDER BY.',
  ),
  MQL_SERIES_WINDOW: error(
    'A function over series without windows of time',
    'Add a WINDOW and an aggregate, e.g. `select ewma(count(*), 0.3) … window 10s`.',
  ),
  MQL_BAD_PATTERN: error(
    'A regular expression that cannot run',
    'Only linear-time patterns (RE2): no look-around, no back-references.',
  ),

  MQL_TOO_MANY_LISTS: error('Too many lists in one condition', 'Compare each list on its own.'),

  // Types.
  MQL_NOT_BOOLEAN: warning('A condition that is never boolean', 'Compare it with something.'),
  MQL_TYPE_MISMATCH: warning('The types never match', 'A text never equals a number.'),

  // Clauses.
  MQL_BAD_WINDOW: error('A window that cannot be', 'Sizes are at least 1 ms, e.g. `10s`.'),
  MQL_WINDOW_GAPS: warning('The slide leaves gaps', 'Events between two windows are not seen.'),
  MQL_BAD_LIMIT: error('A LIMIT that cannot be', 'Write a whole number of at least 0.'),
  MQL_BAD_DURATION: error('A duration that cannot be', 'Write a number with a unit, e.g. `2s`.'),
  MQL_BAD_POSITION: error('No such column position', 'Positions count columns from 1.'),
  MQL_BAD_SAMPLE: error('A sample that cannot be', 'Strategies: RANDOM, STICKY, RPS.'),
  MQL_ORDER_UNBOUNDED: error(
    'ORDER BY on an endless stream',
    'Add a WINDOW; a plain list of events never ends, so it cannot be sorted.',
  ),
  MQL_GROUP_IGNORED: warning('GROUP BY changes nothing', 'Add a WINDOW or an aggregate.'),
  MQL_HAVING_ON_ROWS: warning('HAVING on plain events', 'Use WHERE.'),
  MQL_EMIT_IGNORED: warning('EMIT changes nothing', 'Finite input emits once, at its end.'),
  MQL_BAD_REPLAY: error(
    'A look back that cannot be',
    "Write `LAST 15m`, or SINCE with a time that is no event's.",
  ),
  MQL_LATENESS_IGNORED: warning('LATENESS changes nothing', 'It amends windows; add a WINDOW.'),
  MQL_RUNNING_VALUE: warning(
    'A running value since the start',
    'Add a WINDOW for a value of every so often.',
  ),
  MQL_JOIN_UNBOUNDED: error('A join without bounds', 'Say WITHIN how long two events meet.'),
  MQL_JOIN_CONDITION: error(
    'A join that does not say what is equal',
    'Write `ON p.id = x.id`, or `ON id` where both call it so.',
  ),
  MQL_TOO_MANY_JOINS: error('Too many joins', 'Join less, or save a part of it as a view.'),
  MQL_JOIN_SOURCES: error('A join of several sources at once', 'Begin with one source.'),
  MQL_UNKNOWN_TABLE: error('No such table', 'Make it: `squilla table put name file.csv`.'),
  MQL_TABLE_KEY: error('A table is joined by its key', 'Compare its key column with `=`.'),

  // Finite input (`evaluate`, `squilla eval`).
  MQL_BAD_EVENTS: error('The input is no list of events', 'Give a list, or lists by stream name.'),
  MQL_BAD_EVENT: warning('An input event is no object', 'It was left out; mend the data.'),
  MQL_BAD_TIME: warning('An event without a readable time', 'It counts at `now`; mend the data.'),
  MQL_MISMATCHES: info(
    'Values that could not be compared or calculated with',
    'Look for them by `typeof(x)`, or convert them by `to_number(x)`.',
  ),
  MQL_GAP: info('A long time without events', 'Its empty windows were left out.'),

  MQL_TOO_MANY_WINDOWS: error('Too many windows', 'Choose a longer window or fewer events.'),

  MQL_NOT_SUPPORTED: error('Part of the language that this release cannot run', 'See the hint.'),
} as const satisfies Record<string, AnalysisCodeSpec>;

export type AnalysisCode = keyof typeof ANALYSIS_CODES;

function error(title: string, remedy: string): AnalysisCodeSpec {
  return { severity: 'error', title, remedy };
}

function warning(title: string, remedy: string): AnalysisCodeSpec {
  return { severity: 'warning', title, remedy };
}

function info(title: string, remedy: string): AnalysisCodeSpec {
  return { severity: 'info', title, remedy };
}
