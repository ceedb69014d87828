/**
 * Values, attributes and times of OTLP as ours. Reads the JSON mapping, whether it came as JSON or
 * was made of protobuf, and takes anything: what has the wrong type is as if it were not there.
 */
import type { Value, ValueObject } from '../model/value.ts';
import { setOwn } from './own-property.ts';

type Json = Readonly<Record<string, unknown>>;

const NS_PER_MS = 1e6;

export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : NO_MEMBERS;
}

const NO_MEMBERS: Json = {};

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NOTHING;
}

const NOTHING: readonly unknown[] = [];

/** Null for empty texts, which are protobuf's way to say that there is none. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** 64-bit numbers are texts in JSON, and `NaN` and the infinities too. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** A whole number that doubles cannot say exactly keeps its digits, as a text. */
export function wholeOf(value: unknown): number | string | null {
  const number = numberOf(value);
  if (typeof value !== 'string' || number === null || Number.isSafeInteger(number)) return number;
  return value;
}

/** Milliseconds since 1970, to a quarter of a microsecond; null: none was given. */
export function msOf(nanoseconds: unknown): number | null {
  const number = numberOf(nanoseconds);
  return number === null || number === 0 ? null : number / NS_PER_MS;
}

export function numbersOf(value: unknown): readonly (number | null)[] {
  return listOf(value).map(numberOf);
}

/** Null where there are none. @throws RangeError for what is nested deeper than `depth`. */
export function attributesOf(list: unknown, depth: number): ValueObject | null {
  const pairs = listOf(list);
  if (pairs.length === 0) return null;
  const attributes: Record<string, Value> = {};
  for (let i = 0; i < pairs.length; i++) {
    const { key, value } = objectOf(pairs[i]);
    if (typeof key === 'string') setOwn(attributes, key, valueOf(value, depth));
  }
  return attributes;
}

/** An AnyValue. @throws RangeError for what is nested deeper than `depth`. */
export function valueOf(any: unknown, depth: number): Value {
  if (depth === 0) throw new RangeError('values are nested too deeply');
  const value = objectOf(any);
  if (typeof value['stringValue'] === 'string') return value['stringValue'];
  if (typeof value['boolValue'] === 'boolean') return value['boolValue'];
  if (value['intValue'] !== undefined) return wholeOf(value['intValue']);
  if (value['doubleValue'] !== undefined) return numberOf(value['doubleValue']);
  if (value['arrayValue'] !== undefined) {
    return listOf(objectOf(value['arrayValue'])['values']).map((item) => valueOf(item, depth - 1));
  }
  if (value['kvlistValue'] !== undefined) {
    return attributesOf(objectOf(value['kvlistValue'])['values'], depth - 1) ?? {};
  }
  return textOf(value['bytesValue']);
}
