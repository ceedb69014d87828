/** A line of pino's as an event: its JSON, with the name of the level for the number. */
import type { Event, Value } from '../../src/model/value.ts';

const LEVELS: ReadonlyMap<Value | undefined, string> = new Map([
  [10, 'trace'],
  [20, 'debug'],
  [30, 'info'],
  [40, 'warn'],
  [50, 'error'],
  [60, 'fatal'],
]);

/** Null: not a line of pino's. Levels of the service's own stay numbers. */
export function pinoEvent(line: string): Event | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const event = value as { level?: Value } & Event;
    const level = LEVELS.get(event.level);
    if (level !== undefined) event.level = level;
    return event;
  } catch {
    // Something else was written to the same destination.
    return null;
  }
}
