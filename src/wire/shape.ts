/**
 * Checks of JSON from a peer: each takes an unknown value and gives back a fresh, typed copy that
 * holds the known members only, or says where the value differs. Unknown members are ignored, so
 * that a newer peer may say more. No recursion, hence no depth to bound.
 */
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';

/** What is wrong and where, e.g. `streams[2].name: a text of at most 200 characters expected`. */
export type ShapeFault = string;

export type Check<T> = (value: unknown, at: string) => Result<T, ShapeFault>;

export function text(lengthMax: number, lengthMin = 0): Check<string> {
  return (value, at) => {
    if (typeof value === 'string' && value.length <= lengthMax && value.length >= lengthMin) {
      return ok(value);
    }
    return err(`${at}: a text of ${lengthMin} to ${lengthMax} characters expected`);
  };
}

/** A finite number in [min, max]. */
export function number(min: number, max: number): Check<number> {
  return (value, at) => {
    if (typeof value === 'number' && value >= min && value <= max) return ok(value);
    return err(`${at}: a number from ${min} to ${max} expected`);
  };
}

/** A whole number in [min, max]. */
export function whole(min: number, max: number = Number.MAX_SAFE_INTEGER): Check<number> {
  return (value, at) => {
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) {
      return ok(value as number);
    }
    return err(`${at}: a whole number from ${min} to ${max} expected`);
  };
}

export const flag: Check<boolean> = (value, at) =>
  typeof value === 'boolean' ? ok(value) : err(`${at}: true or false expected`);

export function oneOf<const T extends string>(...words: readonly T[]): Check<T> {
  return (value, at) => {
    const word = words.find((candidate) => candidate === value);
    return word === undefined ? err(`${at}: one of ${words.join(', ')} expected`) : ok(word);
  };
}

/** Null or missing gives null. */
export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, at) => (value === null || value === undefined ? ok(null) : check(value, at));
}

/** Null or missing gives `value`. */
export function absentAs<T>(check: Check<T>, value: T): Check<T> {
  return (given, at) => (given === null || given === undefined ? ok(value) : check(given, at));
}

export function list<T>(check: Check<T>, lengthMax: number): Check<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) return err(`${at}: a list expected`);
    if (value.length > lengthMax) return err(`${at}: at most ${lengthMax} items`);
    const items: T[] = [];
    for (let i = 0; i < value.length; i++) {
      const item = check(value[i], `${at}[${i}]`);
      if (!item.ok) return item;
      items.push(item.value);
    }
    return ok(items);
  };
}

/** An object with any keys, all values alike. */
export function record<T>(
  check: Check<T>,
  bounds: { readonly keysMax: number; readonly keyLengthMax: number },
): Check<Readonly<Record<string, T>>> {
  return (value, at) => {
    if (!isPlainObject(value)) return err(`${at}: an object expected`);
    const keys = Object.keys(value);
    if (keys.length > bounds.keysMax) return err(`${at}: at most ${bounds.keysMax} keys`);
    const entries: [string, T][] = [];
    for (const key of keys) {
      if (key.length > bounds.keyLengthMax) return err(`${at}: a key is too long`);
      const item = check(value[key], `${at}.${key}`);
      if (!item.ok) return item;
      entries.push([key, item.value]);
    }
    // fromEntries defines own properties, so a key `__proto__` stays a key.
    return ok(Object.fromEntries(entries));
  };
}

export function object<T>(shape: { readonly [K in keyof T]-?: Check<T[K]> }): Check<T> {
  const names = Object.keys(shape) as (keyof T & string)[];
  return (value, at) => {
    if (!isPlainObject(value)) return err(`${at === '' ? 'message' : at}: an object expected`);
    const copy: Partial<T> = {};
    for (const name of names) {
      const member = Object.hasOwn(value, name) ? value[name] : undefined;
      const checked = shape[name](member, at === '' ? name : `${at}.${name}`);
      if (!checked.ok) return checked;
      copy[name] = checked.value;
    }
    return ok(copy as T);
  };
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
