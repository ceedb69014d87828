/** How unit tests of rules are written. */
import { z } from 'zod';

const offset = z
  .string()
  .regex(/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/, { error: 'a time from the start, such as 90s' });
const count = z.int().min(0);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const key = z.record(z.string(), scalar).optional();
const state = z.enum(['ok', 'pending', 'firing', 'recovering']);
const condition = z.enum(['threshold', 'silent', 'lag', 'rule-error']).optional();

const event = z.strictObject({
  stream: z.string(),
  event: z.record(z.string(), z.unknown()),
  at: offset.optional(),
  from: offset.optional(),
  to: offset.optional(),
  every: offset.optional(),
});

export const ruleTestShape = z.strictObject({
  name: z.string(),
  rule: z.string().optional(),
  series: z.array(z.record(z.string(), scalar)).optional(),
  events: z.array(event).optional(),
  agents: z
    .strictObject({ expected: count, reporting: z.string() })
    .optional()
    .describe('agents that report, one number a window'),
  for: offset.optional().describe('how long events are watched'),
  expect: z.array(z.strictObject({ at: offset, key, condition, state })).optional(),
  pages: z
    .array(z.strictObject({ at: offset, key, condition, to: z.enum(['firing', 'ok']) }))
    .optional()
    .describe('all of them, in order'),
});

export const ruleTestFileShape = z.strictObject({
  rules: z.array(z.string()).min(1).describe('rule files, from where the test file is'),
  queries: z
    .array(z.string())
    .optional()
    .describe('files and directories of saved queries that the rules name, from there too'),
  tests: z.array(ruleTestShape).min(1),
});

export type RuleTest = z.output<typeof ruleTestShape>;
