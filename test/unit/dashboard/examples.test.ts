/** Starter queries: each is a query without mistakes on the stream that it is offered for. */
import { describe, expect, test } from 'vitest';
import { EXAMPLES, examplesFor } from '../../../dashboard/examples.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';
import { stream } from '../../browser/support/results.ts';

describe('a starter query', () => {
  test.each(EXAMPLES)('"$title" is planned, and reads the stream it is offered for', (example) => {
    const { plan, diagnostics } = planQuery(example.query, { mode: 'live' });
    const told = diagnostics.filter(
      ({ code, severity }) => severity === 'error' || code !== 'MQL_UNKNOWN_STREAM',
    );
    expect(told).toEqual([]);
    expect(JSON.stringify(plan)).toContain(`"${example.stream}"`);
  });

  test.each([
    ['otel.spans', 'Spans by service'],
    ['otel.logs', 'Logs by severity'],
    ['otel.metrics', 'Metrics that come'],
    ['prometheus', 'Series that come'],
    ['statsd', 'Counters and gauges'],
    ['syslog', 'Messages by severity'],
    ['journal', 'Journal by unit'],
    ['http.server', 'HTTP by route'],
  ])('is there for %s as soon as it comes', (name, title) => {
    expect(examplesFor([stream('plain', { a: 'number' })]).map((one) => one.title)).toEqual([
      'Rate of plain',
    ]);
    expect(examplesFor([stream(name)]).map((one) => one.title)).toContain(title);
  });
});
