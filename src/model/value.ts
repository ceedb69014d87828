/**
 * The values of the language: what JSON can say. A missing key and `null` are the same thing, so
 * `undefined` never stands for a value; readers turn it into `null`.
 * Equality, order and text follow docs/language.md, "Values and comparison".
 */
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [key: string]: Value };

export type ValueList = readonly Value[];
export interface ValueObject {
  readonly [key: string]: Value;
}

/** An immutable observation. Its keys are top-level JSON keys; they may contain dots. */
export type Event = ValueObject;

export function isList(value: Value): value is ValueList {
  return Array.isArray(value);
}

export function isObject(value: Value): value is ValueObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
