/**
 * Operating faults: the catalogue of coded errors that HTTP problems, close reasons, logs and the
 * CLI share. Query mistakes are diagnostics (`MQL_…`, grammar and analyze), untrusted bytes are
 * Results; neither is thrown. `docs/errors.md` lists every code (a test holds the two equal).
 */
export interface ErrorSpec {
  /** One line for a tired human. */
  readonly title: string;
  /** HTTP status. */
  readonly status: number;
  readonly retryable: boolean;
  /** What to do about it. */
  readonly remedy: string;
}

export const ERRORS = {
  ENGINE_BAD_REQUEST: row('The request is not understood', 400, 'Mend the named part and retry.'),
  ENGINE_BAD_QUERY: row(
    'The query has mistakes',
    400,
    'See `diagnostics` for positions and hints.',
  ),
  ENGINE_BAD_CONFIG: row('The configuration has mistakes', 400, 'Mend the named line.'),
  ENGINE_BAD_EVENTS: row('Some events were refused', 400, 'See `errors` for line numbers.'),
  ENGINE_UNAUTHORIZED: row('A token is needed', 401, 'Send `Authorization: Bearer TOKEN`.'),
  ENGINE_FORBIDDEN: row('Not allowed', 403, 'Use a token with the named scope.'),
  ENGINE_BAD_HOST: row('Host not allowed', 403, 'Add the name to `allowedHosts`.'),
  ENGINE_BAD_ORIGIN: row('Origin not allowed', 403, 'Use the dashboard of this engine.'),
  ENGINE_NOT_FOUND: row('No such thing', 404, 'See /openapi.json for what there is.'),
  ENGINE_BAD_METHOD: row('Method not allowed', 405, 'See the `Allow` header.'),
  ENGINE_IN_USE: row('Others need it', 409, 'Change or remove them first.'),
  ENGINE_BODY_TOO_LARGE: row('The body is too large', 413, 'Send smaller bodies.'),
  ENGINE_HEAD_TOO_LARGE: row(
    'The request head is too large',
    431,
    'Send long queries over the WebSocket or in a POST.',
  ),
  ENGINE_BAD_MEDIA_TYPE: row('Content type not accepted', 415, 'Send one of the named types.'),
  ENGINE_BUSY: row('The engine is busy', 429, 'Wait as long as `Retry-After` says.', true),
  ENGINE_INTERNAL: row('A defect in Squilla', 500, 'Please report it with the log line.'),
  ENGINE_STARTING: row('The engine is starting', 503, 'Try again in a moment.', true),
  ENGINE_STOPPING: row('The engine is stopping', 503, 'Reconnect; it may be restarting.', true),
  ENGINE_PORT_IN_USE: row('The port is taken', 500, 'Choose another with the named flag.'),
  ENGINE_NO_TRANSPORT: row('The transport cannot be loaded', 500, 'Use `--transport auto`.'),
  ENGINE_INSECURE_BIND: row('Plain text on a public address', 500, 'Use TLS or `--insecure`.'),
  ENGINE_BAD_RULES: row(
    'The rules have mistakes',
    400,
    'Mend the named lines; until then the rules stay as they were.',
  ),
  ENGINE_BAD_QUERY_FILES: row(
    'The directory of saved queries cannot be read',
    400,
    'Mend what is named; until then the queries stay as they were.',
  ),
  ENGINE_BAD_TABLE: row('The table cannot be read', 400, 'Mend the named line.'),
  ENGINE_TABLE_IN_USE: row('Queries read the table', 409, 'Stop them first; see `queries`.'),
  ENGINE_TABLE_SOURCE: row(
    'The source of the table does not give it',
    422,
    'Mend the source; what was there before stays.',
  ),
  LIMIT_TABLES: row('Too many or too large tables', 429, 'Remove some, or raise the bound.'),
  ENGINE_CONFLICT: row('It is not what you saw', 412, 'Read it again and repeat the change.'),
  ENGINE_IN_FILE: row('It stands in a file', 409, 'Change the file.'),
  ENGINE_BAD_BOARD: row('The board has mistakes', 400, 'Mend the named lines.'),
  LIMIT_BOARDS: row('Too many boards', 429, 'Remove some, or raise `boardsMax`.'),
  LIMIT_ANNOTATIONS: row(
    'Too many annotations',
    429,
    'Remove some, or raise `annotationsMax`, or lower `annotationKeptMs`.',
  ),
  LIMIT_RULES: row('Too many rules', 429, 'Remove some, or raise `rulesMax`.'),
  LIMIT_BACKTEST: row(
    'The backtest took too long',
    422,
    'Choose a shorter time or fewer thresholds, or raise `backtestMs`.',
  ),
  ENGINE_STORE_FAILED: row(
    'The store cannot be used',
    500,
    'See the log; check the data directory.',
  ),
  ENGINE_STORE_LOCKED: row(
    'The store is in use',
    503,
    'Stop the other engine, or use another --data.',
  ),
  ENGINE_STORE_FULL: row('The store is full', 507, 'Free the disk, or raise `storeBytesMax`.'),
  ENGINE_STORE_CORRUPT: row(
    'The store is damaged',
    500,
    'Move the named file away, or restore it.',
  ),
  ENGINE_STORE_NEWER: row(
    'The store is of a newer Squilla',
    500,
    'Start that version, or restore a copy.',
  ),
  ENGINE_STORE_DRIVER: row(
    'No SQLite can be loaded',
    500,
    'Use Node 22.13 or newer, or run `npm ci`.',
  ),
  LIMIT_CLIENT_BUDGET: row(
    'The client’s queries take too much',
    429,
    'Stop some, ask for fewer groups or shorter windows, or raise `clientStateBytesMax`.',
    true,
  ),
  LIMIT_QUERIES: row('Too many live queries', 429, 'Stop one, or raise `queriesMax`.', true),
  LIMIT_AGENT_PLANS: row(
    'More or longer queries than an agent runs',
    429,
    'Ask fewer, or raise `agentQueriesMax` or `agentPlanNodes` in the service.',
  ),
  LIMIT_ALERTS: row('Too many alerts', 429, 'Post fewer, or raise `alertsHeldMax`.', true),
  LIMIT_SILENCES: row('Too many silences', 429, 'Expire some, or use one with a wider matcher.'),
  LIMIT_SAVED_QUERIES: row(
    'Too many saved queries',
    429,
    'Remove one, or raise `savedQueriesMax`.',
  ),
  LIMIT_STANDING_QUERIES: row(
    'Too many kept queries',
    429,
    'Save one without `keep`, or raise `standingQueriesMax`.',
  ),
  LIMIT_SUBSCRIPTIONS: row('Too many subscriptions', 429, 'Close some.', true),
  LIMIT_CLIENTS: row('Too many clients', 503, 'Raise `clientsMax`.', true),
  LIMIT_AGENTS: row('Too many agents', 503, 'Raise `agentsMax`.', true),
  LIMIT_RATE: row(
    'More than a connection may send',
    429,
    'Send less, or raise `jsonEventsPerSecondMax` or `jsonBytesPerSecondMax`.',
    true,
  ),
  LIMIT_SLOW_CLIENT: row('The client reads too slowly', 503, 'Reconnect and resume.', true),
  WIRE_BAD_HELLO: row('The first message is not a hello', 400, 'See docs/protocol.md.'),
  WIRE_BAD_VERSION: row('Protocol version not spoken', 400, 'Use squilla.v1.'),
  WIRE_BAD_MESSAGE: row('The message is not understood', 400, 'See docs/protocol.md.'),
  WIRE_BAD_FRAME: row('The binary frame is malformed', 400, 'See docs/protocol.md.'),
  WIRE_FRAME_TOO_LARGE: row('The frame is too large', 413, 'Send smaller batches.'),
  WIRE_UNREACHABLE: row('The engine cannot be reached', 503, 'Start one: squilla up', true),
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERRORS;

/** Code and title, as terminals and logs show a fault. */
export function faultText(code: ErrorCode): string {
  return `${code}: ${ERRORS[code].title}`;
}

/** A coded fault. `detail` says what exactly; it must not hold secrets. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: ErrorCode;
  readonly detail: string;
  /** Extra members for the problem document, e.g. `position` or `limit`. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, detail: string, options: EngineErrorOptions = {}) {
    super(`${code}: ${ERRORS[code].title}: ${detail}`, { cause: options.cause });
    this.code = code;
    this.detail = detail;
    this.data = options.data ?? {};
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

export interface EngineErrorOptions {
  readonly cause?: unknown;
  readonly data?: Readonly<Record<string, unknown>>;
}

function row(title: string, status: number, remedy: string, retryable = false): ErrorSpec {
  return { title, status, remedy, retryable };
}
