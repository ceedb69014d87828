/**
 * The newest results of one pipeline, for replay to new subscribers and resume of old ones. Bounded
 * by count and bytes; what falls out is answered with one `gap`.
 *
 * Ids are `<incarnation>-<counter>`: the counter grows by one a message, so that a client that
 * names the last id it saw gets exactly what came after.
 */
import type { RowsMessage } from '../wire/results.ts';

export interface KeptResult {
  readonly counter: number;
  readonly message: RowsMessage;
  readonly body: string;
}

export class ResultRing {
  readonly incarnation: string;
  readonly #entriesMax: number;
  readonly #bytesMax: number;
  readonly #entries: KeptResult[] = [];
  #bytes = 0;
  #counter = 0;

  constructor(options: { incarnation: string; entriesMax: number; bytesMax: number }) {
    this.incarnation = options.incarnation;
    this.#entriesMax = options.entriesMax;
    this.#bytesMax = options.bytesMax;
  }

  /** Keeps a result and gives it its id. */
  push(message: RowsMessage, body: string): string {
    this.#counter++;
    this.#entries.push({ counter: this.#counter, message, body });
    this.#bytes += body.length;
    while (
      this.#entries.length > this.#entriesMax ||
      (this.#bytes > this.#bytesMax && this.#entries.length > 1)
    ) {
      this.#bytes -= this.#entries.shift()?.body.length ?? 0;
    }
    return this.id(this.#counter);
  }

  id(counter: number): string {
    return `${this.incarnation}-${counter}`;
  }

  all(): readonly KeptResult[] {
    return this.#entries;
  }

  /** What came after `id`; null if that cannot be told (unknown incarnation, or fallen out). */
  after(id: string): readonly KeptResult[] | null {
    const dash = id.lastIndexOf('-');
    const counter = Number(id.slice(dash + 1));
    if (id.slice(0, dash) !== this.incarnation || !Number.isInteger(counter)) return null;
    if (counter > this.#counter || counter < 0) return null;
    const oldest = this.#entries[0]?.counter ?? this.#counter + 1;
    if (counter + 1 < oldest) return null;
    return this.#entries.filter((entry) => entry.counter > counter);
  }
}
