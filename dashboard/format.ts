/**
 * Values, numbers and times as people read them. Telemetry is untrusted: texts are cut to a bound
 * and stripped of control and direction-changing characters; they only ever become text nodes.
 */
import { CELL_TEXT_MAX } from './limits.ts';

// Controls, line separators and bidirectional overrides: they would let a value rewrite the page
// around it. Plain right-to-left text is fine, cells isolate it.
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const FINE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 4 });
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A value on one line, bounded; null is a dash. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return safeText(value);
  return safeText(JSON.stringify(value) ?? '');
}

export function safeText(text: string, max: number = CELL_TEXT_MAX): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut.replace(UNSAFE, '\u00b7');
}

/** Four significant digits, grouped thousands; exact while a whole number fits six digits. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1_000_000_000) return `${trimmed(value / 1_000_000_000)}G`;
  if (size >= 1_000_000) return `${trimmed(value / 1_000_000)}M`;
  if (size >= 1_000 || Number.isInteger(value)) return WHOLE.format(value);
  if (size >= 100) return value.toFixed(1);
  if (size >= 10) return value.toFixed(2);
  if (size >= 0.001) return value.toFixed(3);
  return size === 0 ? '0' : value.toExponential(2);
}

/** A cell of the table: no thousands are folded away, and columns named like times read as such. */
export function cellText(value: unknown, column: string): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return valueText(value);
  if (isTimeOf(value, column))
    return `${clockText(value)}.${String(value % 1_000).padStart(3, '0')}`;
  if (Number.isInteger(value)) return WHOLE.format(value);
  return Math.abs(value) < 0.001 ? value.toExponential(3) : FINE.format(value);
}

/** Whole milliseconds between 2001 and 2096 in a column that is named like a time. */
function isTimeOf(value: number, column: string): boolean {
  if (!Number.isInteger(value) || value < 1e12 || value > 4e12) return false;
  return /^(?:ts|@?time(?:stamp)?|.*_(?:at|ts|time))$/i.test(column);
}

/** Short form for axes: `12k`, `1.5M`, `250`; ticks a small `step` apart stay told apart. */
export function axisText(value: number, step = 1): string {
  const size = Math.abs(value);
  if (step < 1 && size < 1_000) return String(Number(value.toFixed(decimalsOf(step))));
  if (size >= 1_000_000_000) return `${trimmed(value / 1_000_000_000)}G`;
  if (size >= 1_000_000) return `${trimmed(value / 1_000_000)}M`;
  if (size >= 10_000) return `${trimmed(value / 1_000)}k`;
  return trimmed(value);
}

export function durationText(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1_000) return `${Math.round(ms)} ms`;
  if (size < 60_000) return `${trimmed(ms / 1_000)} s`;
  if (size < 3_600_000) return `${trimmed(ms / 60_000)} min`;
  return `${trimmed(ms / 3_600_000)} h`;
}

/** Local wall-clock time, `14:03:27`. */
export function clockText(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return '–';
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

export function countText(count: number, noun: string): string {
  return `${WHOLE.format(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Digits behind the point that a multiple of `step` needs. */
function decimalsOf(step: number): number {
  let digits = 0;
  while (digits < 12 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) {
    digits++;
  }
  return digits;
}

function trimmed(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
