/**
 * The watermark of a stream that several files feed: it never passes what the slowest of them has
 * been read to.
 */
import type { AgentStream } from './published-stream.ts';

export class SharedHold {
  readonly stream: AgentStream;
  readonly #byFile = new Map<string, number>();
  #heldMs = 0;

  constructor(stream: AgentStream) {
    this.stream = stream;
  }

  /** The file was read up to that time; a new file stands at the beginning. */
  reached(file: string, timeMs: number): void {
    this.#byFile.set(file, Math.max(this.#byFile.get(file) ?? 0, timeMs));
    this.#hold();
  }

  forget(file: string): void {
    this.#byFile.delete(file);
    if (this.#byFile.size > 0) this.#hold();
  }

  /** Only ever forward. */
  #hold(): void {
    const timeMs = Math.min(...this.#byFile.values());
    if (timeMs <= this.#heldMs && this.#heldMs > 0) return;
    this.#heldMs = timeMs;
    this.stream.hold(timeMs);
  }
}
