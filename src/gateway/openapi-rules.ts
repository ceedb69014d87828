/** Shapes of rules and alerts as zod schemas, for the OpenAPI document only. */
import { z } from '@hono/zod-openapi';
import { count, timeMs } from './openapi-schemas.ts';

const alertState = z.enum(['ok', 'pending', 'firing', 'recovering']);

const fileMistake = z.object({
  severity: z.enum(['error', 'warning']),
  line: z.int().min(1),
  column: z.int().min(1),
  message: z.string(),
});

export const RuleBody = z
  .looseObject({ text: z.string().optional().describe('YAML; else the members of a rule') })
  .openapi('RuleBody', { description: 'see docs/alerting.md for the members of a rule' });

const ruleSummary = {
  name: z.string(),
  version: z.int().min(1),
  origin: z.string().describe('`api`, or the file that it stands in'),
  author: z.string(),
  updatedAt: timeMs,
  query: z.string().describe('as it runs, with the columns that the conditions need'),
  saved: z.string().nullable().describe('the saved query that it asks'),
  when: z.string().nullable(),
  severity: z.string(),
  owner: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  state: alertState,
  health: z.enum(['ok', 'broken', 'deaf', 'paused', 'silent', 'late', 'full']),
  trouble: z.string().nullable(),
  evaluatedThrough: timeMs.nullable(),
  alerts: z.object({ watched: count, pending: count, firing: count }),
};

export const Rules = z
  .object({
    rules: z.array(z.object(ruleSummary)),
    files: z.looseObject({}).nullable().describe('what the newest reload of files said'),
  })
  .openapi('Rules');

const keyView = z.object({
  key: z.string(),
  state: alertState,
  values: z.record(z.string(), z.unknown()),
  trail: z.array(z.number().nullable()),
});

export const Rule = z
  .object({ ...ruleSummary, text: z.string(), keys: z.array(keyView) })
  .openapi('Rule');

export const CheckedRules = z
  .object({ rules: z.array(z.looseObject({})), mistakes: z.array(fileMistake) })
  .openapi('CheckedRules');

export const RuleVersions = z
  .object({
    versions: z.array(
      z.object({
        name: z.string(),
        version: z.int(),
        text: z.string().nullable().describe('null: it was removed'),
        digest: z.string(),
        origin: z.string(),
        author: z.string(),
        atMs: timeMs,
      }),
    ),
  })
  .openapi('RuleVersions');

const transition = z.looseObject({
  id: z.string(),
  atMs: timeMs,
  rule: z.string(),
  key: z.string(),
  episode: z.string().describe('one for all of an episode, across restarts'),
  condition: z.enum(['threshold', 'silent', 'lag', 'rule-error']),
  from: alertState,
  to: alertState,
  reason: z.string(),
});

export const Transitions = z.object({ transitions: z.array(transition) }).openapi('Transitions');

export const RulePreview = z
  .object({
    mistakes: z.array(fileMistake),
    preview: z
      .object({
        windows: z.array(z.object({ startMs: timeMs, endMs: timeMs })),
        transitions: z.array(transition),
        states: z.array(z.object({ key: z.string(), state: alertState })),
        chart: z.looseObject({}).describe('the number that the rule is about'),
        threshold: z.looseObject({}).nullable(),
      })
      .nullable(),
  })
  .openapi('RulePreview');

export const BacktestRequest = z
  .object({
    text: z.string().describe('one rule in YAML'),
    sweep: z.array(z.number()).max(50).optional().describe('for the first number of `when`'),
    series: z.object({ from: timeMs.optional(), to: timeMs.optional() }).optional(),
    events: z
      .object({
        stream: z.string(),
        time: z.string().describe('field that holds the time of an event'),
        ndjson: z.string(),
      })
      .optional(),
  })
  .openapi('BacktestRequest');

export const Explanations = z
  .object({ alerts: z.array(z.looseObject({})), transitions: z.array(transition) })
  .openapi('Explanations');

export const Alerts = z
  .object({
    alerts: z.array(
      z.looseObject({
        rule: z.string(),
        condition: z.string(),
        key: z.string(),
        state: alertState,
        episode: z.string(),
        startsAt: timeMs,
        labels: z.record(z.string(), z.string()),
        evaluatedThrough: timeMs.nullable(),
        muted: z
          .object({
            silences: z.array(z.string()),
            maintenance: z.array(z.string()),
            inhibitions: z.array(z.string()),
          })
          .describe('why nobody is told; all empty: somebody is'),
        incident: z.string().nullable().describe('the incident that it is told in'),
        acknowledgement: z.looseObject({}).nullable(),
        escalation: z.looseObject({}).nullable(),
        receivers: z.array(z.string()),
      }),
    ),
  })
  .openapi('Alerts');

export const DismissRequest = z
  .object({ rule: z.string(), key: z.string() })
  .openapi('DismissRequest');
