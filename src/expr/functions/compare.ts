/**
 * Comparison operators over values. Equality never counts anything; an order that does not exist
 * (different types, a null) is false and counts a mismatch.
 */
import { valuesEqual } from '../../model/value-equality.ts';
import { compareSameType } from '../../model/value-order.ts';
import { textOf } from '../../model/value-text.ts';
import type { Value } from '../../model/value.ts';
import type { EvalCounters } from '../context.ts';
import type { FixedFunction } from './contract.ts';

export const COMPARE_FUNCTIONS: Readonly<Record<string, FixedFunction>> = {
  eq: (_counters, a, b = null) => valuesEqual(a, b),
  ne: (_counters, a, b = null) => !valuesEqual(a, b),
  lt: (counters, a, b = null) => orderOf(counters, a, b) < 0,
  le: (counters, a, b = null) => orderOf(counters, a, b) <= 0,
  gt: (counters, a, b = null) => orderOf(counters, a, b) > 0,
  ge: (counters, a, b = null) => orderOf(counters, a, b) >= 0,
  is_null: (_counters, a) => a === null,
  exists: (_counters, a) => a !== null,
  contains_text: (_counters, a, b = null) => containsText(a, b),
};

/** NaN, counted, if the two have no order. */
export function orderOf(counters: EvalCounters, a: Value, b: Value): number {
  const order = compareSameType(a, b);
  if (Number.isNaN(order)) counters.typeMismatches += 1;
  return order;
}

export function containsText(a: Value, b: Value): boolean {
  if (a === null || b === null) return false;
  return (textOf(a) ?? '').includes(textOf(b) ?? '');
}
