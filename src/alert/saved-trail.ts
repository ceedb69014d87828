/** The trail of a rule as it is written down, and taken up again by another process. JSON-safe. */
import type { ValueObject } from '../model/value.ts';
import type { Verdict } from './key-state.ts';
import type { RuleWatch } from './rule-watch.ts';
import type { WindowNote } from './window-trail.ts';

export interface SavedTrail {
  /** The query that the windows are of; another one has other windows. */
  readonly query: string;
  /** Number of the last window. */
  readonly newest: number;
  /** Oldest first. */
  readonly notes: readonly WindowNote[];
  readonly keys: readonly SavedKeyTrail[];
}

export interface SavedKeyTrail {
  readonly key: ValueObject;
  /** As many as `notes`; null: no number. */
  readonly values: readonly (number | null)[];
  /** A letter a window, see {@link LETTERS}; `-`: the key was in no row. */
  readonly verdicts: string;
}

const LETTERS: Readonly<Record<Verdict, string>> = {
  unknown: 'u',
  holds: 'h',
  clear: 'c',
  between: 'b',
};
const VERDICTS = new Map(Object.entries(LETTERS).map(([verdict, letter]) => [letter, verdict]));

/** Keys of one rule whose trail is written down. */
const KEYS_MAX = 1_000;

export function savedTrail(watch: RuleWatch): SavedTrail {
  const { trail } = watch;
  const notes: WindowNote[] = [];
  for (let window = trail.oldest; window <= trail.newest; window++) notes.push(trail.at(window)!);
  const keys: SavedKeyTrail[] = [];
  for (const { key, place } of watch.keys()) {
    if (keys.length >= KEYS_MAX) break;
    const values: (number | null)[] = [];
    let verdicts = '';
    for (let window = trail.oldest; window <= trail.newest; window++) {
      const value = trail.value(place, window);
      const verdict = trail.verdict(place, window);
      values.push(Number.isFinite(value) ? value : null);
      verdicts += verdict === null ? '-' : LETTERS[verdict];
    }
    keys.push({ key, values, verdicts });
  }
  return { query: watch.rule.canonical, newest: trail.newest, notes, keys };
}

/** False: the windows are of another query, or keys of other columns. */
export function resumeTrail(watch: RuleWatch, saved: SavedTrail): boolean {
  const { rule, trail } = watch;
  const by = rule.by.join('\n');
  const isSame = saved.keys.every(({ key }) => Object.keys(key).join('\n') === by);
  if (saved.query !== rule.canonical || !isSame || trail.newest >= 0) return false;
  trail.resume(saved.notes, saved.newest);
  const oldest = saved.newest - saved.notes.length + 1;
  for (const { key, values, verdicts } of saved.keys) {
    const { place } = watch.addKey(key);
    values.forEach((value, i) => {
      const verdict = VERDICTS.get(verdicts[i] ?? '-') as Verdict | undefined;
      if (verdict === undefined) return;
      trail.recall(place, oldest + i, { value: value ?? Number.NaN, verdict });
    });
  }
  return true;
}
