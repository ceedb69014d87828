/**
 * Parameters of a query: as a JSON object, or in a URL as `p.name=value`. In a URL a value that
 * reads as a JSON number, `true`, `false`, `null` or JSON text in quotes is that; all else is text.
 */
import { EngineError } from '../core/errors.ts';
import type { Value, ValueObject } from '../model/value.ts';

const PREFIX = 'p.';
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
const COUNT_MAX = 100;

/** @throws EngineError ENGINE_BAD_REQUEST */
export function paramsFromUrl(search: URLSearchParams): ValueObject {
  const entries: [string, Value][] = [];
  for (const [key, text] of search) {
    if (key.startsWith(PREFIX)) entries.push([key.slice(PREFIX.length), scalarFrom(text)]);
  }
  return paramsFrom(entries);
}

/** @throws EngineError ENGINE_BAD_REQUEST */
export function paramsFromJson(value: unknown, depthMax: number): ValueObject {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw badParams('must be an object');
  if (!isShallow(value, depthMax)) throw badParams(`may nest ${depthMax} levels`);
  return paramsFrom(Object.entries(value) as [string, Value][]);
}

function paramsFrom(entries: readonly [string, Value][]): ValueObject {
  if (entries.length > COUNT_MAX) throw badParams(`may be ${COUNT_MAX} at most`);
  const params: Record<string, Value> = Object.create(null) as Record<string, Value>;
  for (const [name, value] of entries) {
    if (!NAME.test(name)) throw badParams('are named by letters, digits and _');
    params[name] = value;
  }
  return { ...params };
}

function scalarFrom(text: string): Value {
  if (!/^(?:-?\d|"|true$|false$|null$)/.test(text)) return text;
  try {
    const value = JSON.parse(text) as Value;
    return typeof value === 'number' && !Number.isFinite(value) ? text : value;
  } catch {
    // It only began like a number or a quoted text, as 10s does.
    return text;
  }
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  return Object.values(value).every((child) => isShallow(child, levels - 1));
}

function badParams(rule: string): EngineError {
  return new EngineError('ENGINE_BAD_REQUEST', `Parameters ${rule}.`, {
    data: { parameter: 'params' },
  });
}
