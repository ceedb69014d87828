/** What is said of a window that no coordinator closed: of rows in a test, of kept series. */
import type { Completeness } from '../wire/results.ts';

export function assumedCompleteness(how: {
  readonly reporting: number;
  readonly expected: number;
  readonly endMs: number;
}): Completeness {
  const { reporting, expected, endMs } = how;
  const isWhole = reporting >= expected;
  return {
    status: isWhole ? 'complete' : 'degraded',
    reasons: isWhole ? [] : ['agents-missing'],
    agents: { expected, reporting, missing: [] },
    events: { seen: reporting, matched: reporting, late: 0, dropped: {} },
    sampleFactor: 1,
    coveredMs: 0,
    traffic: reporting > 0 ? 'flowing' : 'zero',
    source: isWhole ? 'live' : reporting === 0 ? 'silent' : 'partly',
    engine: 'current',
    watermark: endMs,
    emittedAt: endMs,
  };
}
