/**
 * Finds out what a log looks like from its first lines: the format that explains most of them, the
 * more telling one first (JSON, access log, logfmt), and says so. What nothing explains is taken
 * line by line as `message`.
 */
import type { Event } from '../../src/model/value.ts';
import { eventTimeMs } from '../../src/wire/event-time.ts';
import { combinedParser } from './combined.ts';
import type { LineParser } from './contract.ts';
import { jsonParser } from './json.ts';
import { logfmtParser } from './logfmt.ts';

export interface Guess {
  readonly parser: LineParser;
  /** For the terminal, e.g. `combined with $msec $request_time (10 of 10 lines)`. */
  readonly reason: string;
}

/** A format must explain this share of the lines. */
const SHARE_MIN = 0.5;
/** Where the time stands, by the names that `evaluate` knows too. */
const TIME_FIELDS: readonly string[] = ['ts', 'timestamp', '@timestamp', 'time'];

export function guessFormat(lines: readonly string[]): Guess {
  const sample = lines.filter((line) => line.trim() !== '');
  for (const candidate of candidates(sample)) {
    const read = sample.filter((line) => candidate.parse(line) !== null).length;
    if (read > 0 && read >= sample.length * SHARE_MIN) {
      return { parser: candidate, reason: `${candidate.name} (${read} of ${sample.length} lines)` };
    }
  }
  return { parser: textParser, reason: `plain text (${sample.length} lines of no known format)` };
}

/** The field that is a time in every event, if they agree on one; for a given format too. */
export function timeFieldOf(events: readonly Event[]): string | null {
  if (events.length === 0) return null;
  const isTime = (field: string): boolean =>
    events.every((event) => Object.hasOwn(event, field) && eventTimeMs(event[field]) !== null);
  return TIME_FIELDS.find(isTime) ?? null;
}

/** Every line as it is. */
export const textParser: LineParser = {
  name: 'text',
  timeField: null,
  timeStepMs: 1,
  parse: (line) => ({ message: line }),
};

function* candidates(sample: readonly string[]): Iterable<LineParser> {
  yield jsonParser(timeFieldOf(eventsOf(jsonParser(null), sample)));
  yield* accessLogs(sample);
  yield logfmtParser(timeFieldOf(eventsOf(logfmtParser(null), sample)));
}

/** One for each format that some line suggests. */
function accessLogs(sample: readonly string[]): readonly LineParser[] {
  const byName = new Map<string, LineParser>();
  for (const line of sample) {
    const parser = combinedParser(line);
    if (parser !== null) byName.set(parser.name, parser);
  }
  return [...byName.values()];
}

function eventsOf(parser: LineParser, sample: readonly string[]): readonly Event[] {
  return sample.map((line) => parser.parse(line)).filter((event) => event !== null);
}
