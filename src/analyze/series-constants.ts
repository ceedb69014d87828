/**
 * The constants of series functions: weights, numbers of windows, times. They are known when the
 * query is submitted; a time where windows are counted becomes as many windows.
 */
import type { Expression } from '../../grammar/ast.ts';
import type { SeriesConstant } from '../series/contract.ts';
import { durationText } from './amounts.ts';
import type { AnalysisContext } from './context.ts';
import { constantNumber } from './lower-aggregate.ts';

/** What the constant should have been, for the message. */
export interface Wanted {
  readonly wanted: string;
}

/** @param node Null: left out. `slideMs`: from one window to the next. */
export function readSeriesConstant(
  node: Expression | null,
  constant: SeriesConstant,
  slideMs: number,
  context: AnalysisContext,
): number | Wanted {
  if (node === null) return constant.default ?? { wanted: 'given' };
  const isDuration = node.kind === 'duration';
  const value = isDuration ? node.valueMs : constantNumber(node, context);
  switch (constant.kind) {
    case 'share':
    case 'number':
      return isDuration || !isBetween(value, constant) ? { wanted: rangeText(constant) } : value;
    case 'windows': {
      const windows = isDuration && value !== null ? value / slideMs : value;
      return isBetween(windows, constant) && Number.isInteger(windows)
        ? windows
        : { wanted: windowsText(constant, slideMs) };
    }
    case 'duration':
      return value !== null && fitsDuration(value, constant, slideMs)
        ? value
        : { wanted: durationRange(constant, slideMs) };
  }
}

function isBetween(value: number | null, { min, max }: SeriesConstant): value is number {
  return value !== null && value >= min && value <= max;
}

function rangeText({ kind, min }: SeriesConstant): string {
  if (kind === 'number') return 'a number';
  return min > 0 ? 'a number above 0 and at most 1' : 'a number between 0 and 1';
}

function windowsText({ min, max }: SeriesConstant, slideMs: number): string {
  const each = durationText(slideMs);
  return `${min} to ${max} windows, or a time that is (each begins ${each} later)`;
}

function fitsDuration(ms: number, { min, max }: SeriesConstant, slideMs: number): boolean {
  const windows = ms / slideMs;
  return Number.isInteger(windows) && windows >= min && ms <= max;
}

function durationRange({ min, max }: SeriesConstant, slideMs: number): string {
  const low = durationText(min * slideMs);
  const high = durationText(max);
  const each = durationText(slideMs);
  return `a time of whole windows (each begins ${each} later) from ${low} to ${high}`;
}
