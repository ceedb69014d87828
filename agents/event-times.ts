/**
 * What time an event has: that of publishing, by the engine's clock as far as it is known, or that
 * of a field.
 */
import type { Clock } from '../src/core/clock.ts';
import type { RowContext } from '../src/expr/context.ts';
import { parsePath } from '../src/ir/path-text.ts';
import { compilePath } from '../src/ir/path.ts';
import type { PathReader } from '../src/ir/path.ts';
import type { Event, Value } from '../src/model/value.ts';
import type { TimePolicy } from '../src/wire/agent-messages.ts';
import { eventTimeMs } from '../src/wire/event-time.ts';
import { readingsOf } from './turn-clock.ts';
import type { ReadingClock } from './turn-clock.ts';

export class EventTimes {
  /** Events whose time field was not readable; they were taken at the time they were published. */
  badTimes = 0;
  /** How far the event that was stamped last is ahead of the clock. */
  aheadMs = 0;
  readonly #clock: ReadingClock;
  readonly #offsetMs: () => number;
  /** Null: events are timed when they are published. */
  readonly #read: PathReader | null;
  #promisedMs = -Infinity;
  /** The row that has the times of this reading; 0: none has. */
  #reading = 0;
  #row: RowContext | null = null;

  constructor(policy: TimePolicy, clock: Clock, offsetMs: () => number) {
    this.#clock = readingsOf(clock);
    this.#offsetMs = offsetMs;
    this.#read = policy.kind === 'field' ? timeReader(policy.field ?? '') : null;
  }

  /** No event is published before this from now on; −Infinity: nothing is promised. */
  get promisedMs(): number {
    return this.#promisedMs;
  }

  set promisedMs(promisedMs: number) {
    this.#promisedMs = promisedMs;
    this.#reading = 0;
  }

  /**
   * Sets the times of the row, whose event is published now. A row that was stamped by the same
   * reading of the clock has them: that is so for most events of a burst.
   */
  stamp(row: RowContext, event: Event): void {
    const reading = this.#clock.take();
    if (reading !== this.#reading || row !== this.#row) this.#stampAnew(row, event, reading);
  }

  #stampAnew(row: RowContext, event: Event, reading: number): void {
    const nowMs = this.#clock.nowMs + this.#offsetMs();
    row.nowMs = nowMs;
    row.ingestMs = nowMs;
    // A corrected offset may set the clock back, but never behind what the engine was promised.
    row.timeMs = Math.max(Math.floor(nowMs), this.#promisedMs);
    if (this.#read === null) {
      this.#reading = reading;
      this.#row = row;
    } else this.#stampField(row, this.#read(event));
    this.aheadMs = row.timeMs - nowMs;
  }

  #stampField(row: RowContext, value: Value): void {
    const timeMs = eventTimeMs(value);
    if (timeMs === null) this.badTimes++;
    else row.timeMs = timeMs;
  }
}

/** A path as queries write it, or else exactly that key. */
function timeReader(field: string): PathReader {
  const path = parsePath(field);
  return compilePath(path.ok && path.value.length > 0 ? path.value : [{ by: 'key', key: field }]);
}
