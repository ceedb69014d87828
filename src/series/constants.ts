/** Kinds of constants that several series functions take. */
import { DEFAULTS } from '../config.ts';
import type { SeriesConstant } from './contract.ts';

/** A weight of the newest value, above 0. */
export const WEIGHT: SeriesConstant = {
  name: 'alpha',
  kind: 'share',
  min: Number.MIN_VALUE,
  max: 1,
  default: null,
};

/** A number of windows to look back over, from `min` on. */
export function windowsConstant(name: string, min: number): SeriesConstant {
  return { name, kind: 'windows', min, max: DEFAULTS.seriesWindowsMax, default: null };
}
