/** What a decoder makes of a body: events, and what of it could not be read. */
import type { Event } from '../model/value.ts';

export interface LineError {
  /** 1-based line of text, 1-based element of a list, or 1-based record of a message. */
  readonly line: number;
  readonly message: string;
}

export interface Translated {
  readonly events: readonly Event[];
  /** Where each event stood. */
  readonly lines: readonly number[];
  readonly errors: readonly LineError[];
  /** How many there are of each kind, for protocols whose senders are told. */
  readonly kinds?: SampleKinds;
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
  /** Records so far, good and bad. */
  #line = 0;

  get taken(): Translated {
    return { events: this.events, lines: this.lines, errors: this.errors };
  }

  add(event: Event): void {
    this.events.push(event);
    this.lines.push(++this.#line);
  }

  /** `count`: events that the record would have been. */
  refuse(message: string, count = 1): void {
    for (let i = 0; i < count; i++) this.errors.push({ line: ++this.#line, message });
  }
}
