/** One alert of one rule: its key, its state, and what the last windows said of it. */
import { canonicalJson } from '../plan/fingerprint.ts';
import { textOf } from '../model/value-text.ts';
import type { Value, ValueObject } from '../model/value.ts';
import { okState } from './key-state.ts';
import type { KeyState, Verdict } from './key-state.ts';
import type { AlertTransition } from './transition.ts';
import { WindowTrail } from './window-trail.ts';

export interface WatchedKey {
  /** Canonical text, as transitions name it. */
  readonly text: string;
  readonly key: ValueObject;
  readonly state: KeyState;
  readonly trail: WindowTrail;
  /** Group of the query that the row came from; null: unknown. */
  group: readonly Value[] | null;
  /** The newest row that decided; null: it was left out, or the alert is ok. */
  row: ValueObject | null;
  /** Into its present state; null: it is ok. */
  transition: AlertTransition | null;
  /** Set while a window is taken in. */
  verdict: Verdict;
  /** Number of the newest window that was taken in for it. */
  window: number;
  isDirty: boolean;
}

export function watchedKey(key: ValueObject, trailWindows: number): WatchedKey {
  return {
    text: canonicalJson(key),
    key,
    state: okState(),
    trail: new WindowTrail(trailWindows),
    group: null,
    row: null,
    transition: null,
    verdict: 'unknown',
    window: -1,
    isDirty: false,
  };
}

/** Columns of the key as label values; a column without a value gives no label. */
export function keyLabels(key: ValueObject): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(key)) {
    const text = textOf(value);
    if (text !== null && name !== '__proto__') labels[name] = text;
  }
  return labels;
}
