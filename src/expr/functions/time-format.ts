/**
 * `format_time`: the template patterns of PostgreSQL's to_char that operators need, in any case
 * (HH24 and hh24); text in double quotes and everything unknown stands for itself.
 */

type Field = (date: Date) => string;

export function formatTime(date: Date, format: string): string {
  return format.replace(PATTERN, (found) =>
    found.startsWith('"') ? found.replaceAll('"', '') : fieldNamed(found)(date),
  );
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const FIELDS: Readonly<Record<string, Field>> = {
  YYYY: (date) => pad(date.getUTCFullYear(), 4),
  YY: (date) => pad(date.getUTCFullYear() % 100, 2),
  MM: (date) => pad(date.getUTCMonth() + 1, 2),
  DD: (date) => pad(date.getUTCDate(), 2),
  HH24: (date) => pad(date.getUTCHours(), 2),
  HH12: (date) => pad(date.getUTCHours() % 12 || 12, 2),
  HH: (date) => pad(date.getUTCHours() % 12 || 12, 2),
  MI: (date) => pad(date.getUTCMinutes(), 2),
  SS: (date) => pad(date.getUTCSeconds(), 2),
  MS: (date) => pad(date.getUTCMilliseconds(), 3),
  MON: (date) => MONTHS[date.getUTCMonth()] ?? '',
  DY: (date) => DAYS[date.getUTCDay()] ?? '',
  AM: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  PM: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
};

/** Longest first, so that YYYY is not two YY. */
const PATTERN = /"[^"]*"|YYYY|HH24|HH12|MON|YY|MM|DD|HH|MI|SS|MS|DY|AM|PM/gi;

function fieldNamed(name: string): Field {
  return FIELDS[name.toUpperCase()] ?? (() => name);
}

function pad(value: number, width: number): string {
  const digits = String(Math.abs(value)).padStart(width, '0');
  return value < 0 ? `-${digits}` : digits;
}
