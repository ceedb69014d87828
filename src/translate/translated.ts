/** What a decoder makes of a body: events, and what of it could not be read. */
import type { Event } from '../model/value.ts';

export interface LineError {
  /** 1-based line of text, 1-based element of a list, or 1-based record of a message. */
  readonly line: number;
  readonly message: string;
}

/** What one body may hold. */
export interface BodyBounds {
  /** Events and what is none, together; what comes behind is counted and not read. */
  readonly recordsMax: number;
  /** Messages of protobuf, or objects and lists of JSON: a body with more is refused whole. */
  readonly partsMax: number;
}

export interface Translated {
  readonly events: readonly Event[];
  /** Where each event stood. */
  readonly lines: readonly number[];
  readonly errors: readonly LineError[];
  /** Records behind the last that the body might have; absent: none. */
  readonly beyond?: number;
  /** Whether the sender is told how many of each kind were taken. */
  readonly hasKinds?: boolean;
}

export interface SampleKinds {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
}

/** Collects while a decoder runs. */
export class Translation implements Translated {
  readonly events: Event[] = [];
  readonly lines: number[] = [];
  readonly errors: LineError[] = [];
  /** Records that came when there were as many as there may be. */
  beyond = 0;
  readonly #recordsMax: number;
  /** Records so far, good and bad. */
  #line = 0;

  /** Without a bound for bodies that are bounded otherwise. */
  constructor(recordsMax = Infinity) {
    this.#recordsMax = recordsMax;
  }

  get taken(): Translated {
    return { events: this.events, lines: this.lines, errors: this.errors, beyond: this.beyond };
  }

  /** Records that the body may still have; what there is beyond is told by {@link leave}. */
  get room(): number {
    return this.#recordsMax - this.#line;
  }

  add(event: Event): void {
    if (this.room <= 0) {
      this.beyond++;
      return;
    }
    this.events.push(event);
    this.lines.push(++this.#line);
  }

  /** Records that are not even looked at, for want of room. */
  leave(count: number): void {
    this.beyond += count;
  }

  /** `count`: events that the record would have been. */
  refuse(message: string, count = 1): void {
    const told = Math.min(count, this.room);
    for (let i = 0; i < told; i++) this.errors.push({ line: ++this.#line, message });
    this.beyond += count - told;
  }
}
