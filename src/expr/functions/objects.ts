/** Functions over objects. What is no object has no keys. */
import { isObject } from '../../model/value.ts';
import type { Value } from '../../model/value.ts';
import type { VariadicFunction } from './contract.ts';

export const OBJECT_VARIADICS: Readonly<Record<string, VariadicFunction>> = {
  merge: (_counters, args) => {
    const members = new Map<string, Value>();
    for (const object of args) {
      if (!isObject(object)) continue;
      for (const [key, value] of Object.entries(object)) {
        if (value !== null && !members.has(key)) members.set(key, value);
      }
    }
    // Object.fromEntries defines own properties, so a key `__proto__` stays a key.
    return Object.fromEntries(members);
  },
};
