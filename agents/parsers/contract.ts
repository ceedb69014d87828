/** A line of a log into an event. Parsers are pure and never throw. */
import type { Event } from '../../src/model/value.ts';

export interface LineParser {
  /** As named on the command line and in messages. */
  readonly name: string;
  /** Field that holds the event's time; null: the time of reading. */
  readonly timeField: string | null;
  /** How exact that time is: 1, or 1,000 for whole seconds. */
  readonly timeStepMs: number;
  /** Null: not a line of this format. */
  parse(line: string): Event | null;
}
