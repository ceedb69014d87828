/** Members under names that others chose. */
import type { Value } from '../model/value.ts';

/** Assignment would take `__proto__` for the prototype. */
export function setOwn<T extends Value>(object: Record<string, T>, key: string, value: T): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true });
}
