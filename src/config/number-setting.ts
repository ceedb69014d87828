/** One setting that is a number: default, unit, bounds, and what it means. */
export interface NumberSetting {
  readonly default: number;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly doc: string;
}

export function setting(
  defaultValue: number,
  unit: string,
  bounds: readonly [number, number],
  doc: string,
): NumberSetting {
  return { default: defaultValue, unit, min: bounds[0], max: bounds[1], doc };
}

export const KIB = 1024;
export const MIB = 1024 * 1024;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
