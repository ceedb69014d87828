/**
 * How far a source may be said to be read: up to the last mark whose events the engine has
 * acknowledged, or that were given up.
 */
import type { AgentStream } from './published-stream.ts';

/** Marks that wait; beyond, the newest takes the place of the one before. */
const WAITING_MAX = 1_024;

export class SettledMark<Mark> {
  readonly #stream: AgentStream;
  /** Oldest first; each with the number of events of the stream that were taken before it. */
  readonly #waiting: { taken: number; mark: Mark }[] = [];
  #settled: Mark | null;

  constructor(stream: AgentStream, known: Mark | null) {
    this.#stream = stream;
    this.#settled = known;
  }

  /** Everything up to the mark has been published. */
  reached(mark: Mark): void {
    const { taken } = this.#stream.progress;
    const last = this.#waiting.at(-1);
    if (last !== undefined && (last.taken === taken || this.#waiting.length >= WAITING_MAX)) {
      last.taken = taken;
      last.mark = mark;
    } else this.#waiting.push({ taken, mark });
  }

  /** Null: nothing is. */
  get settled(): Mark | null {
    const { settled } = this.#stream.progress;
    while ((this.#waiting[0]?.taken ?? Infinity) <= settled) {
      this.#settled = this.#waiting.shift()?.mark ?? null;
    }
    return this.#settled;
  }

  get isSettled(): boolean {
    return this.settled !== null && this.#waiting.length === 0;
  }
}
