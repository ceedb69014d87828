/** The answer to EXPLAIN: one row a line of the plan's text, complete by nature. */
import type { Completeness, RowsMessage } from '../wire/results.ts';

export function explainRows(lines: readonly string[], nowMs: number): RowsMessage {
  return {
    type: 'rows',
    windowStart: null,
    windowEnd: null,
    append: true,
    revision: 0,
    provisional: false,
    replay: false,
    part: 0,
    last: true,
    rows: lines.map((plan) => ({ plan })),
    completeness: plainCompleteness(nowMs),
  };
}

/** Of an answer about the engine itself, which saw all that there is. */
export function plainCompleteness(nowMs: number): Completeness {
  return {
    status: 'complete',
    reasons: [],
    agents: { expected: 0, reporting: 0, missing: [] },
    events: { seen: 0, matched: 0, late: 0, dropped: {} },
    sampleFactor: 1,
    coveredMs: 0,
    traffic: 'zero',
    source: 'none',
    engine: 'current',
    watermark: 0,
    emittedAt: Math.floor(nowMs),
  };
}
