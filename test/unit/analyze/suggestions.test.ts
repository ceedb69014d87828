/** What is known of streams and fields makes warnings with fixes that can be applied. */
import { describe, expect, test } from 'vitest';
import { planQuery } from '../../../src/plan/plan-query.ts';
import type { FieldCatalogue } from '../../../src/analyze/field-catalogue.ts';

const catalogue: FieldCatalogue = {
  streams: () => ['plays', 'odd name'],
  fields: () => [
    { name: 'region', type: 'string' },
    { name: 'latency', type: 'number' },
  ],
};

/** The text after the first fix. */
function fixed(text: string, code: string): string | null {
  const { diagnostics } = planQuery(text, { mode: 'live', catalogue });
  const [fix] = diagnostics.find((one) => one.code === code)?.fixes ?? [];
  return fix === undefined
    ? null
    : text.slice(0, fix.span.start) + fix.text + text.slice(fix.span.end);
}

describe('a slip is mended by its fix', () => {
  test.each([
    ['MQL_UNKNOWN_STREAM', 'select region from play', 'select region from plays'],
    ['MQL_UNKNOWN_STREAM', 'select p.region from `play` as p', 'select p.region from plays as p'],
    ['MQL_UNKNOWN_STREAM', 'select region from odd-name x', 'select region from `odd name` x'],
    ['MQL_UNKNOWN_FIELD', 'select regoin from plays', 'select region from plays'],
    [
      'MQL_UNKNOWN_FUNCTION',
      'select lenght(region) from plays',
      'select length(region) from plays',
    ],
    [
      'MQL_QUOTES',
      'select region from plays where region = eu',
      "select region from plays where region = 'eu'",
    ],
    [
      'MQL_NAME_OR_ARITHMETIC',
      'select latency-region from plays',
      'select latency - region from plays',
    ],
  ])('%s: %s', (code, text, expected) => expect(fixed(text, code)).toBe(expected));
});

describe('aggregates of numbers over something else', () => {
  test.each(['sum(region)', 'p99(region)', 'avg(region = 1)', 'increase(region)'])(
    '%s is warned about',
    (column) => {
      const { diagnostics, plan } = planQuery(`select ${column} as x from plays window 1`, {
        catalogue,
      });
      expect(plan).not.toBeNull();
      const found = diagnostics.filter(({ code }) => code === 'MQL_TYPE_MISMATCH');
      expect(found.at(-1)?.message).toMatch(/skips what is not a number/);
    },
  );

  test.each(['sum(latency)', 'count(region)', 'max(region)', 'sum(other)', 'list(region)'])(
    '%s is not',
    (column) => {
      const { diagnostics } = planQuery(`select ${column} as x from plays window 1`, { catalogue });
      expect(diagnostics.filter(({ code }) => code === 'MQL_TYPE_MISMATCH')).toEqual([]);
    },
  );
});
