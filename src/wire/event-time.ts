/**
 * Event time out of a field's value: a number in s, ms, µs or ns since 1970, told apart by its
 * magnitude (each unit covers the years 1973 to 5138 of the one below), or an ISO 8601 text.
 */
const SECONDS_MAX = 1e11;
const MS_MAX = 1e14;
const US_MAX = 1e17;
const NS_MAX = 1e20;

const ISO_8601 =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?(?:Z|[+-]\d{2}:?\d{2})?$/i;
const ZONE = /(?:Z|[+-]\d{2}:?\d{2})$/i;
const DIGITS = /^\d+(?:\.\d+)?$/;

/** Milliseconds since 1970, rounded down to whole ones; null: not readable as a time. */
export function eventTimeMs(value: unknown): number | null {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value === 'string') return fromText(value);
  return value instanceof Date ? finite(value.getTime()) : null;
}

function fromNumber(value: number): number | null {
  if (!(value >= 0) || value >= NS_MAX) return null;
  if (value < SECONDS_MAX) return Math.floor(roundedMs(value));
  if (value < MS_MAX) return Math.floor(value);
  return Math.floor(value < US_MAX ? value / 1e3 : value / 1e6);
}

/** Seconds with three decimals times 1,000 may end in …999.9999; that is meant to be whole. */
function roundedMs(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e3;
}

function fromText(text: string): number | null {
  if (DIGITS.test(text)) return fromNumber(Number(text));
  if (text.length > 40 || !ISO_8601.test(text)) return null;
  const normal = text.trim().replace(' ', 'T').replace(',', '.');
  // A time without a zone is UTC: where a machine stands must change no answer.
  const local = normal.length > 10 && !ZONE.test(normal);
  return finite(Date.parse(local ? `${normal}Z` : normal));
}

function finite(ms: number): number | null {
  return Number.isFinite(ms) ? Math.floor(ms) : null;
}
