/**
 * Calendar functions, UTC only: results must not depend on where a stage runs. Times outside the
 * range of ECMAScript dates (± 8.64e15 ms) give null and count as not finite.
 */
import type { Value } from '../../model/value.ts';
import type { EvalCounters } from '../context.ts';
import { finite, mismatch } from './contract.ts';
import type { FixedFunction } from './contract.ts';
import { formatTime } from './time-format.ts';

export const TIME_FUNCTIONS: Readonly<Record<string, FixedFunction>> = {
  date_trunc: (counters, unit, t = null) => {
    if (typeof unit !== 'string' || typeof t !== 'number') return mismatch(counters);
    const name = unit.toLowerCase();
    const length = Object.hasOwn(FIXED_MS, name) ? FIXED_MS[name] : undefined;
    if (length !== undefined) return Math.floor(t / length) * length;
    return truncateCalendar(counters, name, t);
  },
  format_time: (counters, t, format = null) => {
    if (typeof t !== 'number' || typeof format !== 'string') return mismatch(counters);
    const date = new Date(t);
    if (Number.isNaN(date.getTime())) return finite(counters, Number.NaN);
    return formatTime(date, format);
  },
};

const DAY_MS = 86_400_000;

const FIXED_MS: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY_MS,
};

/** 1970-01-05 was a Monday. */
const MONDAY_MS = 4 * DAY_MS;

function truncateCalendar(counters: EvalCounters, unit: string, t: number): Value {
  if (unit === 'week') {
    return Math.floor((t - MONDAY_MS) / (7 * DAY_MS)) * 7 * DAY_MS + MONDAY_MS;
  }
  const date = new Date(t);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  if (unit === 'month') return finite(counters, startOf(year, month));
  if (unit === 'quarter') return finite(counters, startOf(year, month - (month % 3)));
  if (unit === 'year') return finite(counters, startOf(year, 0));
  return mismatch(counters);
}

/** Date.UTC takes years 0–99 for 1900–1999. */
function startOf(year: number, month: number): number {
  return new Date(0).setUTCFullYear(year, month, 1);
}
