/**
 * Group identity: a tuple of values ⇒ one string, equal exactly when the tuples are equal member by
 * member (1 and 1.0 one group, missing and null one group). Every part is self-delimiting, so no
 * choice of strings can make two different tuples collide.
 */
import { canonicalText, numberText } from './value-text.ts';
import type { Value } from './value.ts';

export function groupKey(values: readonly Value[]): string {
  if (values.length === 1) return groupKeyPart(values[0] ?? null);
  let key = '';
  for (let i = 0; i < values.length; i += 1) key += groupKeyPart(values[i] ?? null);
  return key;
}

/** The key of one value; a tuple's key is the concatenation of its parts. */
export function groupKeyPart(value: Value): string {
  if (typeof value === 'string') return `s${value.length}:${value}`;
  if (typeof value === 'number') return `d${numberText(value)};`;
  if (value === null) return 'n';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  const text = canonicalText(value);
  return `j${text.length}:${text}`;
}
