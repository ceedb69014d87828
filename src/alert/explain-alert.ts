/**
 * Why an alert did or did not fire in a window: what was known, what was decided and what was still
 * wanting. Answers from what the engine remembers of the last windows.
 */
import type { ValueObject } from '../model/value.ts';
import type { Verdict } from './key-state.ts';
import { recoveryMs } from './key-state.ts';
import type { RuleWatch } from './rule-watch.ts';
import type { AlertState } from './transition.ts';
import type { WatchedKey } from './watched-key.ts';

export interface WindowDecision {
  readonly window: { readonly startMs: number; readonly endMs: number };
  readonly value: number | null;
  /** Null: the key was in no row. */
  readonly verdict: Verdict | null;
  /** In words. */
  readonly why: string;
}

export interface AlertExplanation {
  readonly rule: string;
  readonly key: ValueObject;
  readonly state: AlertState;
  readonly row: ValueObject | null;
  /** What it waits for, in words; null: nothing is under way. */
  readonly waitsFor: string | null;
  /** Newest first. */
  readonly windows: readonly WindowDecision[];
  readonly evaluatedThroughMs: number | null;
}

/** `atMs`: only the window that holds this moment, or ended with it; null: all that are known. */
export function explainAlert(
  watch: RuleWatch,
  key: WatchedKey,
  atMs: number | null,
): AlertExplanation {
  const windows: WindowDecision[] = [];
  for (let number = watch.trail.newest; number >= watch.trail.oldest; number--) {
    const note = watch.trail.at(number);
    if (note === null || (atMs !== null && !(note.startMs < atMs && atMs <= note.endMs))) continue;
    const verdict = watch.trail.verdict(key.place, number);
    const value = watch.trail.value(key.place, number);
    windows.push({
      window: { startMs: note.startMs, endMs: note.endMs },
      value: Number.isNaN(value) ? null : value,
      verdict: note.why === '' ? verdict : 'unknown',
      why: whyOf(watch, note.why, verdict),
    });
  }
  const through = watch.evaluatedThroughMs;
  return {
    rule: watch.rule.rule.name,
    key: key.key,
    state: key.state.state,
    row: key.row,
    waitsFor: waitsFor(watch, key),
    windows,
    evaluatedThroughMs: Number.isFinite(through) ? through : null,
  };
}

function whyOf({ rule }: RuleWatch, noEvidence: string, verdict: Verdict | null): string {
  if (noEvidence !== '') return `no evidence: ${noEvidence}`;
  const when = rule.when?.text ?? 'the query gives a row';
  switch (verdict) {
    case null:
      return 'the key was in no row';
    case 'holds':
      return `it holds: ${when}`;
    case 'clear':
      return `it does not hold: ${when}`;
    case 'between':
      return `it does not hold, and it is not clear either: ${rule.clearWhen?.text ?? when}`;
    case 'unknown':
      return rule.minVolume === null
        ? 'no evidence: a value is missing, or those who send it are gone'
        : 'no evidence: a value is missing, or the volume is too small';
  }
}

function waitsFor({ rule }: RuleWatch, { state }: WatchedKey): string | null {
  const { forMs, mOfN } = rule.rule;
  const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
  switch (state.state) {
    case 'ok':
      return state.recent === 0 ? null : `${mOfN.m} windows of ${mOfN.n} in which it holds`;
    case 'pending':
      return `${seconds(forMs - state.heldMs)} more of evidence until it fires`;
    case 'firing':
      return 'a window that is evidence of the contrary';
    case 'recovering': {
      const neededMs = recoveryMs(state, state.firedMs + state.heldMs, rule.rule);
      return `${seconds(neededMs - state.heldMs)} more of evidence until it is resolved`;
    }
  }
}
