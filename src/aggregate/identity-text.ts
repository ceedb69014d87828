/**
 * A text for every value that is the same for equal values and leads back to the value: `"` and the
 * raw characters for a string, canonical JSON for anything else. Cheap where values are strings,
 * which is nearly always.
 */
import { canonicalText } from '../model/value-text.ts';
import type { Value } from '../model/value.ts';

const STRING_MARK = '"';

export function identityText(value: Value): string {
  return typeof value === 'string' ? STRING_MARK + value : canonicalText(value);
}

/** The inverse of {@link identityText}. */
export function valueOfIdentity(text: string): Value {
  return text.startsWith(STRING_MARK) ? text.slice(1) : (JSON.parse(text) as Value);
}
