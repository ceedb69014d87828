/** What a query costs, in words; and every reason for less than the truth has a sentence. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { estimateFrom } from '../../../dashboard/explain-plan.ts';
import { costText } from '../../../dashboard/running-cost.tsx';
import { notShownText } from '../../../dashboard/loss-words.ts';
import { verdictFrom } from '../../../dashboard/verdict.ts';
import type { QueryView } from '../../../src/coordinator/views.ts';
import { completeness } from '../../browser/support/results.ts';

test.each([
  [
    'counted by agents',
    ['├─ estimate: plays about 276.4 events/s, 8 agents', '├─ aggregates: by itself, and …'],
    'plays ≈ 276 events/s, 8 agents · counted there, no event is shipped',
  ],
  [
    'shipped',
    ['├─ estimate: plays about 276 events/s, 8 agents', '└─ ships: region, device'],
    'plays ≈ 276 events/s, 8 agents · ships region, device',
  ],
  ['unknown', ['├─ filter: none', '└─ ships: region'], ''],
])('the cost of what is %s', (_name, lines, wanted) => {
  expect(estimateFrom(lines.map((plan) => ({ plan })))).toBe(wanted);
});

test.each([
  [
    { busyPercent: 0.9012, seenPerSecond: 419.2, matchedPerSecond: 123, groups: 5, subscribers: 3 },
    '0.9 % of a shard · 419 events/s looked at · 123/s match · 5 groups · 2 KiB · shared by 3 readers',
  ],
  [
    { busyPercent: 0, seenPerSecond: null, matchedPerSecond: null, groups: 0, subscribers: 1 },
    'under 0.1 % of a shard · 2 KiB',
  ],
])('the cost of what runs: %j', (view, wanted) => {
  expect(costText({ ...view, stateBytes: 2_048 } as QueryView)).toBe(wanted);
});

test('every reason that the documents name has a sentence of its own', () => {
  const text = readFileSync('docs/reliability.md', 'utf8');
  const section = /- `status` is `complete`[\s\S]*?Degraded beats partial/.exec(text)?.[0] ?? '';
  const reasons = [...section.matchAll(/`([a-z]+(?:-[a-z]+)*)`/g)]
    .map(([, word]) => word ?? '')
    // States, and members of the completeness that stand beside the reasons.
    .filter((word) => !['status', 'complete', 'partial', 'degraded', 'cut'].includes(word));
  expect(reasons).toContain('agent-shed');
  for (const reason of reasons) {
    const state = completeness({ status: 'degraded', reasons: [reason] });
    const { detail } = verdictFrom({ completeness: state, away: false, live: true, lagMs: 0 });
    expect(detail.toLowerCase(), reason).not.toBe(`${reason}.`);
  }
});

test.each(['rows-per-second', 'client-rows-per-second', 'slow_client'])(
  'what is not told because of %s says what to do or why',
  (reason) => {
    expect(notShownText(reason)).not.toBe(notShownText('something else'));
  },
);
