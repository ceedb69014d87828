/** Pieces of random query texts, put together. */
import fc from 'fast-check';

export type Text = fc.Arbitrary<string>;

export const nothing: Text = fc.constant('');

export function join(separator: string, ...parts: readonly Text[]): Text {
  return fc.tuple(...parts).map((texts) => texts.join(separator));
}

export function spaced(...parts: readonly (Text | string)[]): Text {
  return join(' ', ...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)));
}

export function clauses(parts: readonly Text[]): Text {
  return join('', ...parts);
}

/** One of the texts. */
export function one(...texts: readonly string[]): Text {
  return fc.constantFrom(...texts);
}
