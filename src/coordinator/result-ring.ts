/**
 * The newest results of one pipeline, for replay to new subscribers and resume of old ones. Bounded
 * by count and bytes, and by what all pipelines keep together; what falls out is answered with one
 * `gap`. Kept is the text that was sent: a result is read back when somebody asks for it.
 *
 * Ids are `<incarnation>-<counter>`: the counter grows by one a message, so that a client that
 * names the last id it saw gets exactly what came after.
 */
import type { RowsMessage } from '../wire/results.ts';
import type { RingSpace } from './ring-space.ts';

export interface KeptResult {
  readonly counter: number;
  readonly body: string;
}

interface RingOptions {
  readonly incarnation: string;
  readonly entriesMax: number;
  readonly bytesMax: number;
  readonly space: RingSpace;
}

/** What an entry takes besides its text: two objects' headers and its place in the list. */
const ENTRY_BYTES = 64;

export class ResultRing {
  readonly incarnation: string;
  readonly #entriesMax: number;
  readonly #bytesMax: number;
  readonly #space: RingSpace;
  readonly #entries: KeptResult[] = [];
  #bytes = 0;
  #counter = 0;

  constructor(options: RingOptions) {
    this.incarnation = options.incarnation;
    this.#entriesMax = options.entriesMax;
    this.#bytesMax = options.bytesMax;
    this.#space = options.space;
    this.#space.open();
  }

  /** Keeps the text of a result and gives it its id. */
  push(body: string): string {
    this.#counter++;
    this.#entries.push({ counter: this.#counter, body });
    this.#hold(body.length + ENTRY_BYTES);
    while (
      this.#entries.length > this.#entriesMax ||
      (this.#isTooMuch && this.#entries.length > 1)
    ) {
      this.#hold(-((this.#entries.shift()?.body.length ?? 0) + ENTRY_BYTES));
    }
    return this.id(this.#counter);
  }

  /** The pipeline is over. */
  close(): void {
    this.#space.close(this.#bytes);
    this.#entries.length = 0;
    this.#bytes = 0;
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

  get #isTooMuch(): boolean {
    return this.#bytes > this.#bytesMax || this.#space.isTooMuch(this.#bytes);
  }

  #hold(bytes: number): void {
    this.#bytes += bytes;
    this.#space.add(bytes);
  }
}

/** The message that was kept. */
export function messageOf({ body }: KeptResult): RowsMessage {
  return JSON.parse(body) as RowsMessage;
}
