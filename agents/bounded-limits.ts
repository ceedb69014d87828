/**
 * Limits as a service gives them: within the bounds of the settings, whatever was given, because an
 * agent does not throw into its service.
 */
import { configWith, NUMBER_SETTINGS } from '../src/config.ts';
import type { Config, NumberSettingName } from '../src/config.ts';

/** What takes effect, and a sentence for each that was not taken as it was given. */
export interface BoundedLimits {
  readonly limits: Config;
  readonly complaints: readonly string[];
}

/** `before`: what holds where nothing is said. Default: the defaults. */
export function boundedLimits(
  changes: Partial<Config>,
  before: Config = configWith({}),
): BoundedLimits {
  const limits: Record<string, number> = { ...before };
  const complaints: string[] = [];
  for (const [name, value] of Object.entries(changes)) {
    if (!isSetting(name)) {
      complaints.push(`there is no setting ${name}`);
      continue;
    }
    const { min, max, unit } = NUMBER_SETTINGS[name];
    if (typeof value !== 'number' || Number.isNaN(value)) {
      complaints.push(`${name} is a number (${unit})`);
      continue;
    }
    limits[name] = Math.min(max, Math.max(min, value));
    if (limits[name] !== value) complaints.push(`${name} goes from ${min} to ${max} ${unit}`);
  }
  return { limits: limits as Config, complaints };
}

function isSetting(name: string): name is NumberSettingName {
  return Object.hasOwn(NUMBER_SETTINGS, name);
}
