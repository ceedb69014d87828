/**
 * Values, numbers and times as people read them. Telemetry is untrusted: texts are cut to a bound
 * and stripped of control and direction-changing characters; they only ever become text nodes.
 */
import { CELL_TEXT_MAX } from './limits.ts';
import { clockParts, dateParts } from './time-zone.ts';

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

/** A text whose line ends stay; everything else that could act up does not. */
export function safeLines(text: string, linesMax: number): string {
  const lines = text.split('\n', linesMax + 1);
  const shown = lines.slice(0, linesMax).map((line) => safeText(line, LINE_TEXT_MAX));
  return [...shown, ...(lines.length > linesMax ? ['…'] : [])].join('\n');
}

const LINE_TEXT_MAX = 2_000;

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

/** A level or mean: digits beyond the third are noise. */
export function levelText(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) >= 1_000 ? numberText(rounded) : String(rounded);
}

/** A cell of the table: no thousands are folded away, and columns named like times read as such. */
export function cellText(value: unknown, column: string): string {
  if (Array.isArray(value)) return listText(value);
  if (typeof value !== 'number' || !Number.isFinite(value)) return valueText(value);
  if (isTimeOf(value, column))
    return `${clockText(value)}.${String(value % 1_000).padStart(3, '0')}`;
  if (Number.isInteger(value)) return WHOLE.format(value);
  return Math.abs(value) < 0.001 ? value.toExponential(3) : FINE.format(value);
}

/** What TOPK and HISTOGRAM give reads as `tv 187 · phone 100` and `128 – 160: 3 · …`. */
function listText(list: readonly unknown[]): string {
  const parts = list.slice(0, LIST_PARTS_MAX).map((item) => {
    if (typeof item !== 'object' || item === null || !('count' in item)) return null;
    const { value, from, to, count } = item as Readonly<Record<string, unknown>>;
    if (typeof count !== 'number') return null;
    if (typeof from === 'number' && typeof to === 'number') {
      return `${numberText(from)} – ${numberText(to)}: ${numberText(count)}`;
    }
    return `${valueText(value)} ${numberText(count)}`;
  });
  if (list.length === 0 || parts.includes(null)) return valueText(list);
  return safeText(`${parts.join(' · ')}${list.length > parts.length ? ' · …' : ''}`);
}

const LIST_PARTS_MAX = 12;

/** Whole milliseconds between 2001 and 2096 in a column that is named like a time. */
function isTimeOf(value: number, column: string): boolean {
  if (!Number.isInteger(value) || value < 1e12 || value > 4e12) return false;
  return /^(?:ts|@?time(?:stamp)?|window_(?:start|end)|.*_(?:at|ts|time))$/i.test(column);
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

/** Of memory and messages: `640 B`, `1.5 KiB`, `139 MiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${WHOLE.format(bytes)} B`;
  if (bytes < 1_024 ** 2) return `${trimmed(bytes / 1_024)} KiB`;
  return `${trimmed(bytes / 1_024 ** 2)} MiB`;
}

/** A sentence of the engine, its numbers with as many digits as people read. */
export function readableText(text: string, max?: number): string {
  return safeText(text, max).replace(/\d+\.\d{4,}(?:e[+-]?\d+)?/g, (digits) =>
    numberText(Number(digits)),
  );
}

export function durationText(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1_000) return `${Math.round(ms)} ms`;
  if (size < 60_000) return `${trimmed(ms / 1_000)} s`;
  if (size < 3_600_000) return `${trimmed(ms / 60_000)} min`;
  return `${trimmed(ms / 3_600_000)} h`;
}

/** Wall-clock time in the chosen zone, `14:03:27`. */
export function clockText(ms: number): string {
  return isDate(ms) ? clockParts(ms).map(twoDigits).join(':') : '–';
}

/** `2026-03-01 14:03:27`, in the chosen zone. */
export function dateText(ms: number): string {
  return isDate(ms) ? `${dateParts(ms).map(twoDigits).join('-')} ${clockText(ms)}` : '–';
}

function isDate(ms: number): boolean {
  return Math.abs(ms) <= DATE_MS_MAX;
}

/** What a Date can hold, either side of 1970. */
const DATE_MS_MAX = 8.64e15;

/** How long ago, in one unit: `12 s`, `3 min`, `5 h`, `2 d`. */
export function agoText(ms: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - ms) / 1_000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export function countText(count: number, noun: string, plural = `${noun}s`): string {
  return `${WHOLE.format(count)} ${count === 1 ? noun : plural}`;
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
