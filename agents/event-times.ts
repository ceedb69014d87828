/**
 * What time an event has: that of publishing, by the engine's clock as far as it is known, or that
 * of a field.
 */
import type { Clock } from '../src/core/clock.ts';
import type { RowContext } from '../src/expr/context.ts';
import { parsePath } from '../src/ir/path-text.ts';
import { compilePath } from '../src/ir/path.ts';
import type { PathReader } from '../src/ir/path.ts';
import type { Value } from '../src/model/value.ts';
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

  /** Sets the times of the row's event, which is published now and not before what was promised. */
  stamp(row: RowContext, promisedMs: number): void {
    const nowMs = this.#clock.now() + this.#offsetMs();
    row.nowMs = nowMs;
    row.ingestMs = nowMs;
    // A corrected offset may set the clock back, but never behind what the engine was promised.
    row.timeMs = Math.max(Math.floor(nowMs), promisedMs);
    if (this.#read !== null) this.#stampField(row, this.#read(row.event));
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
