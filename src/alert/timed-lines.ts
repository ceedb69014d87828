/** Lines of NDJSON as events of the past, in order of time. */
import { isObject } from '../model/value.ts';
import type { Value, ValueObject } from '../model/value.ts';
import { eventTimeMs } from '../wire/event-time.ts';

export interface TimedEvent {
  readonly timeMs: number;
  readonly event: ValueObject;
}

/** `field` holds the time of an event. @throws Error that says what is wrong with the line. */
export function timedEvent(text: string, field: string, lastMs: number): TimedEvent {
  const event = JSON.parse(text) as Value;
  const timeMs = isObject(event) ? eventTimeMs(event[field] ?? null) : null;
  if (timeMs === null || !isObject(event)) throw new Error(`no time in \`${field}\``);
  if (timeMs < lastMs) throw new Error('events have to come in order of time; sort them first');
  return { timeMs, event };
}
