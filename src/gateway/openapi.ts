/**
 * The OpenAPI 3.1 document of port 7070. Every row of {@link ROUTES} has a description here (the
 * compiler sees to it). Loaded when somebody asks for it, because zod is slow to load.
 */
import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { RouteConfig } from '@hono/zod-openapi';
import type { ZodType } from 'zod';
import { BOARD_DESCRIPTIONS } from './openapi-boards.ts';
import { NOTIFY_DESCRIPTIONS } from './openapi-notify.ts';
import * as rules from './openapi-rules.ts';
import * as schemas from './openapi-schemas.ts';
import { PROBLEM_TYPE } from './problem.ts';
import { ROUTE_NAMES, ROUTES } from './routes.ts';
import type { RouteName } from './routes.ts';

export interface Description {
  readonly summary: string;
  readonly description?: string;
  /** Media type → schema of the body. */
  readonly body?: Readonly<Record<string, ZodType>>;
  readonly query?: z.ZodObject;
  /** Status of success, and media type → schema; null: no body. */
  readonly status?: number;
  readonly answer: Readonly<Record<string, ZodType>> | null;
}

const JSON_TYPE = 'application/json';
const text = z.string();
const optionalText = z.string().optional();

function json(schema: ZodType): Readonly<Record<string, ZodType>> {
  return { [JSON_TYPE]: schema };
}

/** OTLP/HTTP; https://opentelemetry.io/docs/specs/otlp/#otlphttp says what is in the bodies. */
function otlp(summary: string): Description {
  const both = { [JSON_TYPE]: schemas.AnyObject, 'application/x-protobuf': text };
  const description = 'Answers are in the encoding of the request. gzip is undone.';
  return { summary, description, body: both, answer: both };
}

const DESCRIPTIONS: Readonly<Record<RouteName, Description>> = {
  publish: {
    summary: 'Publish events to a stream',
    description:
      'Lines are judged one by one. 200 if any was accepted; 400 if none was. ' +
      'gzip and deflate are undone, within the same bound.',
    body: { 'application/x-ndjson': text, [JSON_TYPE]: z.array(schemas.Event) },
    query: z.object({
      time: optionalText.describe('field that holds the event time; else time of arrival'),
      slack: optionalText.describe('how far behind the clock events may run: 500ms, 5s'),
    }),
    answer: json(schemas.IngestReply),
  },
  otlpLogs: otlp('Take log records of OpenTelemetry, as events of `otel.logs`'),
  otlpMetrics: otlp('Take data points of OpenTelemetry, as events of `otel.metrics`'),
  otlpTraces: otlp('Take spans of OpenTelemetry, as events of `otel.spans`'),
  remoteWrite: {
    summary: 'Take samples of Prometheus remote write, as events of `prometheus`',
    description: 'Version 1 or 2, as `proto` of the content type says, packed with snappy.',
    body: { 'application/x-protobuf': text },
    status: 204,
    answer: null,
  },
  check: {
    summary: 'Check a query without running it',
    description: 'Mistakes are data: the status is 200, and `diagnostics` says where and why.',
    body: json(schemas.CheckRequest),
    answer: json(schemas.QueryCheck),
  },
  formatQuery: {
    summary: 'Lay a query out for people to read',
    description:
      'White space and the case of keywords change, nothing else. ' +
      '`text` is null if the query has mistakes, which are data: the status is 200.',
    body: json(schemas.FormatRequest),
    answer: json(schemas.FormattedQuery),
  },
  liveStream: {
    summary: 'Run a query; results as server-sent events',
    description:
      'Event names: schema, rows, progress, completeness, gap, drop, error, end. ' +
      '`Last-Event-ID` or `resume` goes on after that id. Parameters: `p.name=value`.',
    query: z.object({
      q: optionalText.describe('the query'),
      saved: optionalText.describe('name of a saved query, instead of `q`'),
      resume: optionalText,
    }),
    answer: { 'text/event-stream': text },
  },
  liveSocket: {
    summary: 'Live WebSocket: many queries on one connection',
    description:
      'Client: auth {token}, subscribe {sub, query, params, resume, kept}, unsubscribe {sub}, ping. ' +
      'Engine: {sub, id, type, …}, pong. A request that does not upgrade is refused.',
    status: 101,
    answer: null,
  },
  streams: { summary: 'Streams with their fields', answer: json(schemas.Streams) },
  fields: {
    summary: 'Fields of one stream',
    query: z.object({ stream: text }),
    answer: json(schemas.Fields),
  },
  agents: { summary: 'Agents, live and lost', answer: json(schemas.Agents) },
  queries: {
    summary: 'Running queries',
    query: z.object({ id: optionalText.describe('only the query with this id') }),
    answer: json(schemas.Queries),
  },
  stopQuery: { summary: 'End a query for everybody', status: 204, answer: null },
  savedQueries: { summary: 'Saved queries', answer: json(schemas.SavedQueries) },
  savedQuery: {
    summary: 'One saved query',
    description: 'The version is the ETag.',
    answer: json(schemas.SavedQuery),
  },
  saveQuery: {
    summary: 'Save or change a query',
    description:
      'A change names the version that it was made from in `If-Match`; 412 if there is a newer ' +
      'one. 201 if the query is new. Running queries go on as they are.',
    body: json(schemas.SaveRequest),
    answer: json(schemas.SavedQuery),
  },
  removeSavedQuery: {
    summary: 'Remove a saved query',
    description: 'With `If-Match` only that version. 409 while other saved queries read it.',
    status: 204,
    answer: null,
  },
  series: {
    summary: 'The past of a standing query, in buckets',
    description:
      '`query` is the name of a saved query, a text or an id. Without it: ids of the queries that ' +
      'are kept, and which saved queries are. A bucket has the number of windows, and the mean, ' +
      'smallest, largest and sum of their values; `doubtful` windows were not complete. ' +
      '`sumIsTotal`: the sum is a total (COUNT, SUM of tumbling windows). ' +
      'Times are ms or ISO 8601; the last day by default. Steps: 10000, 60000, 600000 ms.',
    query: z.object({
      ...{ query: optionalText, column: optionalText, keys: optionalText },
      ...{ from: optionalText, to: optionalText, step: optionalText },
    }),
    answer: json(schemas.AnyObject),
  },
  status: { summary: 'State of the engine', answer: json(schemas.AnyObject) },
  ledger: { summary: 'Where every event went', answer: json(schemas.Ledger) },
  language: { summary: 'Functions and signatures', answer: json(schemas.AnyObject) },
  openSession: {
    summary: 'Exchange a token for a cookie',
    description: 'The cookie is HttpOnly and SameSite=Strict; EventSource sends it by itself.',
    body: json(schemas.SessionRequest),
    status: 204,
    answer: null,
  },
  closeSession: { summary: 'Sign this browser out', status: 204, answer: null },
  demoBreak: {
    summary: 'Cause an incident in the demo',
    body: json(schemas.AnyObject),
    answer: json(schemas.AnyObject),
  },
  demoHeal: {
    summary: 'End the incidents of the demo',
    body: json(schemas.AnyObject),
    answer: json(schemas.AnyObject),
  },
  tables: { summary: 'Tables that joins look up', answer: json(schemas.Tables) },
  table: { summary: 'One table and its first rows', answer: json(schemas.Table) },
  putTable: {
    summary: 'Make or replace a table',
    description:
      'Body: CSV with a header line, a JSON list of objects, or NDJSON. The whole table is ' +
      'replaced at once, under a new version; running queries find the new rows from then on.',
    body: { 'text/csv': text, [JSON_TYPE]: z.array(schemas.Event), 'application/x-ndjson': text },
    query: z.object({ key: optionalText.describe('the key column; else the first') }),
    answer: json(schemas.Table),
  },
  putTableSource: {
    summary: 'Make or replace a table of what an address gives, renewed again and again',
    description:
      'It is fetched before the answer; what cannot be fetched is not taken. Later failures leave ' +
      'the last good rows; `source` shows them. Private addresses need `tablesAllowPrivate`; ' +
      'redirects are not followed.',
    body: json(schemas.TableSource),
    answer: json(schemas.Table),
  },
  deleteTable: { summary: 'Remove a table that no query reads', status: 204, answer: null },
  rules: { summary: 'Alert rules and how they are', answer: json(rules.Rules) },
  checkRules: {
    summary: 'Check rules without keeping them',
    description:
      'Body: `text`, a file of rules in YAML, or one rule in JSON. ' +
      'Mistakes are data: the status is 200, and `mistakes` says where and why.',
    body: json(rules.RuleBody),
    answer: json(rules.CheckedRules),
  },
  previewRule: {
    summary: 'What a rule would have done lately, while its query runs',
    description:
      'Over the windows that the engine still holds of the running query; without it there are none. ' +
      'Mistakes are data: the status is 200.',
    body: json(rules.RuleBody),
    answer: json(rules.RulePreview),
  },
  backtestRule: {
    summary: 'What a rule would have done over the past, also with other thresholds',
    description:
      'The answer is lines of JSON: `{type: progress, done}` while it runs, from 0 to 1; then ' +
      '`{type: report, report}` or `{type: error, problem}`. Closing the connection ends it. The past ' +
      'is `series` that were kept (the last day if neither is given) or `events`, in order of time.',
    body: json(rules.BacktestRequest),
    answer: { 'application/x-ndjson': text },
  },
  rule: {
    summary: 'One rule, its alerts and what they were lately',
    description: 'The `ETag` is the version of the rule.',
    answer: json(rules.Rule),
  },
  putRule: {
    summary: 'Make or change a rule',
    description:
      'Body: the rule in JSON, or `text` in YAML. `If-Match` with the ETag refuses to overwrite ' +
      'what somebody else changed meanwhile, `If-None-Match: *` to overwrite anything. ' +
      'Timers and alerts that fire go on. Rules of files are changed in their files.',
    body: json(rules.RuleBody),
    answer: json(rules.Rule),
  },
  deleteRule: { summary: 'Remove a rule; its alerts end', status: 204, answer: null },
  ruleVersions: { summary: 'The newest versions of a rule', answer: json(rules.RuleVersions) },
  ruleHistory: {
    summary: 'What became of the alerts of a rule, newest first',
    query: z.object({
      key: optionalText,
      from: optionalText,
      to: optionalText,
      limit: optionalText,
    }),
    answer: json(rules.Transitions),
  },
  ruleWhy: {
    summary: 'Why the alerts of a rule did or did not fire',
    query: z.object({
      key: optionalText.describe('key of the alert; else all'),
      at: optionalText.describe('only the window that holds this time: milliseconds or ISO 8601'),
    }),
    answer: json(rules.Explanations),
  },
  alerts: { summary: 'Alerts that fire now, with evidence', answer: json(rules.Alerts) },
  alertHistory: {
    summary: 'What became of all alerts, newest first',
    query: z.object({
      ...{ rule: optionalText, key: optionalText, from: optionalText, to: optionalText },
      limit: optionalText,
    }),
    answer: json(rules.Transitions),
  },
  dismissAlert: {
    summary: 'End an alert by hand, because no evidence will',
    body: json(rules.DismissRequest),
    answer: json(schemas.AnyObject),
  },
  prometheusRules: { summary: "Rules, in Prometheus' shape", answer: json(schemas.AnyObject) },
  prometheusAlerts: { summary: "Alerts, in Prometheus' shape", answer: json(schemas.AnyObject) },
  ...NOTIFY_DESCRIPTIONS,
  ...BOARD_DESCRIPTIONS,
  metrics: { summary: 'Prometheus metrics of the engine', answer: { 'text/plain': text } },
  healthy: { summary: 'Whether the process lives', answer: json(schemas.Healthy) },
  ready: { summary: 'Whether queries and events are taken', answer: json(schemas.Ready) },
  openapi: { summary: 'This document', answer: json(schemas.AnyObject) },
};

let cached: object | null = null;

export function openApiDocument(): object {
  cached ??= build();
  return cached;
}

function build(): object {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
  });
  for (const name of ROUTE_NAMES) app.openAPIRegistry.registerPath(routeConfig(name));
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Squilla',
      version: 'v1',
      description: 'Ask production a question in a query language, see the answer live.',
      license: { name: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
  });
}

function routeConfig(name: RouteName): RouteConfig {
  const { method, path, scope } = ROUTES[name];
  const { summary, description = '', body, query, status = 200, answer } = DESCRIPTIONS[name];
  const names = [...path.matchAll(/:([a-z]+)/g)].map((match) => match[1] ?? '');
  const request = {
    ...(names.length > 0 && { params: z.object(Object.fromEntries(names.map((n) => [n, text]))) }),
    ...(query !== undefined && { query }),
    ...(body !== undefined && { body: { content: contentOf(body) } }),
  };
  return {
    method: method.toLowerCase() as RouteConfig['method'],
    path: path.replaceAll(/:([a-z]+)/g, '{$1}'),
    operationId: name,
    summary,
    description: scope === null ? description : `${description} Scope: ${scope}.`.trim(),
    security: scope === null ? [] : [{ token: [] }, {}],
    request: request,
    responses: {
      [status]: { description: summary, ...(answer !== null && { content: contentOf(answer) }) },
      default: {
        description: 'What went wrong',
        content: contentOf({ [PROBLEM_TYPE]: schemas.Problem }),
      },
    },
  };
}

function contentOf(types: Readonly<Record<string, ZodType>>): Record<string, { schema: ZodType }> {
  return Object.fromEntries(Object.entries(types).map(([type, schema]) => [type, { schema }]));
}
