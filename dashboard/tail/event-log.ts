/**
 * The newest events of a tail in a ring, each with a number that it keeps. Adding is O(1); what is
 * older than the ring is forgotten, its count is not.
 */
import type { ValueObject } from '../../src/model/value.ts';

export interface LoggedEvent {
  /** Counts all events of the tail, from 0. */
  readonly number: number;
  /** Milliseconds UTC; null: the engine did not say. */
  readonly timeMs: number | null;
  readonly event: ValueObject;
  /** The event stands for so many. */
  readonly oneIn: number;
}

export class EventLog {
  readonly #size: number;
  readonly #ring: LoggedEvent[] = [];
  #count = 0;
  #length = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** All that ever came. */
  get count(): number {
    return this.#count;
  }

  get length(): number {
    return this.#length;
  }

  add(entry: Omit<LoggedEvent, 'number'>): void {
    const number = this.#count++;
    this.#ring[number % this.#size] = { ...entry, number };
    if (this.#length < this.#size) this.#length++;
  }

  /** Newest first: 0 ≤ index < length. */
  at(index: number): LoggedEvent | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    return this.#ring[(this.#count - 1 - index) % this.#size];
  }

  /** As they are now, newest first. */
  snapshot(): readonly LoggedEvent[] {
    return Array.from({ length: this.#length }, (_, index) => this.at(index) as LoggedEvent);
  }
}
