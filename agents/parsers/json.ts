/** One JSON object a line. The event's time is the usual field that the first lines carry. */
import type { Event } from '../../src/model/value.ts';
import type { LineParser } from './contract.ts';

export function jsonParser(timeField: string | null): LineParser {
  return { name: 'json', timeField, timeStepMs: 1, parse: parseObject };
}

function parseObject(line: string): Event | null {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Event) : null;
  } catch {
    return null;
  }
}
