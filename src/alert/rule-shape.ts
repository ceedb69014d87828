/**
 * The shapes in which rules are written, ours and Prometheus', for validation and for the API's
 * document. Loading zod takes a fifth of a second, so only who reads rules imports this.
 */
import { z } from 'zod';
import { M_OF_N_MAX } from './rule.ts';

const TEXT_MAX = 64 * 1024;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.:/ -]{0,199}$/;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+$/;

const duration = z
  .string({ error: 'a duration such as 30s, 5m or 1h' })
  .regex(DURATION, { error: 'a duration such as 30s, 5m or 1h' });
const text = z.string({ error: 'a text' }).min(1, { error: 'a text' }).max(TEXT_MAX);
const severity = z.enum(['critical', 'warning', 'info'], {
  error: 'one of critical, warning, info',
});
/** Numbers and booleans are taken as they are written. */
const labelValue = z
  .union([z.string(), z.number(), z.boolean()], { error: 'a text' })
  .transform(String);
const labels = z.record(z.string(), labelValue, { error: 'a map of texts' });
const templates = z.record(z.string(), z.string({ error: 'a text' }), { error: 'a map of texts' });

const sidePolicy = z.union(
  [
    z.literal('ignore'),
    z.strictObject({ for: duration.optional(), severity: severity.optional() }),
  ],
  { error: '`ignore`, or a map with `for` and `severity`' },
);

export const ruleShape = z
  .strictObject({
    name: z.string({ error: 'a rule needs a name' }).regex(NAME, {
      error: 'a name of letters, digits and _ . : / - (at most 200)',
    }),
    query: text.optional(),
    saved: text.optional(),
    when: text.optional(),
    by: z.array(text, { error: 'a list of columns' }).max(16).optional(),
    for: duration.optional(),
    m_of_n: z
      .tuple([z.int().min(1).max(M_OF_N_MAX), z.int().min(1).max(M_OF_N_MAX)], {
        error: 'two whole numbers, such as [3, 5]',
      })
      .refine(([m, n]) => m <= n, { error: 'the first number is not above the second' })
      .optional(),
    keep_firing_for: duration.optional(),
    clear_when: text.optional(),
    min_volume: z
      .strictObject(
        { of: text, at_least: z.number({ error: 'a number' }) },
        {
          error: 'a map with `of` (a column) and `at_least` (a number)',
        },
      )
      .optional(),
    flap: z
      .union(
        [
          z.literal('ignore'),
          z.strictObject({
            episodes: z.int().min(2).max(20).optional(),
            within: duration.optional(),
            hold: duration.optional(),
          }),
        ],
        { error: '`ignore`, or a map with `episodes`, `within` and `hold`' },
      )
      .optional(),
    severity: severity.optional(),
    labels: labels.optional(),
    annotations: templates.optional(),
    runbook: z.url({ protocol: /^https?$/, error: 'an http(s) address' }).optional(),
    owner: text.optional(),
    route: text.optional(),
    on_silent: sidePolicy.optional(),
    on_degraded: z
      .strictObject(
        {
          below: z.number().min(0).max(1, { error: 'a share from 0 to 1' }).optional(),
          hold: duration.optional(),
        },
        { error: 'a map with `below` (0 to 1) and `hold`' },
      )
      .optional(),
    on_engine_lag: sidePolicy.optional(),
    paused: z.boolean({ error: 'true or false' }).optional(),
  })
  .refine(({ query, saved }) => (query === undefined) !== (saved === undefined), {
    path: ['query'],
    error: 'windowed MQL, or `saved` with the name of a saved query',
  })
  .describe('An alert rule.');

export type RuleText = z.output<typeof ruleShape>;

export const prometheusRuleShape = z.strictObject({
  alert: z.string({ error: 'a rule needs `alert`: its name' }).regex(NAME),
  expr: text,
  for: duration.optional(),
  keep_firing_for: duration.optional(),
  labels: labels.optional(),
  annotations: templates.optional(),
});

export type PrometheusRule = z.output<typeof prometheusRuleShape>;

export const prometheusGroupShape = z.looseObject({
  name: text,
  rules: z.array(z.unknown(), { error: 'a list of rules' }),
  labels: labels.optional(),
});
