/**
 * Texts of values. {@link textOf} is what regular expressions, LIKE, `==+` and the string functions
 * see. {@link canonicalText} is an identity: equal values, and only they, have the same one.
 */
import { isList } from './value.ts';
import type { Value, ValueObject } from './value.ts';

/**
 * Strings as they are, numbers in shortest form (`2`), booleans as `true` and `false`, lists and
 * objects as compact JSON with their keys in their own order; null has no text.
 */
export function textOf(value: Value): string | null {
  if (typeof value === 'string') return value;
  if (value === null) return null;
  if (typeof value === 'number') return numberText(value);
  return JSON.stringify(value);
}

/** Compact JSON, `null` included. */
export function jsonText(value: Value): string {
  return JSON.stringify(value);
}

/** Shortest decimal form that reads back as the same double; −0 is `0`, non-finite is `null`. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return value === 0 ? '0' : String(value);
  return 'null';
}

/**
 * Compact JSON with object keys sorted and null members left out (a missing key and null are the
 * same thing), so that it depends on the value only.
 */
export function canonicalText(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalText).join(',')}]`;
  return canonicalObject(value);
}

function canonicalObject(value: ValueObject): string {
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = value[key] ?? null;
    if (member !== null) members.push(`${JSON.stringify(key)}:${canonicalText(member)}`);
  }
  return `{${members.join(',')}}`;
}
