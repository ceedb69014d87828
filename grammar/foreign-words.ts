/**
 * Words and functions that other query languages have and this one calls differently: SQL and its
 * dialects, PromQL, LogQL, KQL, SPL, Flux. Hints only; nothing here is accepted.
 */

const UNIT = 'Durations are a number and its unit in one piece: 10s, 5m, 2h';
const FIND = 'To find a pattern write path =~ /api/; for a plain part path ==+ "api"';
const SIDES = 'There are JOIN and LEFT JOIN; write the source that must stay first';
const ONE_QUERY = 'There are no sub-queries: save the inner query and name it in FROM';
const CASE = 'Write CASE WHEN a > 1 THEN b ELSE c END, or if(a > 1, b, c)';
const SLIDE = 'WINDOW 60s SLIDE 5s moves a window; EMIT EVERY 1s shows open ones';
const CAST = 'Write to_number(x), to_string(x) or to_boolean(x)';
const SERIES = 'Rows of earlier windows are lag(x, n), previous(x), change(x), baseline(x)';
const KEYS = 'Groups stand at the end: GROUP BY region';
const IN_LIST = 'Aggregates stand in the list: SELECT count(*), avg(x) FROM …';
const READ_ONLY = 'Queries only read; events come from agents';
const NOT_STORED = 'Queries only read; events are not stored';
const FIELDS = 'Fields are listed by: squilla streams NAME';

/** A word in a place where no name can stand, in lower case. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['and/or', 'Write AND or OR'],
  ['as', CAST],
  ['bool', 'Comparisons are boolean: no BOOL is needed'],
  ['by', KEYS],
  ['contains', FIND],
  ['cross', SIDES],
  ['day', UNIT],
  ['days', UNIT],
  ['else', CASE],
  ['endswith', 'Write ends_with(path, "x")'],
  ['every', SLIDE],
  ['except', 'Name the columns: SELECT a, b'],
  ['full', SIDES],
  ['has', FIND],
  ['hopping', 'A hopping window is WINDOW 60s SLIDE 5s'],
  ['hour', UNIT],
  ['hours', UNIT],
  ['if', CASE],
  ['ignoring', KEYS],
  ['interval', UNIT],
  ['intersect', 'Join them: FROM a JOIN b WITHIN 10s ON a.id = b.id'],
  ['matches', FIND],
  ['minute', UNIT],
  ['minutes', UNIT],
  ['offset', 'LIMIT has no OFFSET; the value of an earlier time is offset(x, 1h)'],
  ['outer', 'LEFT JOIN is enough: OUTER is not written'],
  ['over', SERIES],
  ['partition', SERIES],
  ['qualify', 'Filter result rows by HAVING'],
  ['regex', FIND],
  ['regexp', FIND],
  ['right', SIDES],
  ['rlike', FIND],
  ['second', UNIT],
  ['seconds', UNIT],
  ['select', ONE_QUERY],
  ['similar', FIND],
  ['startswith', 'Write starts_with(path, "x")'],
  ['stats', IN_LIST],
  ['summarize', IN_LIST],
  ['then', CASE],
  ['top', 'The first rows are ORDER BY n DESC LIMIT 5; topk(x, 5) counts values'],
  ['tumbling', 'WINDOW 10s is a tumbling window'],
  ['union', 'Several streams are read side by side: FROM a, b'],
  ['unless', 'Write WHERE NOT (…), or LEFT JOIN … WHERE x.id IS NULL'],
  ['using', 'Write ON id, or ON a.id = b.id'],
  ['when', CASE],
  ['without', KEYS],
]);

/** First words of what is no query of this language. */
const STARTS: ReadonlyMap<string, string> = new Map([
  ['alter', READ_ONLY],
  ['create', 'Queries only read; keep one by: squilla saved put name "SELECT …"'],
  ['delete', NOT_STORED],
  ['desc', FIELDS],
  ['describe', FIELDS],
  ['drop', NOT_STORED],
  ['from', 'SELECT comes first: SELECT * FROM requests'],
  ['help', 'Try SELECT * FROM stream; the language is told in docs/language.md'],
  ['insert', READ_ONLY],
  ['show', 'Streams are listed by: squilla streams'],
  ['update', READ_ONLY],
  ['where', 'SELECT comes first: SELECT * FROM requests WHERE …'],
  ['with', ONE_QUERY],
]);

const QUANTILE = 'p99(x), or percentile(x, 99.9)';
const PREDICTION = 'des(x, alpha, beta), baseline(x)';
const FILTERED = 'count(*) FILTER (WHERE status = 500)';
const DISTINCT = 'count_distinct(x)';
const TEXTS = 'list(x)';
const SPAN = 'a - b, in milliseconds';
const PART = 'contains(x, part), x ==+ part';
const MOVING = 'ewma(x, alpha), or a sliding WINDOW';
const PATTERN = 'x =~ /re/, regexp_extract(x, "re", 1)';
const WRITTEN = 'format_time(t, "YYYY-MM-DD")';
const OR_ZERO = 'coalesce(x, 0)';
const NUMBER = 'to_number(x)';
const TIME = 'date_trunc("minute", t), format_time(t, "HH24:MI"), or WINDOW 1m';

/** What functions of other languages are here, in lower case. */
const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['absent', 'count(*): a quiet window gives 0, and completeness says who is missing'],
  ['anomaly', 'ANOMALY mad column 0.5 3, zscore(x, n), outlier(x)'],
  ['approx_count_distinct', DISTINCT],
  ['approx_percentile', QUANTILE],
  ['array_agg', TEXTS],
  ['array_length', 'length(x)'],
  ['avg_over_time', 'avg(x) in a longer WINDOW, or ewma(x, alpha)'],
  ['avgif', 'avg(x) FILTER (WHERE …)'],
  ['bin', 'bucket(x, width), or WINDOW 1m for times'],
  ['cast', CAST.replace('Write ', '')],
  ['cnt', 'count(*)'],
  ['collect_list', TEXTS],
  ['concat_ws', 'concat(a, "-", b)'],
  ['count_if', FILTERED],
  ['count_over_time', 'count(*) in a WINDOW'],
  ['countif', FILTERED],
  ['current_timestamp', 'now()'],
  ['date_add', 't + 5m'],
  ['date_diff', SPAN],
  ['date_format', WRITTEN],
  ['date_part', TIME],
  ['datediff', SPAN],
  ['dcount', DISTINCT],
  ['deriv', 'change(x), or des(x, alpha, beta)'],
  ['distinct_count', DISTINCT],
  ['extract', TIME],
  ['float', NUMBER],
  ['group_concat', TEXTS],
  ['histogram_quantile', QUANTILE],
  ['holt', PREDICTION],
  ['iff', 'if(c, a, b)'],
  ['ifnull', OR_ZERO],
  ['indexof', PART],
  ['int', NUMBER],
  ['irate', 'rate(), or delta(x) of a counter'],
  ['isempty', 'x = "", or x IS NULL'],
  ['isnotnull', 'x IS NOT NULL, exists(x)'],
  ['isnull', 'x IS NULL; a value instead of null is coalesce(x, 0)'],
  ['json_extract', "a.b.c, or e['a']['b']"],
  ['label_replace', 'regexp_extract(x, "re", 1) AS name'],
  ['lead', 'lag(x, n): later windows are not known yet'],
  ['len', 'length(x)'],
  ['log', 'ln(x), log10(x)'],
  ['log2', 'ln(x) / ln(2)'],
  ['mean', 'avg(x)'],
  ['mod', 'a % b'],
  ['movavg', MOVING],
  ['moving_average', MOVING],
  ['nvl', OR_ZERO],
  ['percentile_cont', QUANTILE],
  ['percentile_disc', QUANTILE],
  ['perc', QUANTILE],
  ['predict_linear', PREDICTION],
  ['quantile', QUANTILE],
  ['quantile_over_time', QUANTILE],
  ['regexp_like', 'x =~ /re/'],
  ['regexp_match', PATTERN],
  ['regexp_matches', PATTERN],
  ['regexp_replace', 'replace(x, from, to), regexp_extract(x, "re", 1)'],
  ['row_number', 'ORDER BY … LIMIT n'],
  ['sign', 'CASE WHEN x < 0 THEN -1 WHEN x > 0 THEN 1 ELSE 0 END'],
  ['split', 'split_part(x, "/", 1)'],
  ['std', 'stddev(x)'],
  ['strftime', WRITTEN],
  ['string_agg', TEXTS],
  ['strpos', PART],
  ['sum_over_time', 'sum(x) in a WINDOW'],
  ['sumif', 'sum(x) FILTER (WHERE …)'],
  ['time', TIME],
  ['time_bucket', TIME],
  ['to_char', WRITTEN],
  ['toint', NUMBER],
  ['topn', 'topk(x, n)'],
  ['tostring', 'to_string(x)'],
  ['tumble', 'WINDOW 1m'],
  ['uniq', DISTINCT],
  ['unix_timestamp', 'event_time() / 1000'],
  ['wavg', 'sum(x * w) / sum(w)'],
]);

/** For a word that stands where it cannot; null: it is nobody's that is known. */
export function foreignWord(word: string): string | null {
  return WORDS.get(word.toLowerCase()) ?? null;
}

/** For the first word of a text that does not begin as a query. */
export function foreignStart(word: string): string | null {
  return STARTS.get(word.toLowerCase()) ?? null;
}

/** What a function that does not exist is here. */
export function foreignFunction(name: string): string | null {
  return FUNCTIONS.get(name.toLowerCase()) ?? null;
}
