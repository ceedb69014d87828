/**
 * Every setting and limit of Squilla, with default, unit and bounds. `squilla.yaml` and
 * command-line flags may change them; `docs/configuration.md` lists them (a test holds the two
 * equal). Code takes a {@link Config} as an argument; fixed limits that no deployment should change
 * read DEFAULTS.
 */
import { ALERT_SETTINGS } from './config/alert-settings.ts';
import { DAY_MS, HOUR_MS, KIB, MIB, MINUTE_MS, setting } from './config/number-setting.ts';
import type { NumberSetting } from './config/number-setting.ts';

export const NUMBER_SETTINGS = {
  // Addresses.
  port: setting(7070, 'port', [0, 65_535], 'API, dashboard and clients; 0 picks a free one'),
  ingestPort: setting(7071, 'port', [0, 65_535], 'agents and bulk ingest; 0 picks a free one'),
  shards: setting(0, 'threads', [0, 64], 'shard threads; 0 is cores − 1, at least 1'),

  // Time.
  leaseMs: setting(3_000, 'ms', [50, HOUR_MS], 'an agent that is silent this long counts as gone'),
  heartbeatMs: setting(1_000, 'ms', [10, MINUTE_MS], 'agents report their watermark this often'),
  closeWaitMs: setting(500, 'ms', [0, MINUTE_MS], 'a window waits this long for slow agents'),
  rosterMs: setting(5 * MINUTE_MS, 'ms', [1_000, DAY_MS], 'a lost agent stays expected'),
  rosterSaveMs: setting(2_000, 'ms', [50, HOUR_MS], 'who is connected is written this often'),
  startupMs: setting(10_000, 'ms', [0, HOUR_MS], 'after a start nobody is called silent this long'),
  behindMs: setting(1_000, 'ms', [10, MINUTE_MS], 'later results say that the engine is behind'),
  futureMsMax: setting(10_000, 'ms', [0, HOUR_MS], 'events further ahead are dropped as `future`'),
  publishSlackMs: setting(50, 'ms', [0, HOUR_MS], 'slack of events timed when published'),
  tickMs: setting(10, 'ms', [1, 1_000], 'the engine looks at its clocks this often'),
  progressMs: setting(1_000, 'ms', [50, MINUTE_MS], 'clients hear of progress about this often'),
  lingerMs: setting(30_000, 'ms', [0, HOUR_MS], 'a query nobody reads any more lives on this long'),
  drainMs: setting(5_000, 'ms', [0, 10 * MINUTE_MS], 'a stopping engine waits for clients'),
  replayMsMax: setting(31 * DAY_MS, 'ms', [1_000, 366 * DAY_MS], 'longest LAST'),
  latenessMsMax: setting(10 * MINUTE_MS, 'ms', [0, DAY_MS], 'upper bound of LATENESS'),
  learnedSlackMsMin: setting(
    1_000,
    'ms',
    [0, HOUR_MS],
    'least slack of streams that show by themselves how late they are (OTLP, remote write)',
  ),
  learnedSlackMsMax: setting(15_000, 'ms', [1_000, HOUR_MS], 'and the most; later events are late'),

  // Queries.
  queriesMax: setting(10_000, 'queries', [1, 1_000_000], 'live pipelines of one engine'),
  subscriptionsMax: setting(20_000, 'subscriptions', [1, 1_000_000], 'open subscriptions'),
  subscriptionsPerClientMax: setting(200, 'subscriptions', [1, 10_000], 'of one connection'),
  savedTextBytesMax: setting(8 * KIB, 'bytes', [KIB, 64 * KIB], 'of one saved query'),
  savedQueriesMax: setting(1_000, 'queries', [1, 100_000], 'saved in one engine'),
  standingQueriesMax: setting(100, 'queries', [0, 10_000], 'saved and kept running'),
  viewDepthMax: setting(4, 'levels', [1, 16], 'of views that read views'),
  viewTruthRunsMax: setting(1_000, 'runs', [2, 100_000], 'of windows that a view remembers'),
  groupsMax: setting(10_000, 'groups', [1, 1_000_000], 'of one query; the rest is `__other__`'),
  rememberedWindows: setting(60, 'windows', [0, 100_000], 'a quiet group emits zeros this long'),
  rememberedMs: setting(HOUR_MS, 'ms', [0, DAY_MS], 'and at least this long'),
  seriesBytesMax: setting(
    32 * MIB,
    'bytes',
    [KIB, 4096 * MIB],
    'what functions over series remember of one query; groups seen longest ago go first',
  ),
  seriesWindowsMax: setting(60_480, 'windows', [3, 1_000_000], 'one series function looks back'),
  seriesFlushMs: setting(10_000, 'ms', [100, HOUR_MS], 'kept series are written this often'),
  seriesPruneMs: setting(10 * MINUTE_MS, 'ms', [1_000, DAY_MS], 'and thinned this often'),
  seriesLinesMax: setting(
    10_000,
    'lines',
    [1, 1_000_000],
    'columns of groups whose series are kept',
  ),
  seriesKeptBytesMax: setting(256 * MIB, 'bytes', [MIB, 1024 * 1024 * MIB], 'kept series, about'),
  seriesRecallBucketsMax: setting(
    50_000,
    'buckets',
    [0, 10_000_000],
    'of kept series that a query which begins learns from',
  ),
  seriesSaveBytes: setting(MIB, 'bytes', [KIB, 1024 * MIB], 'of what functions remember, at once'),
  outputRowsMax: setting(10_000, 'rows', [1, 1_000_000], 'of one window; LIMIT asks for fewer'),
  windowsKept: setting(300, 'windows', [1, 100_000], 'recent results a new subscriber can replay'),
  resultBytesKept: setting(4 * MIB, 'bytes', [KIB, 1024 * MIB], 'of recent results of one query'),
  resultBytesKeptByAll: setting(
    256 * MIB,
    'bytes',
    [KIB, 65536 * MIB],
    'of results of all queries',
  ),
  windowRowsMax: setting(100_000, 'rows', [1, 10_000_000], 'a plain select holds in one window'),
  tailRowsPerSecondMax: setting(10_000, 'rows/s', [1, 10_000_000], 'a plain select sends'),
  exchangeBytesMax: setting(8 * MIB, 'bytes', [KIB, 1024 * MIB], 'from a shard to another'),
  openSessionsMax: setting(10_000, 'sessions', [1, 1_000_000], 'of one query, not yet ended'),
  countWindowMax: setting(1_000_000, 'events', [1, 1_000_000_000], 'of one window of a number'),
  openPanesMax: setting(1_000, 'panes', [2, 100_000], 'windows of one query open at once'),
  panesPerWindowMax: setting(10_000, 'panes', [1, 1_000_000], 'slices of one sliding window'),
  windowMsMax: setting(31 * DAY_MS, 'ms', [1_000, 366 * DAY_MS], 'longest window'),
  joinsMax: setting(10, 'joins', [1, 100], 'of one query; each holds rows of its own'),
  joinWithinMsMax: setting(10 * MINUTE_MS, 'ms', [1, DAY_MS], 'longest WITHIN of a join'),
  joinRowsMax: setting(1_000_000, 'rows', [1, 100_000_000], 'that one join of a query holds'),
  joinBytesMax: setting(
    64 * MIB,
    'bytes',
    [KIB, 16_384 * MIB],
    'that the rows of one join take up',
  ),
  joinPairsPerSecondMax: setting(
    500_000,
    'pairs/s',
    [1, 1_000_000_000],
    'rows that the joins of one query hold against each other',
  ),
  tablesMax: setting(100, 'tables', [0, 10_000], 'that joins may look up'),
  tableRowsMax: setting(100_000, 'rows', [1, 10_000_000], 'of one table'),
  tableBytesMax: setting(16 * MIB, 'bytes', [KIB, 1024 * MIB], 'of one table, as JSON and as sent'),
  tableRefreshMs: setting(MINUTE_MS, 'ms', [1_000, DAY_MS], 'tables with a source are renewed'),
  tableFetchMs: setting(5_000, 'ms', [10, 10 * MINUTE_MS], 'the source of a table may take'),
  tableFetchesMax: setting(4, 'fetches', [1, 100], 'of sources of tables at once'),
  tableBackoffMsMax: setting(10 * MINUTE_MS, 'ms', [1_000, DAY_MS], 'longest wait after failures'),
  elementListsMax: setting(5, 'lists', [1, 10], 'one condition ties together by `[*]`'),
  emptyWindowsMax: setting(10_000, 'windows', [1, 1_000_000], 'in a row that `evaluate` gives'),
  evaluateWindowsMax: setting(100_000, 'windows', [1, 10_000_000], 'of one `evaluate`'),
  listValuesMax: setting(10_000, 'values', [1, 10_000_000], 'LIST keeps of one group'),
  histogramBucketsMax: setting(256, 'buckets', [2, 100_000], 'HISTOGRAM keeps of one group'),
  distinctValuesMax: setting(10_000, 'values', [1, 10_000_000], 'DISTINCT keeps of one group'),
  edgeQueriesMax: setting(
    16,
    'queries',
    [0, 10_000],
    'of one stream that agents aggregate by themselves; 0: agents ship events',
  ),
  regexesKept: setting(1_000, 'patterns', [1, 1_000_000], 'compiled regular expressions kept'),
  patternLengthMax: setting(1_000, 'characters', [1, 64 * KIB], 'of one regex or LIKE pattern'),
  planDepthMax: setting(256, 'levels', [16, 10_000], 'nesting of one received plan'),
  planNodesMax: setting(20_000, 'nodes', [16, 1_000_000], 'parts of one received plan'),

  // Budgets: what one query, or all that one client asked for, may take.
  queryStateBytesMax: setting(
    256 * MIB,
    'bytes',
    [64 * KIB, 1024 * 1024 * MIB],
    'open windows of one query hold; one that holds more is suspended for a while',
  ),
  clientStateBytesMax: setting(
    1024 * MIB,
    'bytes',
    [64 * KIB, 1024 * 1024 * MIB],
    'the same, of all queries that one client asked first',
  ),
  clientGroupsMax: setting(
    1_000_000,
    'groups',
    [1, 1_000_000_000],
    'of all queries that one client asked first',
  ),
  clientWorkPercentMax: setting(
    50,
    '%',
    [1, 100],
    'of the work; queries of clients that take more are shed before others',
  ),
  queryRowsPerSecondMax: setting(
    100_000,
    'rows/s',
    [1, 1_000_000_000],
    'a query tells its subscribers, also with windows',
  ),
  clientRowsPerSecondMax: setting(
    500_000,
    'rows/s',
    [1, 1_000_000_000],
    'one connection is sent, over all that it subscribed to',
  ),

  // Shedding: what happens while a shard cannot keep up.
  shedBusyPercent: setting(90, '%', [10, 1_000], 'a shard that works more of its time may shed'),
  shedLagMs: setting(1_000, 'ms', [10, HOUR_MS], 'and is this far behind its events'),
  shedAfterMs: setting(2_000, 'ms', [10, HOUR_MS], 'for this long; between two steps as well'),
  shedCalmMs: setting(
    5_000,
    'ms',
    [10, HOUR_MS],
    'calm for this long, shed queries are tried again',
  ),
  shedProbeMsMax: setting(MINUTE_MS, 'ms', [10, HOUR_MS], 'longest wait before one is tried again'),

  // Moving agents to another shard.
  moveBusyPercent: setting(70, '%', [1, 1_000], 'a shard that works more of its time sends agents'),
  moveAfterMs: setting(5_000, 'ms', [10, HOUR_MS], 'if it works half as much again as another for'),
  moveRestMs: setting(600_000, 'ms', [10, DAY_MS], 'an agent that moved stays this long at least'),

  // Audit trail.
  auditEntriesMax: setting(10_000, 'entries', [1, 1_000_000], 'of the audit trail waiting'),
  auditBytesMax: setting(16 * MIB, 'bytes', [KIB, 1024 * MIB], 'of `audit.jsonl`; two are kept'),

  // Connections.
  agentsMax: setting(10_000, 'agents', [1, 1_000_000], 'connected agents'),
  connectionsMax: setting(20_000, 'connections', [1, 1_000_000], 'open to the API port'),
  clientsMax: setting(5_000, 'clients', [1, 1_000_000], 'connected live clients'),
  shardTurnMs: setting(20, 'ms', [1, MINUTE_MS], 'of frames before a shard looks at its clock'),
  backlogBytesMax: setting(
    64 * MIB,
    'bytes',
    [KIB, 4096 * MIB],
    'frames a shard keeps for later; then it stops reading',
  ),
  frameBytesMax: setting(MIB, 'bytes', [KIB, 64 * MIB], 'one WebSocket frame'),
  bodyBytesMax: setting(8 * MIB, 'bytes', [KIB, 1024 * MIB], 'one request body, decompressed'),
  bodyEventsMax: setting(200_000, 'events', [1, 100_000_000], 'of one body; others are refused'),
  bodyPartsMax: setting(1_000_000, 'parts', [1, 1e9], 'objects, lists or messages of one body'),
  bodiesInFlightMax: setting(MIB, 'bytes', [KIB, 1024 * MIB], 'bodies handed to a shard at once'),
  listenerQueueBytesMax: setting(
    4 * MIB,
    'bytes',
    [64 * KIB, 1024 * MIB],
    'of statsd or syslog on their way to a shard',
  ),
  syslogIdleMs: setting(HOUR_MS, 'ms', [100, DAY_MS], 'a TCP connection of syslog may be silent'),
  syslogConnectionsMax: setting(1_000, 'connections', [1, 100_000], 'of syslog over TCP'),
  jsonEventsPerSecondMax: setting(50_000, 'events/s', [1, 1e9], 'of one WebSocket that sends JSON'),
  jsonBytesPerSecondMax: setting(16 * MIB, 'bytes/s', [KIB, 1024 * MIB], 'of the same'),
  lineBytesMax: setting(256 * KIB, 'bytes', [64, 64 * MIB], 'one NDJSON line or event'),
  fieldsMax: setting(1_000, 'fields', [1, 100_000], 'columns of one batch'),
  fieldNameBytesMax: setting(512, 'bytes', [1, 64 * KIB], 'one field name'),
  depthMax: setting(64, 'levels', [1, 1_000], 'nesting of one event'),
  streamsPerAgentMax: setting(1_000, 'streams', [1, 100_000], 'offered by one agent'),
  streamsMax: setting(10_000, 'streams', [1, 1_000_000], 'known to one engine'),
  catalogueFieldsMax: setting(1_000, 'fields', [1, 100_000], 'remembered of one stream'),
  fieldChangesMax: setting(20, 'changes', [0, 1_000], 'of the fields of one stream remembered'),
  fieldValuesMax: setting(5, 'values', [0, 50], 'suggested for one field; 0 keeps none'),
  fieldValueLengthMax: setting(64, 'characters', [1, 1_000], 'of a text that is suggested'),
  dictionaryEntriesMax: setting(4_096, 'entries', [16, 65_535], 'of one column of a connection'),
  dictionaryBytesMax: setting(256 * KIB, 'bytes', [KIB, 64 * MIB], 'of one connection'),
  internBytesMax: setting(64 * MIB, 'bytes', [MIB, 4096 * MIB], 'strings a shard keeps'),
  sendQueueBytesMax: setting(4 * MIB, 'bytes', [KIB, 1024 * MIB], 'waiting for one client'),
  handshakeMs: setting(5_000, 'ms', [10, MINUTE_MS], 'a connection must say hello within'),
  pingMs: setting(20_000, 'ms', [10, HOUR_MS], 'idle connections are asked this often'),
  keepAliveMs: setting(15_000, 'ms', [10, HOUR_MS], 'an event stream gets a comment this often'),
  slowClientMs: setting(10_000, 'ms', [10, HOUR_MS], 'a client with a full queue is closed after'),
  requestMs: setting(30_000, 'ms', [100, HOUR_MS], 'a request must have arrived whole within'),
  controlBytesMax: setting(
    256 * KIB,
    'bytes',
    [KIB, 16 * MIB],
    'one JSON request or message of a client',
  ),
  sessionMs: setting(12 * HOUR_MS, 'ms', [1_000, 30 * DAY_MS], 'a browser stays signed in'),
  sessionsMax: setting(1_000, 'sessions', [1, 1_000_000], 'signed-in browsers'),

  // Agents.
  agentQueueEvents: setting(10_000, 'events', [1, 10_000_000], 'waiting in an agent'),
  agentFlushMs: setting(20, 'ms', [1, MINUTE_MS], 'oldest event waits at most'),
  agentTailFlushMs: setting(2, 'ms', [1, MINUTE_MS], 'the same, while a query has no window'),
  agentFlushEvents: setting(512, 'events', [1, 65_535], 'rows that fill a batch'),
  agentResendFrames: setting(256, 'frames', [1, 100_000], 'kept until the engine acknowledged'),
  agentQueueBytes: setting(16 * MIB, 'bytes', [KIB, 1024 * MIB], 'waiting or unacknowledged'),
  agentTableBytes: setting(
    16 * MIB,
    'bytes',
    [KIB, 1024 * MIB],
    'counted for aggregate queries; beyond, it leaves before its window ends',
  ),
  agentCpuPercent: setting(
    2,
    '%',
    [0, 100],
    'of one core for looking at events in a service; beyond, it takes a share of them; 0: no bound',
  ),
  agentSpoolBytes: setting(
    256 * MIB,
    'bytes',
    [64 * KIB, 1024 * 1024 * MIB],
    'an agent with a spool keeps on disk while no engine is there',
  ),
  agentQueriesMax: setting(10_000, 'queries', [1, 1_000_000], 'an agent runs; others are refused'),
  agentPlanNodes: setting(
    500_000,
    'nodes',
    [16, 100_000_000],
    'parts of all plans that an agent runs; what goes beyond is refused',
  ),
  agentCodeAfter: setting(
    1_024,
    'events',
    [0, 1e12],
    'of a stream come before code is generated for its queries',
  ),
  agentFailoverMs: setting(
    5_000,
    'ms',
    [0, HOUR_MS],
    'the first of several engines may take to come back, before the next is asked',
  ),
  agentCloseMs: setting(1_000, 'ms', [0, MINUTE_MS], 'a closing agent waits this long for acks'),
  tailReadBytes: setting(256 * KIB, 'bytes', [KIB, 64 * MIB], 'a tailed file is read at once'),
  tailPollMs: setting(50, 'ms', [1, MINUTE_MS], 'a tailed file is looked at this often'),
  scrapeMs: setting(4_000, 'ms', [10, MINUTE_MS], 'a scraped target may take to answer'),
  scrapeBytesMax: setting(16 * MIB, 'bytes', [KIB, 1024 * MIB], 'of its answer'),
  scrapeSamplesMax: setting(100_000, 'samples', [1, 10_000_000], 'of one answer'),
  tailScanMs: setting(1_000, 'ms', [1, HOUR_MS], 'patterns of tailed files are looked up again'),
  tailFilesMax: setting(1_000, 'files', [1, 100_000], 'tailed by one agent'),
  tailCheckpointMs: setting(1_000, 'ms', [1, HOUR_MS], 'where a tail stands is written this often'),
  multilineMs: setting(500, 'ms', [1, MINUTE_MS], 'an event of several lines waits for its next'),
  multilineLinesMax: setting(500, 'lines', [1, 100_000], 'of one event'),
  reconnectMinMs: setting(100, 'ms', [1, MINUTE_MS], 'first wait before a reconnect'),
  reconnectMaxMs: setting(5_000, 'ms', [1, HOUR_MS], 'longest wait before a reconnect'),

  // Files that people write.
  yamlDepthMax: setting(64, 'levels', [8, 1_000], 'nesting of YAML and JSON'),
  yamlKeysMax: setting(5_000, 'keys', [100, 100_000], 'of one map'),

  // Store.
  storeBusyMs: setting(1_000, 'ms', [0, MINUTE_MS], 'the store waits this long for another writer'),
  storeBytesMax: setting(1024 * MIB, 'bytes', [MIB, 1024 * 1024 * MIB], 'of `squilla.db`'),

  ...ALERT_SETTINGS,

  // Logs.
  logLinesPerCodeMax: setting(10, 'lines', [1, 100_000], 'of one code within `logPeriodMs`'),
  logPeriodMs: setting(10_000, 'ms', [100, HOUR_MS], 'then suppressed log lines are counted'),
} as const satisfies Record<string, NumberSetting>;

export type NumberSettingName = keyof typeof NUMBER_SETTINGS;

/** Resolved numbers, one per setting. */
export type Config = Readonly<Record<NumberSettingName, number>>;

export const DEFAULTS: Config = Object.freeze(
  Object.fromEntries(Object.entries(NUMBER_SETTINGS).map(([name, spec]) => [name, spec.default])),
) as Config;

/** DEFAULTS with some values replaced; for tests and for what flags and files set. */
export function configWith(changes: Partial<Config>): Config {
  return { ...DEFAULTS, ...changes };
}
