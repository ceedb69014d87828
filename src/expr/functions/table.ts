/**
 * Name → implementation for every call that evaluates all of its arguments. What needs the row, a
 * constant or laziness (`now`, `regexp_extract`, `like`, `coalesce`, `if`) is compiled in
 * `expr/call.ts`; together they cover `ir/functions.ts` (a test holds them equal).
 */
import { EXTREME_FUNCTIONS, NUMERIC_FUNCTIONS } from './arithmetic.ts';
import { COMPARE_FUNCTIONS } from './compare.ts';
import type { FixedFunction, VariadicFunction } from './contract.ts';
import { CONVERT_FUNCTIONS } from './convert.ts';
import { HASH_FUNCTIONS } from './hash.ts';
import { OBJECT_VARIADICS } from './objects.ts';
import { PRIVACY_FUNCTIONS } from './privacy.ts';
import { TEXT_FUNCTIONS, TEXT_VARIADICS } from './text.ts';
import { TIME_FUNCTIONS } from './time.ts';

export const FIXED_FUNCTIONS: ReadonlyMap<string, FixedFunction> = new Map(
  [
    NUMERIC_FUNCTIONS,
    COMPARE_FUNCTIONS,
    TEXT_FUNCTIONS,
    CONVERT_FUNCTIONS,
    TIME_FUNCTIONS,
    HASH_FUNCTIONS,
    PRIVACY_FUNCTIONS,
  ].flatMap((family) => Object.entries(family)),
);

export const VARIADIC_FUNCTIONS: ReadonlyMap<string, VariadicFunction> = new Map(
  [EXTREME_FUNCTIONS, OBJECT_VARIADICS, TEXT_VARIADICS].flatMap((family) => Object.entries(family)),
);
