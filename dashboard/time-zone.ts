/** Local time or UTC, for every time on the page; the choice is kept in the browser. */
import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { storedText, storeText } from './browser-storage.ts';

export type TimeZoneChoice = 'local' | 'utc';

const KEY = 'squilla.time-zone';

export const timeZone: Signal<TimeZoneChoice> = signal(storedText(KEY) === 'utc' ? 'utc' : 'local');

export function switchTimeZone(): void {
  timeZone.value = timeZone.value === 'utc' ? 'local' : 'utc';
  storeText(KEY, timeZone.value);
}

/** Hours, minutes and seconds of a moment in the chosen zone. */
export function clockParts(ms: number): readonly [number, number, number] {
  const date = new Date(ms);
  return timeZone.value === 'utc'
    ? [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
    : [date.getHours(), date.getMinutes(), date.getSeconds()];
}

/** Year, month (from 1) and day. */
export function dateParts(ms: number): readonly [number, number, number] {
  const date = new Date(ms);
  return timeZone.value === 'utc'
    ? [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
    : [date.getFullYear(), date.getMonth() + 1, date.getDate()];
}
