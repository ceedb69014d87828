/**
 * Equality and truth. `=` is deep, compares numbers as numbers (1 = 1.0, 0 = −0), never mixes
 * types, and treats null as a value. A missing key and null are the same thing, inside objects too.
 */
import { isList, isObject } from './value.ts';
import type { Value, ValueList, ValueObject } from './value.ts';

export function valuesEqual(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isList(a)) return isList(b) && listsEqual(a, b);
  return isObject(b) && objectsEqual(a, b);
}

/** Null and false are false; everything else is true, 0 and '' included. */
export function isTruthy(value: Value): boolean {
  return value !== null && value !== false;
}

function listsEqual(a: ValueList, b: ValueList): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) {
    if (!valuesEqual(a[i] ?? null, b[i] ?? null)) return false;
  }
  return true;
}

function objectsEqual(a: ValueObject, b: ValueObject): boolean {
  for (const key of Object.keys(a)) {
    if (!valuesEqual(a[key] ?? null, memberOf(b, key))) return false;
  }
  for (const key of Object.keys(b)) {
    if ((b[key] ?? null) !== null && !Object.hasOwn(a, key)) return false;
  }
  return true;
}

/** An own member; null when it is missing. Inherited names such as `constructor` are missing. */
export function memberOf(object: ValueObject, key: string): Value {
  return Object.hasOwn(object, key) ? (object[key] ?? null) : null;
}
