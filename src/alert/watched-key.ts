/** One alert of one rule: its key, its state, and what the last windows said of it. */
import { canonicalJson } from '../plan/fingerprint.ts';
import { textOf } from '../model/value-text.ts';
import type { Value, ValueObject } from '../model/value.ts';
import { okState } from './key-state.ts';
import type { KeyState } from './key-state.ts';
import type { AlertTransition } from './transition.ts';

export interface WatchedKey {
  /** Canonical text, as transitions name it. */
  readonly text: string;
  readonly key: ValueObject;
  /** What its rows say of themselves, see KeyTable. */
  readonly rowText: string;
  readonly state: KeyState;
  /** Its place in the rule's trail of windows. */
  readonly place: number;
  /** Group of the query that the row came from; null: unknown. */
  group: readonly Value[] | null;
  /** The newest row that decided; null: it was left out, or the alert is ok. */
  row: ValueObject | null;
  /** Into its present state; null: it is ok. */
  transition: AlertTransition | null;
  /**
   * Ok, and no window that still counts says otherwise: nothing happens with one more that is well.
   */
  isIdle: boolean;
  /**
   * Number of the newest window that was taken in for it, and its place among that window's keys.
   */
  window: number;
  touch: number;
  /** Something of it is written down. */
  isSaved: boolean;
}

export function watchedKey(
  key: ValueObject,
  how: {
    readonly rowText: string;
    readonly place: number;
    /** Earlier episodes of this key opened no later, ms UTC. */
    readonly namedThroughMs: number;
  },
): WatchedKey {
  return {
    text: canonicalJson(key),
    key,
    rowText: how.rowText,
    state: okState(how.namedThroughMs),
    place: how.place,
    ...{ group: null, row: null, transition: null },
    ...{ isIdle: true, window: -1, touch: -1, isSaved: false },
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
