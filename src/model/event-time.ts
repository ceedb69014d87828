/**
 * Reads a value as an event time. Numbers are seconds, milliseconds, microseconds or nanoseconds
 * since 1970, told apart by magnitude (each covers the years 1973 to 5138 in its own unit); strings
 * are ISO 8601, or such a number.
 */
import type { Value } from './value.ts';

const SECONDS_MAX = 1e11;
const MILLIS_MAX = 1e14;
const MICROS_MAX = 1e17;

/** Milliseconds since 1970, possibly fractional; null if the value is not a time. */
export function eventTimeFrom(value: Value): number | null {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string' || value.length === 0 || value.length > 64) return null;
  const number = Number(value);
  if (Number.isFinite(number)) return fromNumber(number);
  if (!ISO_8601.test(value)) return null;
  const parsed = Date.parse(value);
  return Number.isNaN(parsed) ? null : parsed;
}

// Date.parse alone accepts much that is not a time ("route 66").
const ISO_8601 =
  /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

function fromNumber(value: number): number | null {
  if (!Number.isFinite(value) || value < 0) return null;
  if (value < SECONDS_MAX) return value * 1_000;
  if (value < MILLIS_MAX) return value;
  if (value < MICROS_MAX) return value / 1_000;
  return value / 1_000_000;
}
