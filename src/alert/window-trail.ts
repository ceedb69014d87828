/**
 * The last windows of one rule, and what each said of each of its alerts: the value and the
 * verdict. One ring of windows for the whole rule; within a window one place for each alert, so
 * that taking in a window writes one stretch of memory from front to back.
 *
 * ```text
 *               place 0   1    2    3        slot = window mod length
 *   window 41 │    7.0   3.0   –   2.0       verdict 0: the alert was in no row
 *   window 42 │    7.5    –    –   2.0       why: empty, or why the window proved nothing
 * ```
 *
 * Windows are numbered from 0, also across restarts.
 *
 * Bench: bench/alert.ts.
 */
import type { Verdict } from './key-state.ts';

export interface WindowNote {
  readonly startMs: number;
  readonly endMs: number;
  /** Empty: the window was evidence. */
  readonly why: string;
  /** Share of the truth that it saw, 0 … 1. */
  readonly share: number;
}

const VERDICTS: readonly Verdict[] = ['unknown', 'holds', 'clear', 'between'];
const CODES: Readonly<Record<Verdict, number>> = { unknown: 1, holds: 2, clear: 3, between: 4 };

/** Places that a rule begins with; doubled when there are more alerts. */
const PLACES = 4;

export class WindowTrail {
  readonly #length: number;
  readonly #notes: (WindowNote | null)[];
  /** `#capacity` of each slot, slot after slot. */
  #values: Float64Array;
  /** 0: no entry; else 1 + index of the verdict. Laid out as `#values`. */
  #verdicts: Uint8Array;
  readonly #free: number[] = [];
  #places = 0;
  #capacity = PLACES;
  #newest = -1;
  /** Number of the first window that is known of. */
  #first = 0;

  /** `length`: windows that are remembered. */
  constructor(length: number) {
    this.#length = length;
    this.#notes = Array.from({ length }, () => null);
    this.#values = new Float64Array(length * PLACES);
    this.#verdicts = new Uint8Array(length * PLACES);
  }

  /** Number of the newest window; −1: none. */
  get newest(): number {
    return this.#newest;
  }

  /** Number of the oldest window still known. */
  get oldest(): number {
    return Math.max(this.#first, this.#newest - this.#length + 1);
  }

  /** The next window, of which nothing is said of any alert yet. */
  push(note: WindowNote): void {
    this.#newest++;
    const slot = this.#newest % this.#length;
    this.#notes[slot] = note;
    const from = slot * this.#capacity;
    this.#verdicts.fill(0, from, from + this.#capacity);
  }

  /** Says of the alert at `place` what the newest window said. */
  set(place: number, value: number, verdict: Verdict): void {
    const index = this.#indexOf(place, this.#newest);
    this.#values[index] = value;
    this.#verdicts[index] = CODES[verdict];
  }

  at(window: number): WindowNote | null {
    return this.#knows(window) ? this.#notes[window % this.#length]! : null;
  }

  /** NaN: no number there. */
  value(place: number, window: number): number {
    if (this.verdict(place, window) === null) return Number.NaN;
    return this.#values[this.#indexOf(place, window)]!;
  }

  /** Null: no entry, or too long ago. */
  verdict(place: number, window: number): Verdict | null {
    if (!this.#knows(window)) return null;
    const code = this.#verdicts[this.#indexOf(place, window)]!;
    return code === 0 ? null : VERDICTS[code - 1]!;
  }

  /** A place for one more alert, of which nothing is said yet. */
  claim(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#places === this.#capacity) this.#grow();
    return this.#places++;
  }

  /** The alert is watched no more; another may have its place. */
  release(place: number): void {
    for (let slot = 0; slot < this.#length; slot++) {
      this.#verdicts[slot * this.#capacity + place] = 0;
    }
    this.#free.push(place);
  }

  /** Goes on after windows that an earlier process took in; nothing was taken in before. */
  resume(notes: readonly WindowNote[], newest: number): void {
    const kept = notes.slice(-this.#length);
    this.#newest = newest;
    this.#first = newest - kept.length + 1;
    kept.forEach((note, i) => {
      this.#notes[(this.#first + i) % this.#length] = note;
    });
  }

  /** What an earlier process knew of the alert at `place` in `window`. */
  recall(place: number, window: number, said: { value: number; verdict: Verdict }): void {
    if (!this.#knows(window)) return;
    const index = this.#indexOf(place, window);
    this.#values[index] = said.value;
    this.#verdicts[index] = CODES[said.verdict];
  }

  #knows(window: number): boolean {
    return window >= this.oldest && window <= this.#newest;
  }

  #indexOf(place: number, window: number): number {
    return (window % this.#length) * this.#capacity + place;
  }

  #grow(): void {
    const before = this.#capacity;
    this.#capacity = before * 2;
    const values = new Float64Array(this.#length * this.#capacity);
    const verdicts = new Uint8Array(this.#length * this.#capacity);
    for (let slot = 0; slot < this.#length; slot++) {
      const [from, to] = [slot * before, (slot + 1) * before];
      values.set(this.#values.subarray(from, to), slot * this.#capacity);
      verdicts.set(this.#verdicts.subarray(from, to), slot * this.#capacity);
    }
    this.#values = values;
    this.#verdicts = verdicts;
  }
}
