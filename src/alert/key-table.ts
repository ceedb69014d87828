/**
 * The alerts of one rule by their key, found for each row of each window. Bounded: keys beyond the
 * bound are refused and counted; those that are well are forgotten when no window names them.
 *
 * Rows of a query come in about the same order window by window, so the alert is first looked for
 * where it was the last time, and in the map only if it is not there.
 *
 * Bench: bench/alert.ts.
 */
import { groupKeyPart } from '../model/group-key.ts';
import type { ValueObject } from '../model/value.ts';
import { watchedKey } from './watched-key.ts';
import type { WatchedKey } from './watched-key.ts';
import type { WindowTrail } from './window-trail.ts';

/** Begins the texts of keys that are not one text alone. */
const MARK = '\u0000';

export class KeyTable {
  /** Rows whose keys were beyond the bound. */
  refused = 0;
  readonly #keys = new Map<string, WatchedKey>();
  readonly #keysMax: number;
  readonly #trail: WindowTrail;
  /** The alert of each row of the last window, by the row's place. */
  readonly #order: WatchedKey[] = [];

  constructor(keysMax: number, trail: WindowTrail) {
    this.#keysMax = keysMax;
    this.#trail = trail;
  }

  get size(): number {
    return this.#keys.size;
  }

  all(): Iterable<WatchedKey> {
    return this.#keys.values();
  }

  /**
   * The alert of the row at `place` of its window; null: it is one too many. `namedThroughMs`:
   * earlier episodes of a new one opened no later.
   */
  ofRow(
    row: ValueObject,
    place: number,
    by: readonly string[],
    namedThroughMs: number,
  ): WatchedKey | null {
    const text = textOf(row, by);
    const guess = this.#order[place];
    if (guess !== undefined && guess.rowText === text) return guess;
    const found = this.#keys.get(text) ?? this.#make(row, text, by, namedThroughMs);
    if (found !== null) this.#order[place] = found;
    return found;
  }

  /** A key that an earlier process watched. */
  add(key: ValueObject, namedThroughMs: number): WatchedKey {
    const by = Object.keys(key);
    const text = textOf(key, by);
    const known = this.#keys.get(text);
    return known ?? this.#insert(key, text, namedThroughMs);
  }

  /**
   * Lets go of keys that are well, that no window after number `window` named and that `may` go.
   */
  forgetIdle(window: number, may: (key: WatchedKey) => boolean): void {
    for (const [text, key] of this.#keys) {
      if (!key.isIdle || key.window > window || !may(key)) continue;
      this.#keys.delete(text);
      this.#trail.release(key.place);
    }
    this.#order.length = 0;
  }

  clear(): void {
    for (const { place } of this.#keys.values()) this.#trail.release(place);
    this.#keys.clear();
    this.#order.length = 0;
  }

  #make(
    row: ValueObject,
    text: string,
    by: readonly string[],
    namedThroughMs: number,
  ): WatchedKey | null {
    if (this.#keys.size >= this.#keysMax) {
      this.refused++;
      return null;
    }
    const key = Object.fromEntries(by.map((name) => [name, row[name] ?? null]));
    return this.#insert(key, text, namedThroughMs);
  }

  #insert(key: ValueObject, text: string, namedThroughMs: number): WatchedKey {
    const made = watchedKey(key, { rowText: text, place: this.#trail.claim(), namedThroughMs });
    this.#keys.set(text, made);
    return made;
  }
}

/** Equal for equal keys of one rule, and only for those. */
function textOf(row: ValueObject, by: readonly string[]): string {
  if (by.length === 1) {
    // Most keys are one text, which names itself: no new string is made for each row.
    const value = row[by[0]!];
    if (typeof value === 'string' && !value.startsWith(MARK)) return value;
  }
  let text = MARK;
  for (let i = 0; i < by.length; i++) text += groupKeyPart(row[by[i]!] ?? null);
  return text;
}
