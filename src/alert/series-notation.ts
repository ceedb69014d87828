/**
 * Series of values in one line, as unit tests of rules write them: one value a window.
 *
 * ```text
 *   5x3        5 5 5
 *   5+2x4      5 7 9 11
 *   100-10x3   100 90 80
 *   _x2        no row in two windows
 *   null       a row without the value
 * ```
 */
import type { Result } from '../core/result.ts';

/** Windows of one series. */
const SERIES_MAX = 100_000;

/** Undefined: there is no row in that window. */
export type SeriesValue = number | null | undefined;

const TOKEN = /^(?:(_|null)|(-?\d+(?:\.\d+)?)(?:([+-]\d+(?:\.\d+)?))?)(?:x(\d+))?$/;

/** The error is what is wrong, in words. */
export function readSeries(text: string): Result<SeriesValue[], string> {
  const values: SeriesValue[] = [];
  for (const token of text.trim().split(/\s+/)) {
    const match = TOKEN.exec(token);
    if (match === null) return { ok: false, error: `\`${token}\` is no part of a series` };
    const [, word, start, increment = '0', times = '1'] = match;
    const count = Number(times);
    if (values.length + count > SERIES_MAX) {
      return { ok: false, error: `a series has at most ${SERIES_MAX} values` };
    }
    for (let i = 0; i < count; i++) {
      if (word !== undefined) values.push(word === '_' ? undefined : null);
      else values.push(Number(start) + i * Number(increment));
    }
  }
  return { ok: true, value: values };
}

/** Whether a text is meant as a series, and not as the value of a column. */
export function isSeries(text: string): boolean {
  return text
    .trim()
    .split(/\s+/)
    .every((token) => TOKEN.test(token));
}
