/**
 * What the last windows said of one alert, in a ring of fixed length: the value, the verdict and
 * the row. Windows are numbered per rule; an alert that was in no row of a window has no entry.
 *
 * ```text
 *   window   … 41   42   43   44        slot = window mod length
 *   slot        1    2    3    0
 *   value      7.0  3.0   –   2.0       verdict 0: nothing was said
 * ```
 */
import type { Verdict } from './key-state.ts';

const VERDICTS: readonly Verdict[] = ['unknown', 'holds', 'clear', 'between'];
const CODES: Readonly<Record<Verdict, number>> = { unknown: 1, holds: 2, clear: 3, between: 4 };

export class WindowTrail {
  readonly #values: Float64Array;
  /** 0: no entry; else 1 + index of the verdict. */
  readonly #verdicts: Uint8Array;
  #newest = -1;

  constructor(length: number) {
    this.#values = new Float64Array(length);
    this.#verdicts = new Uint8Array(length);
  }

  /** Number of the newest window with an entry; −1: none. */
  get newest(): number {
    return this.#newest;
  }

  /** `window` is not below the newest one. */
  push(window: number, value: number, verdict: Verdict): void {
    const length = this.#values.length;
    const skipped = Math.min(length, window - this.#newest - 1);
    for (let back = 1; back <= skipped; back++) {
      this.#verdicts[(window - back + length) % length] = 0;
    }
    const slot = window % length;
    this.#values[slot] = value;
    this.#verdicts[slot] = CODES[verdict];
    this.#newest = window;
  }

  /** NaN: no number there. */
  value(window: number): number {
    return this.verdict(window) === null ? Number.NaN : this.#values[this.#slot(window)]!;
  }

  /** Null: no entry, or too long ago. */
  verdict(window: number): Verdict | null {
    if (window > this.#newest || window <= this.#newest - this.#values.length || window < 0) {
      return null;
    }
    const code = this.#verdicts[this.#slot(window)]!;
    return code === 0 ? null : VERDICTS[code - 1]!;
  }

  #slot(window: number): number {
    return window % this.#values.length;
  }
}
