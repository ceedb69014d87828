/**
 * Whether those who would know are gone. Begins when too few of the expected agents report, and
 * ends when enough of them do again: not when the roster stops expecting them, for their silence is
 * no proof of anything. After `holdMs` they are taken to be gone for good.
 */
import type { Completeness } from '../wire/results.ts';
import type { Grade } from './evidence.ts';
import type { DegradedPolicy } from './rule.ts';

export interface SourceGap {
  readonly sinceMs: number;
  /** Agents expected when it began, or at most since. */
  expected: number;
  /** When agents were last missed, ms. */
  missedMs: number;
}

/** The gap after this news; null: there is none. */
export function gapAfter(
  gap: SourceGap | null,
  grade: Grade,
  { agents, reasons }: Completeness,
  how: { readonly nowMs: number; readonly policy: DegradedPolicy },
): SourceGap | null {
  const { nowMs, policy } = how;
  if (grade.isShort) {
    // Agents of an engine that was just started are still on their way.
    if (gap === null && reasons.includes('starting')) return null;
    const next = gap ?? { sinceMs: nowMs, expected: 0, missedMs: nowMs };
    next.expected = Math.max(next.expected, agents.expected);
    next.missedMs = nowMs;
    return next;
  }
  if (gap === null) return null;
  const enough = Math.max(1, Math.ceil(policy.below * gap.expected));
  if (agents.reporting >= enough) return null;
  return nowMs - gap.missedMs >= policy.holdMs ? null : gap;
}
