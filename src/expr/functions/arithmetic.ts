/**
 * Arithmetic and numeric functions. Anything but numbers gives null and counts a mismatch; results
 * that are not finite give null and count as such.
 */
import { compareSameType, typeOf } from '../../model/value-order.ts';
import type { Value } from '../../model/value.ts';
import type { EvalCounters } from '../context.ts';
import { finite, mismatch } from './contract.ts';
import type { FixedFunction, VariadicFunction } from './contract.ts';

type Binary = (a: number, b: number) => number;

export const ADD: Binary = (a, b) => a + b;
export const SUBTRACT: Binary = (a, b) => a - b;
export const MULTIPLY: Binary = (a, b) => a * b;
export const DIVIDE: Binary = (a, b) => a / b;
export const MODULO: Binary = (a, b) => a % b;

export const NUMERIC_FUNCTIONS: Readonly<Record<string, FixedFunction>> = {
  add: binary(ADD),
  subtract: binary(SUBTRACT),
  multiply: binary(MULTIPLY),
  divide: binary(DIVIDE),
  modulo: binary(MODULO),
  negate: unary((x) => -x),
  plus: unary((x) => x),
  abs: unary(Math.abs),
  floor: unary(Math.floor),
  ceil: unary(Math.ceil),
  sqrt: unary(Math.sqrt),
  ln: unary(Math.log),
  log10: unary(Math.log10),
  pow: binary((x, y) => x ** y),
  bucket: binary(bucketOf),
  log_bucket: binary(logBucketOf),
  round: (counters, x, digits) => {
    if (typeof x !== 'number') return mismatch(counters);
    if (digits === undefined) return roundTo(x, 0);
    return typeof digits === 'number' ? roundTo(x, digits) : mismatch(counters);
  },
  clamp: (counters, x, low, high) => {
    if (typeof x !== 'number' || typeof low !== 'number' || typeof high !== 'number') {
      return mismatch(counters);
    }
    return Math.max(low, Math.min(high, x));
  },
};

export const EXTREME_FUNCTIONS: Readonly<Record<string, VariadicFunction>> = {
  least: (counters, args) => extreme(counters, args, -1),
  greatest: (counters, args) => extreme(counters, args, 1),
};

function unary(apply: (x: number) => number): FixedFunction {
  return (counters, x) => (typeof x === 'number' ? finite(counters, apply(x)) : mismatch(counters));
}

function binary(apply: Binary): FixedFunction {
  return (counters, a, b) =>
    typeof a === 'number' && typeof b === 'number'
      ? finite(counters, apply(a, b))
      : mismatch(counters);
}

function bucketOf(x: number, width: number): number {
  return width > 0 ? Math.floor(x / width) * width : Number.NaN;
}

function logBucketOf(x: number, base: number): number {
  if (!(x > 0) || !(base > 1)) return Number.NaN;
  const power = Math.floor(Math.log(x) / Math.log(base));
  // The quotient of logarithms may be off by one unit in the last place at exact powers.
  if (base ** (power + 1) <= x) return base ** (power + 1);
  return base ** power > x ? base ** (power - 1) : base ** power;
}

const DIGITS_MAX = 20;
const WHOLE_FROM = 2 ** 52;

/** Half away from zero on the decimal digits (`1.005` to 2 digits is `1.01`), as PostgreSQL. */
function roundTo(x: number, digits: number): number {
  const places = Math.trunc(Math.max(-DIGITS_MAX, Math.min(DIGITS_MAX, digits)));
  if (places >= 0 && Math.abs(x) >= WHOLE_FROM) return x;
  const scaled = shiftDecimal(Math.abs(x), places);
  if (!Number.isFinite(scaled)) return x;
  return Math.sign(x) * shiftDecimal(Math.floor(scaled + 0.5), -places);
}

/** x · 10^places, read from decimal digits so that it is correctly rounded. */
function shiftDecimal(x: number, places: number): number {
  if (places === 0) return x;
  const [digits = '0', exponent = '0'] = String(x).split('e');
  return Number(`${digits}e${Number(exponent) + places}`);
}

function extreme(counters: EvalCounters, args: readonly Value[], sign: 1 | -1): Value {
  let best: Value = null;
  for (let i = 0; i < args.length; i += 1) {
    const value = args[i] ?? null;
    if (value === null) continue;
    if (best === null) {
      best = value;
      continue;
    }
    if (typeOf(best) !== typeOf(value)) return mismatch(counters);
    if (compareSameType(value, best) * sign > 0) best = value;
  }
  return best;
}
