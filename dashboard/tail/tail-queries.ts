/**
 * The two queries of a tail as texts: one counts what matches, second by second and whole; the
 * other brings the events, or one in so many of them.
 */
import { fieldText, sourceText } from '../examples.ts';

export interface TailQuestion {
  readonly stream: string;
  /** A condition of the language; empty: every event. */
  readonly filter: string;
}

/** Before and after the condition; a line end, so that a comment in it ends where it does. */
const WHERE_OPENS = ' where (';
const WHERE_CLOSES = '\n)';

/** The column in which an event's time comes. No field is called like that. */
export const TIME_COLUMN = 'event_time()';

export function countQuery(question: TailQuestion): string {
  return `select count(*) as n from ${fromText(question)} window 1s`;
}

/** @param oneIn Whole, at least 1: how many events stand behind one that is brought. */
export function eventsQuery(question: TailQuestion, oneIn: number): string {
  const sample =
    oneIn <= 1 ? '' : ` sample {"strategy": "RANDOM", "threshold": 1, "factor": ${oneIn}}`;
  return `${eventsHead}${fromText(question)}${sample}`;
}

const eventsHead = `select ${TIME_COLUMN}, * from `;

/** Where the condition begins in {@link eventsQuery}, for the places of mistakes. */
export function filterStart({ stream }: TailQuestion): number {
  return eventsHead.length + sourceText(stream).length + WHERE_OPENS.length;
}

function fromText({ stream, filter }: TailQuestion): string {
  const source = sourceText(stream);
  return filter.trim() === '' ? source : source + WHERE_OPENS + filter + WHERE_CLOSES;
}

/** The condition, narrowed to events whose field has the value, or has it not. */
export function narrowedFilter(
  filter: string,
  { field, value, has }: { readonly field: string; readonly value: unknown; readonly has: boolean },
): string | null {
  const test = testOf(fieldText(field), value, has);
  if (test === null) return null;
  const known = filter.trim();
  if (known === '') return test;
  if (known.split(' and ').includes(test)) return known;
  return `${/\bor\b|--/i.test(known) ? `(${known}\n)` : known} and ${test}`;
}

function testOf(name: string, value: unknown, has: boolean): string | null {
  if (value === null || value === undefined) return `${name} is ${has ? '' : 'not '}null`;
  const operator = has ? '=' : '!=';
  if (typeof value === 'string') return `${name} ${operator} '${value.replaceAll("'", "''")}'`;
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) {
    return `${name} ${operator} ${String(value)}`;
  }
  return null;
}
