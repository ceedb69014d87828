/** Which windows prove anything. */
import { expect, it } from 'vitest';
import { gradeOf } from '../../../src/alert/evidence.ts';
import type { Completeness } from '../../../src/wire/results.ts';

const WHOLE: Completeness = {
  ...{ status: 'complete', reasons: [], sampleFactor: 1, coveredMs: 1_000, traffic: 'flowing' },
  agents: { expected: 2, reporting: 2, missing: [] },
  events: { seen: 10, matched: 5, late: 0, dropped: {} },
  ...{ source: 'live', engine: 'current', watermark: 0, emittedAt: 0 },
};
const POLICY = { below: 0.9 } as Parameters<typeof gradeOf>[1];

it('a whole window is evidence', () => {
  expect(gradeOf(WHOLE, POLICY)).toMatchObject({ isEvidence: true, share: 1, why: '' });
});

it('a join of which one side is silent is none, whatever the other saw', () => {
  const half = { ...WHOLE, reasons: ['silent-source:errors'], source: 'partly' } as const;
  expect(gradeOf(half, POLICY)).toMatchObject({
    ...{ isEvidence: false, isShort: true, why: 'nobody feeds errors' },
  });
});

it('agents that an engine behind has not read are no agents that are gone', () => {
  const none = { expected: 2, reporting: 0, missing: ['a', 'b'] };
  const unread = { ...WHOLE, agents: none, source: 'partly', engine: 'behind' } as const;
  expect(gradeOf(unread, POLICY)).toMatchObject({
    ...{ isEvidence: false, isShort: false, why: 'the engine is behind' },
  });
  const gone = { ...unread, engine: 'current' } as const;
  expect(gradeOf(gone, POLICY)).toMatchObject({ isEvidence: false, isShort: true });
});
