/** What JSON makes of a publisher's value: what the engine would see if it were shipped. */
import { DEFAULTS } from '../config.ts';
import type { Value } from './value.ts';

/** What JSON cannot say (functions, cycles, what is nested too deeply) is null. */
export function plainValue(value: unknown): Value {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null ? null : copied(value);
    default:
      return null;
  }
}

function copied(value: object): Value {
  try {
    const text = JSON.stringify(value) as string | undefined;
    return text === undefined ? null : shallow(JSON.parse(text) as Value, DEFAULTS.depthMax);
  } catch {
    // A cycle, a throwing getter or `toJSON`.
    return null;
  }
}

function shallow(value: Value, levels: number): Value {
  return isDeeper(value, levels) ? null : value;
}

function isDeeper(value: Value, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const member of Object.values(value)) if (isDeeper(member, levels - 1)) return true;
  return false;
}
