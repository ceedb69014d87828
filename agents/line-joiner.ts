/**
 * Events of several lines, stack traces for example: a line that matches the pattern begins one,
 * the others go on with it. Pure; whoever reads says when nothing has come for a while.
 */
import { compileRegex } from '../src/expr/regex.ts';

export interface JoinBounds {
  readonly linesMax: number;
  /** Characters of one event. */
  readonly lengthMax: number;
}

export class LineJoiner {
  readonly #begins: (line: string) => boolean;
  readonly #bounds: JoinBounds;
  #lines: string[] = [];
  #length = 0;
  #cut = 0;

  /** @throws Error with a sentence for the user if the pattern (RE2 syntax) is none. */
  constructor(pattern: string, bounds: JoinBounds) {
    const regex = compileRegex(pattern);
    if (!regex.ok) throw new Error(`multiline: ${regex.error.message}`);
    this.#begins = regex.value.find;
    this.#bounds = bounds;
  }

  /** Lines of events that were longer than they may be, and are left out of them. */
  get cut(): number {
    return this.#cut;
  }

  /** An event has begun and may go on. */
  get isOpen(): boolean {
    return this.#lines.length > 0;
  }

  /** The events that ended because another began. */
  push(lines: readonly string[]): readonly string[] {
    const events: string[] = [];
    for (const line of lines) {
      if (this.#begins(line)) events.push(...this.finish());
      this.#add(line);
    }
    return events;
  }

  /** The event that has begun, if one has. */
  finish(): readonly string[] {
    if (this.#lines.length === 0) return [];
    const event = this.#lines.join('\n');
    this.#lines = [];
    this.#length = 0;
    return [event];
  }

  #add(line: string): void {
    const { linesMax, lengthMax } = this.#bounds;
    const isFull = this.#lines.length >= linesMax || this.#length + line.length > lengthMax;
    if (isFull && this.#lines.length > 0) {
      this.#cut++;
      return;
    }
    this.#lines.push(line);
    this.#length += line.length + 1;
  }
}
