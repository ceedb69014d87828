/**
 * The second dimension of a rule: an alert of its own about what keeps the rule from knowing
 * (`silent`), from being in time (`lag`) or from running at all (`rule-error`). It fires when the
 * trouble has lasted, and ends when it has verifiably ended.
 */
import type { AlertCondition, AlertTransition } from './transition.ts';

export type SideCondition = Exclude<AlertCondition, 'threshold'>;

export interface SideState {
  /** When the trouble began, ms; null: there is none. */
  sinceMs: number | null;
  isFiring: boolean;
  /** When the newest episode opened, which it is named after. */
  openedMs: number;
  sequence: number;
  why: string;
  /** The one that made it fire. */
  transition: AlertTransition | null;
}

export function quietSide(): SideState {
  return {
    ...{ sinceMs: null, isFiring: false, openedMs: 0, sequence: 0, why: '' },
    transition: null,
  };
}

/**
 * `trouble`: what is wrong now; null: nothing. Returns what the alert does; null: it stays as it
 * is.
 */
export function stepSide(
  side: SideState,
  trouble: string | null,
  nowMs: number,
  forMs: number,
): 'fires' | 'ends' | null {
  if (trouble === null) {
    side.sinceMs = null;
    if (!side.isFiring) return null;
    side.isFiring = false;
    return 'ends';
  }
  side.why = trouble;
  side.sinceMs ??= nowMs;
  // Clocks may be set back: trouble that began later than now begins now.
  side.sinceMs = Math.min(side.sinceMs, nowMs);
  if (side.isFiring || nowMs - side.sinceMs < forMs) return null;
  side.isFiring = true;
  side.openedMs = Math.max(Math.floor(nowMs), side.openedMs + 1);
  side.sequence = 0;
  return 'fires';
}
