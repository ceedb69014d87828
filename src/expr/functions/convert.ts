/** Conversions. What cannot be converted gives null and counts a mismatch; null is just null. */
import { typeOf } from '../../model/value-order.ts';
import { textOf } from '../../model/value-text.ts';
import type { Value } from '../../model/value.ts';
import type { EvalCounters } from '../context.ts';
import { finite, mismatch } from './contract.ts';
import type { FixedFunction } from './contract.ts';

export const CONVERT_FUNCTIONS: Readonly<Record<string, FixedFunction>> = {
  to_number: toNumber,
  to_string: (_counters, x) => textOf(x),
  to_boolean: toBoolean,
  typeof: (_counters, x) => typeOf(x),
};

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const TRUE_WORDS: ReadonlySet<string> = new Set(['true', 't', 'yes', 'y', 'on', '1']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['false', 'f', 'no', 'n', 'off', '0']);

function toNumber(counters: EvalCounters, x: Value): Value {
  if (x === null || typeof x === 'number') return x;
  if (typeof x === 'boolean') return x ? 1 : 0;
  if (typeof x !== 'string') return mismatch(counters);
  const text = x.trim();
  return DECIMAL.test(text) ? finite(counters, Number(text)) : mismatch(counters);
}

function toBoolean(counters: EvalCounters, x: Value): Value {
  if (x === null || typeof x === 'boolean') return x;
  if (typeof x === 'number') return x === 0 || x === 1 ? x === 1 : mismatch(counters);
  if (typeof x !== 'string') return mismatch(counters);
  const word = x.trim().toLowerCase();
  if (TRUE_WORDS.has(word)) return true;
  return FALSE_WORDS.has(word) ? false : mismatch(counters);
}
