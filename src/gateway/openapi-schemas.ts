/** Shapes of bodies and answers as zod schemas, for the OpenAPI document only. */
import { z } from '@hono/zod-openapi';

export const count = z.int().min(0);
export const timeMs = z.number().describe('milliseconds since 1970 UTC');
const counts = z.record(z.string(), count);

export const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('see docs/errors.md'),
    remedy: z.string(),
    retryable: z.boolean(),
  })
  .openapi('Problem', { description: 'RFC 9457 problem details' });

export const Event = z
  .record(z.string(), z.unknown())
  .openapi('Event', { description: 'one immutable observation: a JSON object' });

const lineError = z.object({ line: z.int().min(1), message: z.string() });

export const IngestReply = z
  .object({ accepted: count, rejected: count, errors: z.array(lineError).max(20) })
  .openapi('IngestReply');

const params = z
  .record(z.string(), z.unknown())
  .optional()
  .describe('values of the `$name` parameters');

export const CheckRequest = z.object({ query: z.string(), params }).openapi('CheckRequest');

const span = z.object({ start: count, end: count, line: z.int(), column: z.int() });

export const Diagnostic = z
  .object({
    code: z.string(),
    severity: z.enum(['error', 'warning', 'info']),
    message: z.string(),
    span,
    hint: z.string().optional(),
    fixes: z.array(z.unknown()).optional(),
  })
  .openapi('Diagnostic');

const column = z.object({
  name: z.string(),
  type: z.string(),
  unit: z.string().optional(),
  role: z.enum(['key', 'value', 'window', 'meta']),
});

export const QueryCheck = z
  .object({
    canonical: z.string().nullable(),
    diagnostics: z.array(Diagnostic),
    columns: z.array(column),
    parameters: z.array(z.string()),
    explain: z.string().optional(),
  })
  .openapi('QueryCheck');

export const FormatRequest = z.object({ query: z.string() }).openapi('FormatRequest');

export const FormattedQuery = z
  .object({ text: z.string().nullable(), diagnostics: z.array(Diagnostic) })
  .openapi('FormattedQuery');

const field = z.object({
  name: z.string(),
  type: z.string(),
  values: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .describe('a few that it was seen to have; none of what looks like a secret'),
});

const stream = z
  .object({
    name: z.string(),
    kind: z.enum(['stream', 'view']).describe('a view is a saved query that FROM can read'),
    agents: count,
    via: z.array(z.string()).describe('how it comes besides agents: http, otlp, syslog …'),
    time: z.string(),
    slackMs: z.number(),
    watermark: timeMs.nullable(),
    lagMs: z.number().nullable(),
    eventsPerSecond: z.number().nullable().describe('null: nobody asks, so nothing is counted'),
    queries: count,
    shedQueries: count,
    fields: z.array(field),
    changes: z
      .array(
        z.object({
          atMs: timeMs,
          field: z.string(),
          from: z.string().nullable().describe('type before; null: the field is new'),
          to: z.string(),
        }),
      )
      .describe('of its fields, after they were first seen; oldest first'),
  })
  .openapi('Stream');

export const Streams = z.object({ streams: z.array(stream) });
export const Fields = z.object({ stream: z.string(), fields: z.array(field) });

const agent = z
  .object({
    id: z.string(),
    service: z.string(),
    host: z.string(),
    library: z.string(),
    shard: z.int(),
    state: z.enum(['live', 'silent', 'gone']),
    streams: z.array(z.string()),
    watermark: timeMs.nullable(),
    lagMs: z.number().nullable(),
    connectedAt: timeMs,
    queries: count.describe('that it runs now; 0: nobody asks for what it has'),
    cpuPercent: z
      .number()
      .nullable()
      .describe('of a core, what its process spends for queries; null: not told'),
    offered: count.describe('events published while somebody asked'),
    aggregated: count.describe('counted at the source, and not sent'),
    sent: count,
    dropped: counts,
  })
  .openapi('Agent');

export const Agents = z.object({ agents: z.array(agent) });

const query = z
  .object({
    id: z.string(),
    canonical: z.string(),
    owner: z.string().nullable().describe('who asked first; null: the engine itself'),
    sources: z.array(z.string()),
    streams: z.array(z.string()),
    subscribers: count,
    clients: z.array(z.string()),
    readers: count.describe('queries and rules that read it inside the engine'),
    startedAt: timeMs,
    watermark: timeMs.nullable(),
    lagMs: z.number().nullable(),
    seen: count,
    matched: count,
    late: count,
    rows: count,
    windows: count,
    seenPerSecond: z.number().nullable(),
    matchedPerSecond: z.number().nullable(),
    rowsPerSecond: z.number().nullable(),
    groups: count,
    series: z.object({ bytes: count, forgotten: count }).optional(),
    standing: z.boolean(),
    kept: z.array(z.string()).describe('saved queries that have it run and be kept'),
    shed: z.boolean(),
    overBudget: z.enum(['query-state', 'client-state', 'client-groups']).nullable(),
    busyPercent: z.number().describe('of one shard, over the last second'),
    refusedRows: count.describe('not told: beyond queryRowsPerSecondMax'),
    dropped: counts,
    stateBytes: count.describe('of open panes, or of those that closed last, all shards together'),
    status: z.enum(['complete', 'partial', 'degraded', 'waiting']),
  })
  .openapi('Query');

export const Queries = z.object({ queries: z.array(query) });

export const SavedQuery = z
  .object({
    name: z.string(),
    text: z.string(),
    params: z.record(z.string(), z.unknown()).describe('values of its `$parameters`'),
    description: z.string(),
    keep: z.boolean().describe('it runs and is kept whether anybody looks or not'),
    owner: z.string(),
    version: z.int().min(1),
    createdAt: timeMs,
    updatedAt: timeMs,
    updatedBy: z.string(),
    parameters: z.array(z.string()).describe('names of its `$parameters`'),
    columns: z.array(field).nullable().describe('null: FROM cannot read it'),
    whyNoView: z.string().nullable(),
    fingerprint: z.string().nullable().describe('id of the running query it would be'),
    file: z.string().optional().describe('the file that defines it, which alone can change it'),
  })
  .openapi('SavedQuery');

export const SavedQueries = z.object({
  queries: z.array(SavedQuery),
  mistakes: z
    .array(
      z.object({
        file: z.string(),
        line: z.int(),
        column: z.int(),
        severity: z.enum(['error', 'warning']),
        message: z.string(),
      }),
    )
    .describe('of the files that define saved queries'),
});

export const SaveRequest = z
  .object({
    text: z.string(),
    description: z.string().optional(),
    params,
    keep: z.boolean().optional().describe('run it and keep its series; false by default'),
  })
  .openapi('SaveRequest');

const enginePage = z.object({ received: count, evaluated: count, dropped: counts });

export const Ledger = z
  .object({
    incarnation: z.string(),
    agents: z.object({
      offered: count,
      filtered: count,
      sampledOut: count,
      aggregated: count,
      sent: count,
      dropped: counts,
    }),
    engine: enginePage,
    streams: z.record(z.string(), enginePage),
    queries: z
      .object({ shed: count, quota: count, rows: count })
      .describe('what queries went without: events not evaluated, rows not told'),
    closes: z.boolean().describe('whether every sum comes out even'),
  })
  .openapi('Ledger');

export const SessionRequest = z.object({ token: z.string() }).openapi('SessionRequest');
export const Healthy = z.object({ healthy: z.literal(true) });
export const Ready = z.object({ ready: z.literal(true) });
export const AnyObject = z.record(z.string(), z.unknown());

const table = z.looseObject({
  name: z.string(),
  version: z.int().describe('grows with every replacement'),
  key: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.int(),
  duplicates: z.int().describe('rows that a later one of the same key hides'),
  withoutKey: z.int(),
  author: z.string(),
  atMs: timeMs,
  queries: z.array(z.string()),
  source: z
    .object({
      kind: z.enum(['file', 'url']),
      location: z.string(),
      from: z.enum(['config', 'api']),
      refreshMs: z.int(),
      checkedAtMs: timeMs.nullable().describe('when it last confirmed the rows'),
      failures: z.int().describe('attempts that failed since'),
      error: z.string().nullable(),
    })
    .nullable()
    .describe('null: somebody put the rows there'),
});

export const TableSource = z
  .object({
    url: z.string(),
    key: z.string().optional(),
    format: z.enum(['csv', 'json', 'ndjson']).optional(),
    refreshMs: z.int().optional(),
  })
  .openapi('TableSource');

export const Table = table.openapi('Table');
export const Tables = z.object({ tables: z.array(table) }).openapi('Tables');
