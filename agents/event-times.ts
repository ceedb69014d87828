/**
 * What time an event has: that of publishing, by the engine's clock as far as it is known, or that
 * of a field.
 */
import type { Clock } from '../src/core/clock.ts';
import { parsePath } from '../src/ir/path-text.ts';
import { compilePath } from '../src/ir/path.ts';
import type { PathReader } from '../src/ir/path.ts';
import type { Event } from '../src/model/value.ts';
import type { TimePolicy } from '../src/wire/agent-messages.ts';
import { eventTimeMs } from '../src/wire/event-time.ts';

export class EventTimes {
  /** Events whose time field was not readable; they were taken at the time they were published. */
  badTimes = 0;
  readonly #clock: Clock;
  readonly #offsetMs: () => number;
  /** Null: events are timed when they are published. */
  readonly #read: PathReader | null;

  constructor(policy: TimePolicy, clock: Clock, offsetMs: () => number) {
    this.#clock = clock;
    this.#offsetMs = offsetMs;
    this.#read = policy.kind === 'field' ? timeReader(policy.field ?? '') : null;
  }

  /** The engine's clock, as far as it is known. */
  nowMs(): number {
    return this.#clock.now() + this.#offsetMs();
  }

  /** Of an event that is published at `nowMs`, and not before what was promised. */
  of(event: Event, nowMs: number, promisedMs: number): number {
    if (this.#read !== null) {
      const timeMs = eventTimeMs(this.#read(event));
      if (timeMs !== null) return timeMs;
      this.badTimes++;
    }
    // A corrected offset may set the clock back, but never behind what the engine was promised.
    return Math.max(Math.floor(nowMs), promisedMs);
  }
}

/** A path as queries write it, or else exactly that key. */
function timeReader(field: string): PathReader {
  const path = parsePath(field);
  return compilePath(path.ok && path.value.length > 0 ? path.value : [{ by: 'key', key: field }]);
}
