/** Scalar functions as queries may call them: the function table without its operators. */
import { FUNCTIONS, functionNamed } from '../ir/functions.ts';
import type { FunctionSignature } from '../ir/functions.ts';

/** By the name in IR calls, operators included. */
export function scalarFunction(name: string): FunctionSignature | null {
  return functionNamed(name);
}

/** By the name written in a query, in any case. */
export function callableFunction(name: string): FunctionSignature | null {
  const signature = functionNamed(name.toLowerCase());
  return signature === null || signature.family === 'operator' ? null : signature;
}

export const CALLABLE_NAMES: readonly string[] = FUNCTIONS.filter(
  (signature) => signature.family !== 'operator',
).map((signature) => signature.name);
