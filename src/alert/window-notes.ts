/** The last windows of one rule, numbered from 0: which they were and why they proved nothing. */
export interface WindowNote {
  readonly startMs: number;
  readonly endMs: number;
  /** Empty: the window was evidence. */
  readonly why: string;
  readonly share: number;
}

export class WindowNotes {
  readonly #notes: WindowNote[] = [];
  readonly #length: number;
  #newest = -1;

  constructor(length: number) {
    this.#length = length;
  }

  /** Number of the newest window; −1: none. */
  get newest(): number {
    return this.#newest;
  }

  /** Number of the oldest window still known. */
  get oldest(): number {
    return Math.max(0, this.#newest - this.#length + 1);
  }

  push(note: WindowNote): void {
    this.#newest++;
    this.#notes[this.#newest % this.#length] = note;
  }

  at(window: number): WindowNote | null {
    if (window < this.oldest || window > this.#newest) return null;
    return this.#notes[window % this.#length] ?? null;
  }
}
