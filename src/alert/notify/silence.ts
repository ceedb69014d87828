/** Silences: who does not want to hear of which alerts, until when, and why. */
import { matchesAll } from './matcher.ts';
import type { Labels, Matcher } from './matcher.ts';

export interface Silence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly author: string;
  readonly comment: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** When it last muted an alert; null: it never did. */
  readonly mutedAtMs: number | null;
}

export type SilenceState = 'pending' | 'active' | 'expired';

export function silenceState(silence: Silence, nowMs: number): SilenceState {
  if (nowMs >= silence.endsAtMs) return 'expired';
  return nowMs < silence.startsAtMs ? 'pending' : 'active';
}

export function silences(silence: Silence, labels: Labels, nowMs: number): boolean {
  return silenceState(silence, nowMs) === 'active' && matchesAll(silence.matchers, labels);
}

/**
 * Why a silence deserves a second look; null: it does not. An active one that mutes nothing is
 * forgotten or mistyped, and will swallow the next alert that happens to match.
 */
export function staleReason(silence: Silence, nowMs: number, staleMs: number): string | null {
  if (silenceState(silence, nowMs) !== 'active') return null;
  const since = silence.mutedAtMs ?? Math.max(silence.startsAtMs, silence.createdAtMs);
  const idleMs = nowMs - since;
  if (idleMs < staleMs) return null;
  const hours = Math.round(idleMs / 360_000) / 10;
  return silence.mutedAtMs === null
    ? `it has muted nothing in ${hours} h`
    : `it last muted something ${hours} h ago`;
}

/** A matcher set that any alert fits silences everything, which nobody means. */
export function mutesEverything(matchers: readonly Matcher[]): boolean {
  return matchesAll(matchers, {});
}
